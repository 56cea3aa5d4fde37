"""Which texts are not handed out for mining: their sites reserve it, and the use of their sources lets that bind."""

from __future__ import annotations

from archive.texts.reserved_text import reserving
from archive.texts.texts import TextRow
from archive.values.capture import Capture
from archive.values.reservations import read
from config.values.use import OBEYING
from pressmark.service.service import Service


class TextReserved(ValueError):
    """A text may not be given to a program that mines it."""

    def __init__(self, why: str) -> None:
        super().__init__(f"the site reserves text and data mining of this page ({why}), so its text is not given here")


class ReservedTexts:
    def __init__(self, service: Service) -> None:
        self._service = service

    def binds(self, source: str) -> bool:
        """Return whether reservations bind what is done with the captures of a source."""
        described = self._service.all_sources.good.get(source)
        return ((described.use if described else None) or self._service.settings.use) in OBEYING

    def why(self, text: TextRow | None, *captures: Capture) -> str | None:
        """Return what reserves the text of a capture; None if it may be mined. Its originals may be given, too."""
        if not any(self.binds(capture.source) for capture in captures):
            return None
        return reserving((field for capture in captures for field in read(capture.reservations)), text)
