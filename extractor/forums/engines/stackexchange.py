"""Stack Exchange: a question and its answers, each followed by the comments under it.

Numbers of comments are counted apart from those of questions and answers, so the id of a comment is `comment-782490`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from selectolax.lexbor import LexborNode

from extractor.forums.element_text import first, name_at, node_at, number_in
from extractor.forums.engine import MOST_POSTS, Engine
from extractor.forums.times import ShownTime
from extractor.html.page import Page
from extractor.html.regions import ancestors, classes_of
from extractor.values.thread import Thread

_NUMBER = re.compile(r"\d+")


class _StackExchange(Engine):
    def author_of(self, post: LexborNode) -> str | None:
        """Return the author: of a post, the last card; a card before it is the editor's."""
        if _is_comment(post):
            return name_at(post, (".comment-user",))
        cards = post.css(".post-layout .post-signature,.post-signature")
        return next(filter(None, (name_at(card, self.author) for card in reversed(cards))), None)

    def id_of(self, post: LexborNode) -> str | None:
        return post.attributes.get("id") if _is_comment(post) else super().id_of(post)

    def time_of(self, post: LexborNode) -> ShownTime:
        """Return the time; the title of a comment's names its licence, too: `2016-07-28 13:42:44Z, License: …`."""
        if not _is_comment(post):
            return super().time_of(post)
        exact = first(post, (".comment-date .relativetime-clean@title", ".comment-date [title]@title"))
        return ShownTime(exact.partition(",")[0] if exact else None, first(post, (".comment-date",)))

    def score_of(self, post: LexborNode) -> int | None:
        if _is_comment(post):
            return number_in(first(post, (".comment-score .cool,.comment-score .warm,.comment-score .hot", _SCORE)))
        return super().score_of(post)

    def answers_of(self, post: LexborNode) -> str | None:
        """Return the post that a comment is under."""
        if not _is_comment(post):
            return None
        listed = next((node for node in ancestors(post) if "comments" in classes_of(node)), None)
        return _commented(listed) if listed is not None else None

    def thread(self, page: Page, at: datetime | None = None) -> Thread | None:
        """Return the thread, with the posts of which the page shows some comments only on a click."""
        thread = super().thread(page, at)
        lists = page.tree.css(".comments .js-comments-list[data-remaining-comments-count]")
        short = (node.parent for node in lists if node.attributes.get("data-remaining-comments-count") not in _NONE)
        folded = tuple(filter(None, (_commented(listed) for listed in short if listed is not None)))
        return replace(thread, folded=folded) if thread is not None else None

    def _posts(self, page: Page) -> Iterator[tuple[LexborNode, LexborNode]]:
        """Yield each post with its body, which is none of its comments'."""
        for node in page.tree.css(self.post)[:MOST_POSTS]:
            body = node_at(node, (".comment-copy",) if _is_comment(node) else self.body)
            if body is not None:
                yield node, body


_SCORE = "@data-comment-score"
_NONE = (None, "", "0")


def _is_comment(post: LexborNode) -> bool:
    return "comment" in classes_of(post)


def _commented(listed: LexborNode) -> str | None:
    """Return the post that a list of comments is under."""
    number = _NUMBER.search(listed.attributes.get("data-post-id") or listed.attributes.get("id") or "")
    return number[0] if number else None


STACKEXCHANGE = _StackExchange(
    name="stackexchange",
    sign="#question .js-post-body,div.answer .js-post-body,.s-post-summary[id^=question-summary-]",
    post="#question,div.answer,.comments .comment[id^=comment-]",
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
