"""Permission to view.

The origin of replay has no login, so an address there begins with a grant that only we can write.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple, dataclass
from datetime import datetime

from config.names import EVERYTHING
from pressmark.http.stage.seals import Seal


@dataclass(frozen=True, slots=True)
class Grant:
    """The reader that an address was written for."""

    home: str
    """The origin of our own pages, as the browser calls them: only they may frame what is shown."""
    place: str = EVERYTHING
    """Its collection, by the name that programs use."""
    language: str = "en"
    """The reader's language, by its tag."""
    frame: str = ""
    """The name of the frame that it is for (`frames.Frames`); empty for programs."""
    admitted: str = ""
    """The closed collections that the reader may read: see `ReadingRooms.admitted`."""


class Grants:
    """Writes grants and reads them."""

    def __init__(self, token: str | None, *, now: Callable[[], datetime]) -> None:
        self._seal = Seal(token, "pressmark replay", now=now)

    def write(self, grant: Grant) -> str:
        """Return a grant as one segment of a path, valid for twelve hours."""
        return self._seal.close(*astuple(grant))

    def read(self, segment: str) -> Grant | None:
        """Return the grant; None when we did not write it, or when it has expired."""
        facts = self._seal.open(segment)
        return Grant(*facts) if facts else None
