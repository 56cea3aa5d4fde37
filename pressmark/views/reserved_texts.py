"""Which texts are not handed out for mining: their sites reserve it, and the use of their sources lets that bind."""

from __future__ import annotations

from typing import Literal

from archive.database.closed_collections import closing_collections
from archive.texts.reserved_text import reserving
from archive.texts.texts import TextRow
from archive.values.capture import Capture
from archive.values.reservations import read
from config.values.use import OBEYING, Use
from pressmark.service.service import Service
from pressmark.views.capture_shapes import WithheldShape


class TextReserved(ValueError):
    """A text may not be given to a program that mines it."""

    def __init__(self, why: str) -> None:
        super().__init__(f"the site reserves text and data mining of this page ({why}), so its text is not given here")


class ReservedTexts:
    def __init__(self, service: Service) -> None:
        self._service = service
        self._removed: dict[str, Use | None] = {}
        """By the name of a removed source: the `use` at its last run."""

    def binds(self, source: str) -> bool:
        """Return whether reservations bind what is done with the captures of a source."""
        return self.use_of(source) in OBEYING

    def use_of(self, source: str) -> Use | None:
        """Return what the captures of a source are for, now."""
        return self._own_use(source)[0] or self._service.settings.use

    def withheld(self, text: TextRow | None, *captures: Capture) -> WithheldShape | None:
        """Return why exports and language models do not get a text; None if they do. As for `why`."""
        said = self.why(text, *captures)
        binding = next((one.source for one in captures if self.binds(one.source)), None)
        if said is None or binding is None or (use := self.use_of(binding)) is None:
            return None
        own, whose = self._own_use(binding)
        return WithheldShape(said=said, use=use, use_of=whose if own else "settings")

    def _own_use(self, source: str) -> tuple[Use | None, Literal["source", "removed source"]]:
        described = self._service.all_sources.good.get(source)
        return (described.use, "source") if described else (self._last_use(source), "removed source")

    def _last_use(self, source: str) -> Use | None:
        if source not in self._removed:
            with closing_collections(frozenset()):  # readers to whom a collection is closed don't see such runs
                self._removed[source] = self._service.runs.last_use(source)
        return self._removed[source]

    def why(self, text: TextRow | None, *captures: Capture) -> str | None:
        """Return what reserves the text of a capture; None if it may be mined. Its originals may be given, too."""
        if not any(self.binds(capture.source) for capture in captures):
            return None
        return reserving((field for capture in captures for field in read(capture.reservations)), text)
