"""Which texts are not handed out for mining: their sites reserve it, and the use of their sources lets that bind."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from archive.database.closed_collections import closing_collections
from archive.texts.reserved_text import reserving
from archive.texts.texts import TextRow
from archive.values.capture import Capture
from archive.values.reservations import read
from config.errors import ConfigError
from config.files.document import read_file
from config.values.use import OBEYING, Use
from pressmark.service.service import Service
from pressmark.views.capture_shapes import UseOf, WithheldShape
from scheduler.run import LOOSE


class TextReserved(ValueError):
    """A text may not be given to a program that mines it."""

    def __init__(self, why: str) -> None:
        super().__init__(f"the site reserves text and data mining of this page ({why}), so its text is not given here")


class _Decision(NamedTuple):
    use: Use | None
    use_of: UseOf

    @property
    def binds(self) -> bool:
        return self.use_of == "unknown" or self.use in OBEYING


class ReservedTexts:
    def __init__(self, service: Service) -> None:
        self._service = service
        self._undescribed: dict[str, _Decision] = {}
        """By the name of a source that no valid file describes."""

    def binds(self, source: str) -> bool:
        """Return whether reservations bind what is done with the captures of a source, now."""
        return self._decision(source).binds

    def withheld(self, text: TextRow | None, *captures: Capture) -> WithheldShape | None:
        """Return why exports and language models do not get a text; None if they do. As for `why`."""
        said = self.why(text, *captures)
        decisions = (self._decision(one.source) for one in captures)
        binding = next((decision for decision in decisions if decision.binds), None)
        if said is None or binding is None:
            return None
        return WithheldShape(said=said, use=binding.use, use_of=binding.use_of)

    def _decision(self, source: str) -> _Decision:
        if described := self._service.all_sources.good.get(source):
            return self._decided(described.use, "source")
        if source not in self._undescribed:
            self._undescribed[source] = self._of_undescribed(source)
        return self._undescribed[source]

    def _of_undescribed(self, source: str) -> _Decision:
        sources = self._service.all_sources
        if sources.unreadable or any(_may_describe(error.file, source) for error in sources.errors):
            return _Decision(None, "unknown")
        with closing_collections(frozenset()):  # readers to whom a collection is closed don't see such runs
            last = self._service.runs.last_use(source)
        # single pages are still fetched when their description is removed: the setting may bind the later ones
        return self._decided(last if source != LOOSE or last in OBEYING else None, "removed source")

    def _decided(self, own: Use | None, whose: UseOf) -> _Decision:
        return _Decision(own, whose) if own else _Decision(self._service.settings.use, "settings")

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
