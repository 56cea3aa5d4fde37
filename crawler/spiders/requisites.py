"""What a page, a frame, a style sheet or a module needs to be displayed."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from pathlib import Path

from archive.values.capture import Capture
from crawler.frontier.frontier import Frontier
from crawler.policy.rows import Role, Row
from crawler.spiders.style_uses import StyleUses
from crawler.spiders.undecoded import is_html, is_script, is_sheet
from extractor.forums.registry import answers_with_posts, read_thread
from extractor.forums.social.json_pages import is_json
from extractor.html.css import css_urls
from extractor.html.page import Page
from extractor.links.import_maps import ImportMap
from extractor.links.links import base_of, links
from extractor.links.modules import module_urls
from extractor.values.encoding import decode

_MOST_NAMES = 5_000
"""Names of import maps that a run keeps for modules in files; those of maps beyond hold for their own page alone."""
_NOWHERE = "http://invalid/"
"""All addresses in the file are absolute."""
_log = logging.getLogger(__name__)
_FRAMES_DEEP = 2
"""A frame within a frame is read; a frame within that is only archived.

Each may be of another site, with frames of its own.
"""


class Requisites:
    """What the answers of one run need."""

    def __init__(self, frontier: Frontier) -> None:
        self.styles = StyleUses(frontier.path, frontier.tally, resumed=bool(frontier.states))
        """It leaves out images of style sheets, until a page of the run uses them."""
        self._names_file = Path(f"{frontier.path}-import-maps")
        self._names = _read(self._names_file) if frontier.states else ImportMap()
        """Those of the import maps of all pages of the run: modules in files need them, too."""

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
            return module_urls(page.body, page.url, self._names)
        if row.role != Role.REQUISITE and is_json(page):
            return _attachments(page)
        if not is_html(page) or (row.role == Role.REQUISITE and row.hops >= _FRAMES_DEEP):
            return ()
        if b"importmap" in page.body:
            self._learn(page)
        return links(page).requisites

    def _learn(self, page: Page) -> None:
        """Keep the import maps of a page, also for a run that resumes this one."""
        base = base_of(page.tree.tags("base"), page.url)
        for node in page.tree.css("script[type=importmap i]"):
            new = ImportMap.parse(node.text(), base)
            joined = self._names.joined(new)
            if joined == self._names or len(joined) > _MOST_NAMES:
                continue
            self._names = joined
            try:
                with self._names_file.open("a", encoding="utf-8") as file:
                    file.write(f"{new.text()}\n")
            except OSError as error:
                _log.warning("a run that resumes this one will not know an import map: %s", error)


def _read(file: Path) -> ImportMap:
    """Return the import maps that a run kept before it was interrupted."""
    names = ImportMap()
    for line in file.read_text("utf-8", "replace").splitlines() if file.exists() else ():
        names = names.joined(ImportMap.parse(line, _NOWHERE))
    return names


def _attachments(page: Page) -> Iterator[str]:
    """Yield the pictures of posts in JSON."""
    thread = read_thread(page) if answers_with_posts(page) else None
    for post in thread.posts if thread is not None else ():
        yield from (attachment.url for attachment in post.attachments)
