"""Leave to look: the origin of replay has no log-in, so an address there begins with one that only we can write."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from config.names import EVERYTHING
from pressmark.http.stage.seals import Seal

LASTS = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Grant:
    """For whom we wrote an address."""

    home: str
    """The origin of our own pages, as the browser calls them: who may frame what is shown."""
    until: datetime
    place: str = EVERYTHING
    """The collection that it is in, by the name that programs call it."""
    language: str = "en"
    """Of the reader, by its tag."""
    frame: str = ""
    """The name of the frame that it is for (`shown.Shown`); empty for programs."""


class Grants:
    """Writes grants and reads them."""

    def __init__(self, token: str | None, *, now: Callable[[], datetime]) -> None:
        self._seal = Seal(token.encode() if token else None, "pressmark replay")
        self._now = now

    def write(self, home: str, place: str = EVERYTHING, language: str = "en", frame: str = "") -> str:
        """One segment of a path, good for half a day."""
        return self._seal.close(f"{int((self._now() + LASTS).timestamp())} {place} {language} {frame} {home}")

    def read(self, segment: str) -> Grant | None:
        """None for what we did not write, and for what is no longer good."""
        if (facts := self._seal.open(segment)) is None:
            return None
        seconds, place, language, frame, home = facts.split(" ", 4)
        grant = Grant(home, datetime.fromtimestamp(int(seconds), self._now().tzinfo), place, language, frame)
        return grant if grant.until > self._now() else None
