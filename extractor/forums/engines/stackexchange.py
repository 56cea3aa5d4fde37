"""Stack Exchange: a question and its answers; comments under them are not posts."""

from __future__ import annotations

from selectolax.lexbor import LexborNode

from extractor.forums.element_text import name_at
from extractor.forums.engine import Engine


class _StackExchange(Engine):
    def author_of(self, post: LexborNode) -> str | None:
        """Return the author: the last card; a card before it is the editor's."""
        cards = post.css(".post-layout .post-signature,.post-signature")
        return next(filter(None, (name_at(card, self.author) for card in reversed(cards))), None)


STACKEXCHANGE = _StackExchange(
    name="stackexchange",
    sign="#question .js-post-body,div.answer .js-post-body,.s-post-summary[id^=question-summary-]",
    post="#question,div.answer",
    body=(".js-post-body", ".post-text"),
    author=(".user-details [itemprop=name]", ".user-details a", ".user-details"),
    time=(
        ".post-signature:last-child .user-action-time .relativetime@title",
        ".post-signature .user-action-time .relativetime@title",
        "time",
        ".user-action-time",
    ),
    id=("@data-questionid", "@data-answerid", "a.js-share-link@href", "@id"),
    id_pattern=r"^(?:/[qa]/)?(?:answer-)?(\d+)",
    permalink=("a.js-share-link@href",),
    dropped=".js-post-notice,.js-code-copy",
    score=(".js-vote-count@data-value", ".js-vote-count"),
    title=("#question-header h1", "h1"),
    tags=".post-taglist .post-tag",
    pager=".s-pagination,.pager",
    current=(".s-pagination .is-selected",),
    next="link[rel=next],.s-pagination a[rel=next]",
    later=((r"([?&])page=\d+&?", r"\1"), (r"/\d+#\d+$", ""), (r"[?&]$", "")),
    row=".s-post-summary[id^=question-summary-]",
    thread_link="a.s-link",
    replies=(".s-post-summary--stats-item:nth-child(2) .s-post-summary--stats-item-number",),
    last_post=(".s-user-card--time .relativetime",),
)
