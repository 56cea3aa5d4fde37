"""Which texts are not handed out for mining: their sites reserve it, and the use of their sources lets that bind."""

from __future__ import annotations

from pathlib import Path

from archive.database.closed_collections import closing_collections
from archive.texts.reserved_text import reserving
from archive.texts.texts import TextRow
from archive.values.capture import Capture
from archive.values.reservations import read
from config.errors import ConfigError
from config.files.document import read_file
from config.values.use import OBEYING
from pressmark.service.service import Service


class TextReserved(ValueError):
    """A text may not be given to a program that mines it."""

    def __init__(self, why: str) -> None:
        super().__init__(f"the site reserves text and data mining of this page ({why}), so its text is not given here")


class ReservedTexts:
    def __init__(self, service: Service) -> None:
        self._service = service
        self._undescribed: dict[str, bool] = {}
        """By the name of a source that no valid file describes: whether reservations bind."""

    def binds(self, source: str) -> bool:
        """Return whether reservations bind what is done with the captures of a source, now."""
        described = self._service.all_sources.good.get(source)
        if described:
            return (described.use or self._service.settings.use) in OBEYING
        if source not in self._undescribed:
            self._undescribed[source] = self._may_be_described(source) or self._bound(source)
        return self._undescribed[source]

    def _may_be_described(self, source: str) -> bool:
        """Return whether a file that can't be used now may say what the captures of a source are for."""
        sources = self._service.all_sources
        return bool(sources.unreadable) or any(_may_describe(error.file, source) for error in sources.errors)

    def _bound(self, source: str) -> bool:
        """Return whether reservations bound the last run of a removed source."""
        with closing_collections(frozenset()):  # readers to whom a collection is closed don't see such runs
            last = self._service.runs.last_use(source)
        return (last or self._service.settings.use) in OBEYING

    def why(self, text: TextRow | None, *captures: Capture) -> str | None:
        """Return what reserves the text of a capture; None if it may be mined. Its originals may be given, too."""
        if not any(self.binds(capture.source) for capture in captures):
            return None
        return reserving((field for capture in captures for field in read(capture.reservations)), text)


def _may_describe(file: Path | None, source: str) -> bool:
    """Return whether a file with a mistake is named after a source or mentions it; True if nobody can read it."""
    try:
        return file is None or file.stem == source or source in read_file(file)
    except ConfigError:
        return True
