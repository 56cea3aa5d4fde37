"""bbPress 2 (`loop-single-reply.php`, `loop-single-topic.php`, `loop-single-forum.php`)."""

from __future__ import annotations

from selectolax.lexbor import LexborNode

from extractor.forums.element_text import time_at
from extractor.forums.engine import Engine
from extractor.forums.times import NOT_SHOWN, ShownTime


class _BBPress(Engine):
    """The head of a post, with time and link, is before the post and not inside."""

    def time_of(self, post: LexborNode) -> ShownTime:
        found = time_at(post, self.time)
        head = _head(post)
        return found if found != NOT_SHOWN or head is None else time_at(head, self.time)

    def link_source(self, post: LexborNode) -> LexborNode:
        return _head(post) or post


def _head(post: LexborNode) -> LexborNode | None:
    node = post.prev
    for _ in range(6):
        if node is None or node.is_element_node:
            break
        node = node.prev
    if node is None or not node.is_element_node:
        return None
    return node if "bbp-reply-header" in (node.attrs.get("class") or "") else None


BBPRESS = _BBPress(
    name="bbpress",
    sign="#bbpress-forums .bbp-reply-content,ul.bbp-replies,ul.bbp-topics,ul.bbp-forums,.bbp-topics-front",
    post=".bbp-body .reply.type-reply,.bbp-body .topic.type-topic:has(.bbp-topic-content),"
    ".bbp-body > div:has(> .bbp-reply-content),.bbp-body > div:has(> .bbp-topic-content),"
    ".bbp-threaded-replies div:has(> .bbp-reply-content)",
    body=(".bbp-reply-content", ".bbp-topic-content"),
    author=(
        ".bbp-reply-author .bbp-author-name",
        ".bbp-author-name",
        ".bbp-author-link .fn",
        ".bbp-reply-author a:not(:has(img))",
    ),
    time=(".bbp-reply-post-date", ".bbp-topic-post-date"),
    id=("@class",),
    permalink=("a.bbp-reply-permalink@href", "a.bbp-topic-permalink@href"),
    dropped=".bbp-reply-revision-log,.bbp-topic-revision-log,.bbp-signature,.bbp-admin-links,.bbp-attachments,"
    ".d4p-bba-attachments,.bbp-meta",
    attachment=".bbp-attachments a,.d4p-bba-attachments a",
    title=("h1.entry-title", ".bbp-breadcrumb-current", "h1"),
    board=(".bbp-breadcrumb a.bbp-breadcrumb-forum",),
    tags=".bbp-topic-tags a",
    pager=".bbp-pagination-links",
    current=(".bbp-pagination-links .current",),
    next=".bbp-pagination-links a.next",
    later=((r"/page/\d+/?", "/"), (r"&paged=\d+", "")),
    row="ul.topic[id^=bbp-topic-],ul[id^=bbp-topic-]",
    thread_link="a.bbp-topic-permalink",
    replies=(".bbp-topic-reply-count",),
    last_post=(".bbp-topic-freshness > a", ".bbp-topic-freshness"),
    board_link="a.bbp-forum-title,a.bbp-forum-link",
)
