"""Which captures are meant: by source, run, collection, beginning of the URL, and time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Selection:
    """What is None leaves all in."""

    source: str | None = None
    run: str | None = None
    collection: str | None = None
    url: str | None = None
    """Captures whose key begins like the key of this URL: spellings of it that have one key are one."""
    since: datetime | None = None
    until: datetime | None = None
    """Both ends are included."""

    def words(self) -> str:
        """``source gazette, since 2026-01-31T00:00:00+00:00``; ``everything`` when nothing is left out."""
        return ", ".join(f"{name} {value}" for name, value in self._limits()) or "everything"

    def _limits(self) -> Iterator[tuple[str, str]]:
        for name in ("source", "run", "collection", "url", "since", "until"):
            value = getattr(self, name)
            if value is not None:
                yield name, value.isoformat() if isinstance(value, datetime) else value
