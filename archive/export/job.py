"""A running export: the source of its exporter's data, and the callbacks for progress."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, BinaryIO

from archive.export.plan import Item, Order, Plan
from archive.texts.reserved_text import reserving, without_text
from archive.values.capture import Capture, Location
from archive.values.errors import (
    ArchiveError,
    DamagedRecord,
    IntegrityError,
    ObjectNotFound,
    SegmentUnknown,
    not_there,
)
from archive.values.reservations import Field
from archive.values.reservations import read as read_reservations
from archive.warc.integrity.verify import flaws
from archive.warc.record import read

if TYPE_CHECKING:
    from archive.retrieval.retrieval import Retrieval
    from archive.texts.texts import TextRow, Texts

LeftOut = Callable[[Item, ArchiveError], None]
Done = Callable[[Item], None]
Binds = Callable[[str], bool]

_PIECE = 1 << 16


def nothing_binds(_source: str) -> bool:
    return False


def refuse(_item: Item, error: ArchiveError) -> None:
    """End an export at the first damaged item, if there is no callback for it."""
    raise error


class Job:
    def __init__(
        self,
        plan: Plan,
        retrieval: Retrieval,
        texts: Texts,
        *,
        after: int = 0,
        left_out: LeftOut = refuse,
        done: Done = lambda _: None,
        binds: Binds = nothing_binds,
    ) -> None:
        """Create a job.

        `binds` says of a source whether reservations of text and data mining bind: then such texts are left out.
        `after` is the number of the last exported item, 0 at the start. `left_out` is called with items whose records
        are damaged or missing, `done` with each completed item.
        """
        self.plan = plan
        self.after = after
        self.done = done
        self._retrieval, self._texts, self._left_out = retrieval, texts, left_out
        self._binds = binds

    @property
    def created(self) -> datetime:
        return self.plan.created

    @property
    def name(self) -> str:
        """Return a unique name of the export: ``pressmark-20260131T120000Z-0123456789ab``."""
        return f"pressmark-{self.created:%Y%m%dT%H%M%SZ}-{self.plan.identity[:12]}"

    def items(self, order: Order = "file") -> Iterator[Item]:
        return self.plan.items(order, self.after)

    def records(self, item: Item) -> BinaryIO | None:
        """Return all records of an item, compressed, as a file that the caller closes; None if they were left out.

        Every byte is checked first. Raises StoreError.
        """
        where = item.capture.location
        file = None
        try:
            file = self._retrieval.octets(
                Location(where.segment, where.offset, item.capture.span), item.capture.record_id
            )
            _check(file, item.capture)
        except (DamagedRecord, IntegrityError, ObjectNotFound, SegmentUnknown) as error:
            if file:
                file.close()
            self.plan.leave_out(item.number, str(error))
            self._left_out(item, error)
            return None
        return file

    def text(self, item: Item) -> TextRow | None:
        """Return the text of the page, or of the original of a revisit; without its words, if they are reserved."""
        found = self._text(item)
        why = self.reserved(item, found.reservations) if found else None
        return without_text(found, why) if found and why else found

    def reserved(self, item: Item, in_page: Iterable[Field]) -> str | None:
        """Return the line that reserves what is mined of a page, with what is said `in_page`; None if nothing binds."""
        if not self._binds(item.capture.source):
            return None
        return reserving((*read_reservations(item.capture.reservations), *in_page), None)

    def _text(self, item: Item) -> TextRow | None:
        found = self._texts.of(item.capture.record_id)
        if found is None and item.original and item.original != item.capture.record_id:
            found = self._texts.of(item.original)
        return found


def pieces(file: BinaryIO) -> Iterator[bytes]:
    """Yield the rest of a file, and close it at the end."""
    with file:
        while piece := file.read(_PIECE):
            yield piece


def _check(file: BinaryIO, capture: Capture) -> None:
    """Check records. Raises DamagedRecord. Missing fields were missing when the record was ingested."""
    where = capture.location
    place = f"{where.segment}, offset {where.offset}"
    try:
        for record in read(file):
            if record.offset == 0 and record.id != (capture.record_id or None):
                raise not_there(capture)
            for kind, sentence in flaws(record):
                if kind != "field":
                    raise DamagedRecord(place, sentence)
    except DamagedRecord as damage:
        raise damage if damage.where == place else DamagedRecord(place, damage.why) from damage
    file.seek(0)
