"""Misago (`misago/thread/posts`, `misago/threadslist`)."""

from __future__ import annotations

import re

from extractor.forums.element_text import first
from extractor.forums.engine import Engine
from extractor.html.page import Page


class _Misago(Engine):
    def _numbers(self, page: Page) -> tuple[int | None, int | None]:
        """Parse ``Page 2 of 3``."""
        told = re.findall(r"\d{1,6}", first(page.tree, (".thread-paginator .dropdown button",)) or "")
        return (int(told[0]), int(told[1])) if len(told) == 2 else super()._numbers(page)


MISAGO = _Misago(
    name="misago",
    sign=".posts-list .panel-post,.posts-list .post-body,.threads-list .thread-title,"
    ".threads-list .threads-list-item-title,.list-group-category .category-main",
    post="li.post[id^=post-]:has(.post-body),.posts-list .post:has(.post-body)",
    body=(".post-body article", ".post-body"),
    author=(
        ".post-side [itemprop=author]",
        ".post-side .item-title",
        ".media-heading .item-title",
        ".post-heading .item-title",
        ".item-title",
    ),
    time=(
        ".post-heading time",
        ".post-heading a.posted-on[title]",
        ".post-heading abbr[title]",
        ".post-heading .posted-on",
        "abbr",
        "time",
    ),
    permalink=(".post-heading a[href*='/post/']@href",),
    dropped=".signature",
    quote="aside.quote-block,blockquote",
    quote_author=(".quote-heading",),
    quote_label=".quote-heading",
    attachment=".post-attachments a.attachment-name,.post-attachments .post-attachment-header a",
    score=(".post-footer .likes-compact", ".post-likes"),
    title=(".page-header h1", "h1"),
    board=(
        ".page-header a[href*='/c/'] .breadcrumbs-item-name",
        ".page-header a[href*='/c/']",
        ".page-breadcrumbs a",
        ".breadcrumb a",
    ),
    pager=".thread-paginator,.misago-pagination,.pagination,.pager",
    current=(".pagination .active",),
    next="link[rel=next],.thread-paginator a[rel=next],.pager .next a",
    later=((r"(/t/[^/]+/\d+)/\d+/?", r"\1/"), (r"(/t/[^/]+/\d+/)post/\d+/?", r"\1")),
    row=".threads-list .list-group-item,.threads-list > li,.threads-list .thread",
    thread_link="a.threads-list-item-title,a.thread-title,.thread-title a,a.item-title",
    replies=(
        ".threads-replies@title",
        ".thread-detail-replies .detail-text",
        ".thread-stats-replies",
        ".thread-replies",
    ),
    last_post=(
        ".threads-list-item-last-activity",
        ".thread-last-action .thread-last-reply",
        ".thread-last-action abbr[title]",
        ".thread-last-reply abbr[title]",
        "abbr[title]",
    ),
    board_link=".category-main .media-heading a,.category-main a.item-title,.category-name a,.subcategories-list a",
)
