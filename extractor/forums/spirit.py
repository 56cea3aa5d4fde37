"""Spirit (`spirit/comment/_render_list.html`, `spirit/topic/_render_list.html`, `spirit/category`)."""

from __future__ import annotations

from extractor.forums.engine import Engine

SPIRIT = Engine(
    name="spirit",
    sign=".comment.js-comment .comment-text,.comments .comment .comment-text.js-comment-text,.topics-lists .topic-main",
    post=".comment.js-comment,.comments > .comment,.comment:has(> .comment-body .comment-text)",
    body=(".comment-text",),
    author=(".comment-username a", ".comment-username", ".username"),
    time=(".comment-date", ".comment-date span", "[title]"),
    id=("@data-pk", ".comment-number a@href", "@data-number"),
    permalink=(".comment-number@href", "a.comment-number@href"),
    title=("h1.headline", "h1"),
    board=(".breadcrumb a",),
    pager=".paginator,.pagination",
    current=".paginator .is-selected,.paginator strong",
    next="link[rel=next],.paginator a[rel=next]",
    later=((r"([?&])page=\d+&?", r"\1"), (r"[?&]$", "")),
    row=".topics-lists .topic,.topic:has(.topic-title)",
    thread_link="a.topic-title,.topic-title a",
    replies=(".topic-info .comments", ".comments"),
    last_post=(".topic-info .date",),
    board_link=".category-title a,a.category-title",
)
