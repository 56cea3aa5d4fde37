"""Question2Answer (`qa-theme-base.php`, and `qa_post_html_fields` of `app/format.php`), with the comments."""

from __future__ import annotations

from selectolax.lexbor import LexborNode

from extractor.forums.element_text import first, number_in
from extractor.forums.engine import Engine
from extractor.html.regions import ancestors, classes_of

_POSTS = frozenset(("qa-q-view", "qa-a-list-item"))


class _Question2Answer(Engine):
    def score_of(self, post: LexborNode) -> int | None:
        """Return its own votes, not those of the comments inside it. A dash is a minus sign."""
        number = self.id_of(post) or ""
        votes = post.css_first(f"#voting_{number}") if number.isdecimal() else None
        if votes is None:
            return None
        up, down = (number_in(first(votes, (f".qa-{way}vote-count-data",))) for way in ("up", "down"))
        net = number_in((first(votes, (".qa-netvote-count-data",)) or "").replace("\N{EN DASH}", "-"))
        return up - (down or 0) if net is None and up is not None else net

    def answers_of(self, post: LexborNode) -> str | None:
        """Return the post above a comment."""
        if "qa-c-list-item" not in classes_of(post):
            return None
        return next((self.id_of(node) for node in ancestors(post) if not _POSTS.isdisjoint(classes_of(node))), None)


def _of_each(place: str) -> tuple[str, ...]:
    """Return the place in a question, an answer and a comment, since an answer contains its comments."""
    return tuple(place.format(kind) for kind in ("qa-q-view", "qa-a-item", "qa-c-item"))


QUESTION2ANSWER = _Question2Answer(
    name="question2answer",
    sign="div.qa-q-view,div.qa-q-list-item",
    post="div.qa-q-view,div.qa-a-list-item,div.qa-c-list-item",
    body=_of_each(".{}-content"),
    author=_of_each(".{}-who-data"),
    time=(*_of_each(".{}-when time"), *_of_each(".{}-when .value-title@title"), *_of_each(".{}-when")),
    permalink=_of_each("a.{}-what@href"),
    title=("h1 [itemprop=name]", ".qa-main-heading h1 a", "h1"),
    board=(".qa-q-view-where .qa-category-link",),
    tags=".qa-q-view-tags .qa-tag-link",
    pager=".qa-page-links",
    current=(".qa-page-links .qa-page-selected",),
    next="a.qa-page-next",
    later=((r"([?&])(?:start|show)=\d+&?", r"\1"), (r"[?&]$", "")),
    row=".qa-q-list-item",
    thread_link=".qa-q-item-title a",
    replies=(".qa-a-count-data",),
    last_post=("a.qa-q-item-what[href*='show='] ~ .qa-q-item-when",),
    board_link=".qa-q-item-where .qa-category-link",
)
