"""What a page, a frame, a style sheet or a module needs to be displayed."""

from __future__ import annotations

from collections.abc import Iterable

from crawler.policy.rows import Role, Row
from crawler.spiders.undecoded import is_html, is_script
from extractor.html.css import css_urls
from extractor.html.page import Page
from extractor.links.links import links
from extractor.links.modules import module_urls
from extractor.values.encoding import decode

_FRAMES_DEEP = 2
"""A frame within a frame is read; a frame within that is only archived.

Each may be of another site, with frames of its own.
"""


def requisites(page: Page, row: Row) -> Iterable[str]:
    if "css" in (page.content_type or "") and row.role == Role.REQUISITE:
        return css_urls(decode(page.body, page.content_type)[0], page.url)
    if row.role == Role.REQUISITE and is_script(page):
        return module_urls(page.body, page.url)
    is_read = row.role != Role.REQUISITE or row.hops < _FRAMES_DEEP
    return links(page).requisites if is_read and is_html(page) else ()
