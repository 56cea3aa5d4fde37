"""What a page, a frame, a style sheet or a module needs to be displayed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from archive.values.capture import Capture
from crawler.frontier.frontier import Frontier
from crawler.policy.rows import Role, Row
from crawler.spiders.page_maps import PageMaps
from crawler.spiders.style_uses import StyleUses
from crawler.spiders.undecoded import is_html, is_script, is_sheet
from extractor.forums.registry import answers_with_posts, read_thread
from extractor.forums.social.json_pages import is_json
from extractor.html.css import css_urls
from extractor.html.page import Page
from extractor.links.links import links
from extractor.values.encoding import decode

_FRAMES_DEEP = 2
"""A frame within a frame is read; a frame within that is only archived.

Each may be of another site, with frames of its own.
"""


class Requisites:
    """What the answers of one run need."""

    def __init__(self, frontier: Frontier) -> None:
        self.styles = StyleUses(frontier.path, frontier.tally, resumed=bool(frontier.states))
        """It leaves out images of style sheets, until a page of the run uses them."""
        self._maps = PageMaps(Path(f"{frontier.path}-import-maps"), resumed=bool(frontier.states))

    def note(self, page: Page, capture: Capture | None) -> None:
        """Note that an answer is read as it was received; `capture` is our newest one of its URL before."""
        if is_sheet(page.content_type):
            self.styles.note(page.url, had=capture is not None)

    def of(self, page: Page, row: Row) -> Iterable[str]:
        """Return what an answer needs, as absolute URLs."""
        if is_sheet(page.content_type) and row.role == Role.REQUISITE:
            return self.styles.of_sheet(page, css_urls(decode(page.body, page.content_type)[0], page.url))
        return [*self.styles.fetched(self._of_answer(page, row)), *self.styles.of_page(page)]

    def _of_answer(self, page: Page, row: Row) -> Iterable[str]:
        if row.role == Role.REQUISITE and is_script(page):
            return self._maps.modules(page)
        if row.role != Role.REQUISITE and is_json(page):
            return _attachments(page)
        if not is_html(page) or (row.role == Role.REQUISITE and row.hops >= _FRAMES_DEEP):
            return ()
        if b"importmap" in page.body:
            self._maps.learn(page)
        return links(page).requisites


def _attachments(page: Page) -> Iterator[str]:
    """Yield the pictures of posts in JSON."""
    thread = read_thread(page) if answers_with_posts(page) else None
    for post in thread.posts if thread is not None else ():
        yield from (attachment.url for attachment in post.attachments)
