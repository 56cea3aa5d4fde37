"""The import maps of the pages of a run: scripts in files need them, but do not say which page they are for."""

from __future__ import annotations

import logging
from pathlib import Path
from urllib.parse import urlsplit

from extractor.html.page import Page
from extractor.links.import_maps import MOST_MAPS, ImportMap
from extractor.links.links import base_of
from extractor.links.modules import module_urls

_MOST_NAMES = 5_000
"""Names of a run that are kept for scripts in files; those of maps beyond hold for their own page alone."""
_MOST_KEPT = 4 << 20
"""Bytes of the file: two builds of a site may take turns, and give each page another map than the last one."""
_NOWHERE = "http://invalid/"
"""All addresses in the file are absolute."""
_log = logging.getLogger(__name__)


class PageMaps:
    """Import maps by the host of their page, kept in a file for a run that resumes this one."""

    def __init__(self, file: Path, *, resumed: bool) -> None:
        self._file = file
        self._by_host: dict[str, ImportMap] = {}
        self._all = ImportMap()
        self._kept = 0
        if resumed and file.exists():
            text = file.read_text("utf-8", "replace")
            self._kept = len(text)
            for line in text.splitlines():
                host, _, map_ = line.partition(" ")
                self._join(host, ImportMap.parse(map_, _NOWHERE))

    def learn(self, page: Page) -> None:
        """Keep the import maps of a page."""
        base = base_of(page.tree.tags("base"), page.url)
        for node in page.tree.css("script[type=importmap i]")[:MOST_MAPS]:
            self._keep(urlsplit(page.url).netloc, ImportMap.parse(node.text(), base))

    def modules(self, script: Page) -> list[str]:
        """Return what a script in a file imports: by its own addresses, as a page without a map needs it, and by the
        maps of the pages of its host; by those of all pages if its host has none.
        """
        names = self._by_host.get(urlsplit(script.url).netloc, self._all)
        mapped = module_urls(script.body, script.url, names) if names else []
        return list(dict.fromkeys([*module_urls(script.body, script.url), *mapped]))

    def _join(self, host: str, new: ImportMap) -> bool:
        before = self._by_host.get(host, ImportMap())
        joined, every = before.joined(new), self._all.joined(new)
        if joined == before or len(every) > _MOST_NAMES:
            return False
        self._by_host[host], self._all = joined, every
        return True

    def _keep(self, host: str, new: ImportMap) -> None:
        line = f"{host} {new.text()}\n"
        if not self._join(host, new) or self._kept + len(line) > _MOST_KEPT:
            return
        try:
            with self._file.open("a", encoding="utf-8") as file:
                file.write(line)
        except OSError as error:
            _log.warning("a run that resumes this one will not know an import map: %s", error)
        else:
            self._kept += len(line)
