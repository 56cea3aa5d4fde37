"""FlaskBB: the themes aurora and bootstrap (`forum/topic.html`, `forum/forum.html`)."""

from __future__ import annotations

from extractor.forums.engine import Engine

FLASKBB = Engine(
    name="flaskbb",
    sign=".post-row .post-content[id^=pid],.post-content[id^=pid],.topic-row .topic-name,.topic-info .topic-name,"
    ".category-body .forum-name,.forum-row .forum-name",
    post=".post-row,tr:has(.post-content[id^=pid])",
    body=(".post-content[id^=pid]", ".post-content"),
    author=(".author-name h4 a", ".author-name a", ".author-name h4", ".author-name"),
    time=(".post-meta time", ".post-meta a", ".post-meta"),
    id=(".post-content@id", "@id"),
    permalink=(".post-meta a[href*='/post/']@href",),
    dropped=".signature,.post-signature",
    title=(".page-head h1", ".topic-head h3", ".card-header h3", ".breadcrumb .active", ".breadcrumb li:last-child"),
    board=(".breadcrumb a",),
    pager=".pagination",
    current=".pagination .active a,.pagination .active span,.pagination .active",
    next="link[rel=next]",
    later=((r"([?&])page=\d+&?", r"\1"), (r"[?&]$", "")),
    row=".topic-row,.forum-row:has(.topic-name)",
    thread_link=".topic-name a",
    replies=(".topic-stats .topic-post-count", ".topic-stats"),
    last_post=(".last-post-time time", ".topic-last-post time", "time"),
    board_link=".forum-name a",
)
