"""The comments of WordPress: of classic themes (`Walker_Comment`: html5_comment, comment), of themes with markup of
their own, and of themes made of blocks (`core/comment-template`). The article above them is not a post.

Whatever a theme writes, `comment_class()` names a comment `comment` and `depth-1`, and its id ends with its number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborNode

from extractor.forums.element_text import first
from extractor.forums.engine import Engine
from extractor.forums.quotations import quoted_name
from extractor.html.page import Page
from extractor.html.regions import enclosing

_PAGE = re.compile(r"(?:comment-page-|[?&]cpage=)(\d{1,6})")
_BEFORE = (
    "a.wp-block-comments-pagination-previous@href",
    ".comment-navigation .nav-previous a@href",
    ".navigation .nav-previous a[href*='#comments']@href",
    ".navigation .alignleft a[href*='#comments']@href",
)
_AFTER = (
    "a.wp-block-comments-pagination-next@href",
    ".comment-navigation .nav-next a@href",
    ".navigation .nav-next a[href*='#comments']@href",
    ".navigation .alignright a[href*='#comments']@href",
)

_NUMBERED = re.compile(r"comment-(?:item-)?\d+$")
_HEADING = ".media-heading"


_TOPIC = re.compile(r"\bsingle-[\w-]*(?:topic|discussion|question|forum)")
"""Classes of `body` on a page of a plugin for discussions, whose comments are the posts of the thread."""


class _WordPress(Engine):
    def recognises(self, page: Page) -> bool:
        body = page.tree.body
        named = body.attributes.get("class") if body is not None else None
        return super().recognises(page) and _TOPIC.search(named or "") is None

    def _posts(self, page: Page) -> Iterator[tuple[LexborNode, LexborNode]]:
        """Yield each comment with its body; an id such as `comment-guidelines` is none of a comment."""
        yield from (pair for pair in super()._posts(page) if _NUMBERED.search(pair[0].attributes.get("id") or ""))

    def author_of(self, post: LexborNode) -> str | None:
        """Return the author; older themes write ``Ada says:``, some ``Ada <small>3 March</small>`` in a heading."""
        named = super().author_of(post)
        heading = post.css_first(_HEADING) if named is None else None
        return quoted_name(named if heading is None else heading.text(deep=False).strip() or None)

    def _numbers(self, page: Page) -> tuple[int | None, int | None]:
        """Return the page numbers. Most pagers show none, only links to the previous and next page."""
        number, last = super()._numbers(page)
        before, after = first(page.tree, _BEFORE), first(page.tree, _AFTER)
        if number is not None and not before and not after:
            return number, last
        number = _number_in(page.url) or ((_number_in(before) or 1) + 1 if before else (_number_in(after) or 2) - 1)
        return number, None if after else number

    def answers_of(self, post: LexborNode) -> str | None:
        parent = enclosing(post, "li", "comment-") or enclosing(post, "li", "li-comment-")
        return self.id_of(parent) if parent is not None else None


def _number_in(href: str | None) -> int | None:
    said = _PAGE.search(href or "")
    return int(said[1]) if said else None


WORDPRESS = _WordPress(
    name="wordpress",
    sign=".comment-list > li.comment,ol.commentlist > li.comment,.commentlist li[id^=comment-] .comment-author,"
    "li.comment[id^=comment-] .comment-content,.wp-block-comment-template > li[id^=comment-],"
    ".comment-list > [id^=comment-],.comment[class*=depth-][id^=comment-],.comment[class*=depth-][id^=li-comment-]",
    post="li.comment[id^=comment-],li.pingback[id^=comment-],li[id^=li-comment-],.comment-list > [id^=comment-],"
    ".comment[class*=depth-][id^=comment-]",
    body=(
        ".wp-block-comment-content",
        ".comment-entry .comment-content",
        ".comment-content",
        ".comment-body .comment-text",
        ".comment-text",
        "[class*=-comment-content]",
        "[class*=comment-item-text]",
        ".comment-body",
        ".media-body",
    ),
    author=(
        ".wp-block-comment-author-name",
        ".comment-author .fn",
        ".comment-author cite",
        "cite.fn",
        "article > footer > cite",
        ".comment-author-link",
        ".comment-author",
        ".fn",
    ),
    time=(
        ".wp-block-comment-date time",
        ".comment-metadata time",
        ".comment-meta time",
        "time",
        ".comment-date",
        ".comment-date-time",
        ".comment-time-details",
        ".comment-metadata",
        ".comment-meta",
        ".commentmetadata",
        ".media-heading small",
        ".date",
    ),
    permalink=(
        ".wp-block-comment-date a@href",
        ".comment-metadata a[href*='#comment-']@href",
        "a[href*='#comment-']@href",
    ),
    dropped=".reply,.comment-meta,.comment-author,.comment-metadata,.commentmetadata,.comment-awaiting-moderation,.comment-notes,"
    ".comment-likes,.comment-reply-link,.edit-reply,.media-heading,.media-footer,.children,.comment[class*=depth-]",
    title=("h1.entry-title", "h1.wp-block-post-title", "h1"),
    pager=".comment-navigation,.comments-pagination,.wp-block-comments-pagination",
    current=(".comments-pagination .current,.wp-block-comments-pagination .current",),
    next=".comment-navigation .nav-next a,.comments-pagination a.next,a.wp-block-comments-pagination-next,"
    ".navigation .nav-next a[href*='#comments'],.navigation .alignright a[href*='#comments']",
    later=((r"/comment-page-\d+/?", "/"), (r"[?&]cpage=\d+", "")),
)
