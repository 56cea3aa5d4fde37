"""What a page, a frame, a style sheet or a module needs to be displayed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from archive.values.capture import Capture
from crawler.frontier.frontier import Frontier
from crawler.policy.rows import Role, Row
from crawler.spiders.style_uses import StyleUses
from crawler.spiders.undecoded import is_html, is_script, is_sheet
from extractor.forums.registry import answers_with_posts, read_thread
from extractor.forums.social.json_pages import is_json
from extractor.html.css import css_urls
from extractor.html.page import Page
from extractor.links.links import base_of, links
from extractor.links.modules import import_map_prefixes, module_urls
from extractor.values.encoding import decode
from extractor.values.urls import resolve

_MOST_PREFIXES = 1_000
_FRAMES_DEEP = 2
"""A frame within a frame is read; a frame within that is only archived.

Each may be of another site, with frames of its own.
"""


class Requisites:
    """What the answers of one run need."""

    def __init__(self, frontier: Frontier) -> None:
        self.styles = StyleUses(frontier.path, frontier.tally, resumed=bool(frontier.states))
        """It leaves out images of style sheets, until a page of the run uses them."""
        self._prefixes: dict[str, str] = {}
        """The absolute address of each prefix in the import maps of pages: modules in files need them, too."""

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
            return module_urls(page.body, page.url, self._prefixes)
        if row.role != Role.REQUISITE and is_json(page):
            return _attachments(page)
        if not is_html(page) or (row.role == Role.REQUISITE and row.hops >= _FRAMES_DEEP):
            return ()
        if b"importmap" in page.body and len(self._prefixes) < _MOST_PREFIXES:
            self._prefixes |= _prefixes_of(page)
        return links(page).requisites


def _prefixes_of(page: Page) -> dict[str, str]:
    """Return the prefixes in the import maps of a page, with absolute addresses."""
    base, found = base_of(page.tree.tags("base"), page.url), dict[str, str]()
    for node in page.tree.css("script[type=importmap i]"):
        for prefix, address in import_map_prefixes(node.text()).items():
            if (url := resolve(address, base)) is not None:
                found[prefix] = url
    return found


def _attachments(page: Page) -> Iterator[str]:
    """Yield the pictures of posts in JSON."""
    thread = read_thread(page) if answers_with_posts(page) else None
    for post in thread.posts if thread is not None else ():
        yield from (attachment.url for attachment in post.attachments)
