"""FlaskBB 2 (`forum/topic.html`, `forum/topic_horizontal.html`, `forum/forum.html`, `forum/category_layout.html`)."""

from __future__ import annotations

from selectolax.lexbor import LexborNode

from extractor.forums.engine import Engine
from extractor.forums.quotations import quoted_name
from extractor.html.lines import in_one_line

_PORTAL = ".flaskbb-layout:has(.portal-topic)"
"""The front page of its plugin: some threads of some boards, and above them a link to the list of boards."""


class _FlaskBB(Engine):
    def quoted_author(self, quote: LexborNode) -> str | None:
        """Return the author whom the program names in bold, with a link, right before a quotation."""
        label = quote.prev
        while label is not None and label.is_text_node and not (label.text_content or "").strip():
            label = label.prev
        link = label.css_first("strong > a[href*='/user/']") if label is not None and label.tag == "p" else None
        said = in_one_line(link) if link is not None else ""
        return quoted_name(said) if label is not None and said and in_one_line(label) == f"{said} wrote:" else None


FLASKBB = _FlaskBB(
    name="flaskbb",
    sign=f".post-content[id^=pid],.forum-row .topic-name,.category-row .forum-name,.flaskbb-breadcrumb,{_PORTAL}",
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
    board_link=f".category-row .forum-name a,{_PORTAL} .nav-link:has(.fa-comment)",
)
