"""What a page or a style sheet needs to be shown."""

from __future__ import annotations

from collections.abc import Iterable

from crawler.policy.rows import Role, Row
from crawler.spiders.undecoded import is_html
from extractor.html.css import css_urls
from extractor.html.page import Page
from extractor.links.links import links
from extractor.values.encoding import decode


def requisites(page: Page, row: Row) -> Iterable[str]:
    if row.role == Role.REQUISITE:
        return css_urls(decode(page.body, page.content_type)[0], page.url) if "css" in (page.content_type or "") else ()
    return links(page).requisites if is_html(page) else ()
