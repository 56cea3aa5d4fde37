"""The known facts of a cited page."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from archive.retrieval.snapshot import Snapshot

_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


@dataclass(frozen=True, slots=True)
class Work:
    """The known facts of a cited page."""

    url: str
    title: str | None
    author: str | None
    date: str | None
    """When it says that it was published, ISO 8601, used to the day at most."""
    kept: datetime
    permanent: str
    """The permanent link."""
    authors: tuple[str, ...] = ()
    """Each author, as the page names them; empty if only the line `author` is known."""
    language: str | None = None

    @property
    def site(self) -> str:
        return urlsplit(self.url).hostname or self.url

    @property
    def name(self) -> str:
        """Its title in one line; of a page without one, its address."""
        return " ".join((self.title or "").split()) or self.url

    @property
    def creators(self) -> tuple[str, ...]:
        """Its authors, each in one line, as the page names them."""
        said = self.authors or ((self.author,) if self.author else ())
        lines = (" ".join(author.split()) for author in said)
        return tuple(line for line in lines if line)

    @property
    def issued(self) -> tuple[int, ...]:
        """Year, month and day of its publication, as many as are known and possible; empty without a year."""
        found = _DATE.match(self.date or "")
        if not found or int(found[1]) < 1000:
            return ()
        year, month, day = (int(part or 0) for part in found.groups())
        if not 1 <= month <= 12:
            return (year,)
        return (year, month, day) if 1 <= day <= monthrange(year, month)[1] else (year, month)

    @property
    def day(self) -> str:
        """The date of publication, ISO 8601, as precise as it is known; empty without one."""
        year, *rest = self.issued or (0,)
        return "-".join((f"{year:04}", *(f"{part:02}" for part in rest))) if year else ""


def work_of(found: Snapshot, permanent: str) -> Work:
    """Return the facts that a citation of a snapshot needs; `permanent` is its permanent link."""
    text, kept = found.text, found.capture
    return Work(
        url=kept.url,
        title=text.title if text else None,
        author=text.author if text else None,
        date=text.date if text else None,
        kept=kept.at,
        permanent=permanent,
        authors=tuple((text.fields or {}).get("authors", ())) if text else (),
        language=text.language if text else None,
    )
