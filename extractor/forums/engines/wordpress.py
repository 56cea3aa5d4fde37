"""The comments of WordPress: of classic themes (`Walker_Comment`: html5_comment, comment), and of themes made of blocks
(`core/comment-template`). The article above them is not a post.
"""

from __future__ import annotations

import re

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


class _WordPress(Engine):
    def author_of(self, post: LexborNode) -> str | None:
        """Return the author; older themes write ``Ada says:``."""
        return quoted_name(super().author_of(post))

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
    sign="ol.comment-list > li.comment,ol.commentlist > li.comment,.commentlist li[id^=comment-] .comment-author,"
    "li.comment[id^=comment-] .comment-content,.wp-block-comment-template > li[id^=comment-]",
    post="li.comment[id^=comment-],li.pingback[id^=comment-],li[id^=li-comment-]",
    body=(
        ".wp-block-comment-content",
        ".comment-content",
        ".comment-body .comment-text",
        ".comment-text",
        ".comment-body",
    ),
    author=(
        ".wp-block-comment-author-name",
        ".comment-author .fn",
        ".comment-author cite",
        "cite.fn",
        "article > footer > cite",
        ".comment-author",
        ".fn",
    ),
    time=(
        ".wp-block-comment-date time",
        ".comment-metadata time",
        ".comment-meta time",
        "time",
        ".comment-metadata",
        ".comment-meta",
        ".commentmetadata",
    ),
    permalink=(
        ".wp-block-comment-date a@href",
        ".comment-metadata a[href*='#comment-']@href",
        "a[href*='#comment-']@href",
    ),
    dropped=".reply,.comment-meta,.comment-author,.comment-metadata,.commentmetadata,.comment-awaiting-moderation,.comment-notes,"
    ".comment-likes",
    title=("h1.entry-title", "h1.wp-block-post-title", "h1"),
    pager=".comment-navigation,.comments-pagination,.wp-block-comments-pagination",
    current=(".comments-pagination .current,.wp-block-comments-pagination .current",),
    next=".comment-navigation .nav-next a,.comments-pagination a.next,a.wp-block-comments-pagination-next,"
    ".navigation .nav-next a[href*='#comments'],.navigation .alignright a[href*='#comments']",
    later=((r"/comment-page-\d+/?", "/"), (r"[?&]cpage=\d+", "")),
)
