"""The address at which other machines read a worker's spool: the setting `worker.url`, noted in the database."""

from __future__ import annotations

from dataclasses import dataclass

from archive.database.engine import Database
from archive.database.marks import Marks
from archive.index.unshipped import Holder, holder_of_segment


@dataclass(frozen=True, slots=True)
class SpoolAddress:
    """Where a segment that is not in the store yet can be read."""

    holder: Holder
    url: str
    """Of the service on that machine, without a slash at the end."""


class SpoolAddresses:
    """The addresses that the services of a database have noted, by worker."""

    def __init__(self, database: Database) -> None:
        self._database, self._marks = database, Marks(database, "spool-url/")

    def note(self, worker: str, url: str | None) -> None:
        """Note where a worker's spool is read; None: nowhere. Raises DatabaseUnusable."""
        known = self._marks.get(worker)
        if url is None and known is not None:
            self._marks.delete(worker)
        elif url is not None and url != known:
            self._marks.set(worker, url)

    def address_of(self, segment: str) -> SpoolAddress | None:
        """Return where a segment can be read; None if no address is known. Raises DatabaseUnusable."""
        holder = holder_of_segment(self._database, segment)
        url = self._marks.get(holder.worker) if holder else None
        return SpoolAddress(holder, url) if holder and url else None
