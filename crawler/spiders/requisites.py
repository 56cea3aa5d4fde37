"""What a page, a frame, a style sheet or a module needs to be displayed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from crawler.policy.rows import Role, Row
from crawler.spiders.style_uses import StyleUses
from crawler.spiders.undecoded import is_html, is_script, is_sheet
from extractor.forums.registry import answers_with_posts, read_thread
from extractor.forums.social.json_pages import is_json
from extractor.html.css import css_urls
from extractor.html.page import Page
from extractor.links.links import links
from extractor.links.modules import module_urls
from extractor.values.encoding import decode

_FRAMES_DEEP = 2
"""A frame within a frame is read; a frame within that is only archived.

Each may be of another site, with frames of its own.
"""


def requisites(page: Page, row: Row, styles: StyleUses) -> Iterable[str]:
    """Return what an answer needs. `styles` leaves out images of style sheets, until a page of the run uses them."""
    if is_sheet(page.content_type) and row.role == Role.REQUISITE:
        return styles.of_sheet(page, css_urls(decode(page.body, page.content_type)[0], page.url))
    return [*_of_answer(page, row), *styles.of_page(page)]


def _of_answer(page: Page, row: Row) -> Iterable[str]:
    if row.role == Role.REQUISITE and is_script(page):
        return module_urls(page.body, page.url)
    if row.role != Role.REQUISITE and is_json(page):
        return _attachments(page)
    is_read = row.role != Role.REQUISITE or row.hops < _FRAMES_DEEP
    return links(page).requisites if is_read and is_html(page) else ()


def _attachments(page: Page) -> Iterator[str]:
    """Yield the pictures of posts in JSON."""
    thread = read_thread(page) if answers_with_posts(page) else None
    for post in thread.posts if thread is not None else ():
        yield from (attachment.url for attachment in post.attachments)
