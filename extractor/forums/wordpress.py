"""The comments of WordPress (`Walker_Comment`: html5_comment, comment). The article above them is no post."""

from __future__ import annotations

from selectolax.lexbor import LexborNode

from extractor.forums.engine import Engine, enclosing, quoted_name


class _WordPress(Engine):
    def author_of(self, post: LexborNode) -> str | None:
        """``Ada says:`` is what older themes write."""
        return quoted_name(super().author_of(post))

    def answers_of(self, post: LexborNode) -> str | None:
        parent = enclosing(post, "li", "comment-")
        return self.id_of(parent) if parent is not None else None


WORDPRESS = _WordPress(
    name="wordpress",
    sign="ol.comment-list > li.comment,ol.commentlist > li.comment,.commentlist li[id^=comment-] .comment-author,"
    "li.comment[id^=comment-] .comment-content",
    post="li.comment[id^=comment-],li.pingback[id^=comment-],li[id^=li-comment-]",
    body=(".comment-content", ".comment-body .comment-text", ".comment-text", ".comment-body"),
    author=(".comment-author .fn", ".comment-author cite", "cite.fn", ".comment-author", ".fn"),
    time=(
        ".comment-metadata time",
        ".comment-meta time",
        "time",
        ".comment-metadata",
        ".comment-meta",
        ".commentmetadata",
    ),
    permalink=(".comment-metadata a[href*='#comment-']@href", "a[href*='#comment-']@href"),
    dropped=".reply,.comment-meta,.comment-author,.comment-metadata,.commentmetadata,.comment-awaiting-moderation,.comment-notes",
    title=("h1.entry-title", "h1.wp-block-post-title", "h1"),
    pager=".comment-navigation,.comments-pagination,.wp-block-comments-pagination",
    current=".comments-pagination .current,.wp-block-comments-pagination .current",
    next=".comment-navigation .nav-next a,.comments-pagination a.next,a.wp-block-comments-pagination-next",
    later=((r"/comment-page-\d+/?", "/"), (r"[?&]cpage=\d+", "")),
)
