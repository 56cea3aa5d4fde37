"""FlaskBB 2 (`forum/topic.html`, `forum/topic_horizontal.html`, `forum/forum.html`, `forum/category_layout.html`)."""

from __future__ import annotations

from extractor.forums.engine import Engine

FLASKBB = Engine(
    name="flaskbb",
    sign=".post-content[id^=pid],.forum-row .topic-name,.category-row .forum-name,.flaskbb-breadcrumb",
    post=".post-row:has(.post-content[id^=pid])",
    body=(".post-content[id^=pid]",),
    author=(".author-name h4 a", ".author-name h4", ".author-name"),
    time=(".post-meta a[href*='/post/'] time", ".post-meta a[href*='/post/']", ".post-meta time"),
    id=(".post-content@id",),
    permalink=(".post-meta a[href*='/post/']@href",),
    dropped=".post-signature,.alert",
    title=(".flaskbb-breadcrumb .active", ".topic-header a"),
    board=(".flaskbb-breadcrumb li:not(.active) a",),
    pager=".controls-row .pagination",
    current=(".controls-row .page-item.active a",),
    next=".controls-row .page-item.active + .page-item a",
    later=((r"([?&])page=\d+&?", r"\1"), (r"[?&]$", "")),
    row=".forum-row:has(.topic-name)",
    thread_link=".topic-name > a",
    replies=(".topic-stats",),
    last_post=(".topic-last-post > a time", ".topic-last-post > a"),
    board_link=".category-row .forum-name a",
)
