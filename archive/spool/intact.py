"""Find the intact records of a segment that was being written, and its damaged byte ranges.

The journal has the range of each acknowledged exchange, so that a damaged record costs that record alone. Where the
journal has no line, the next valid record is searched for. Two places are never searched: the inside of a damaged main
record, whose payload may be a forged WARC from a site, and the part behind the last line of an intact journal, since
nothing there is acknowledged.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO

from archive.spool.filler import LEAST
from archive.warc.facts import CAPTURED
from archive.warc.integrity.verify import flaws, next_beginning
from archive.warc.journal import Heading, Journal
from archive.warc.record import Damage, Record, read


@dataclass(frozen=True, slots=True)
class Damaged:
    """A range of bytes without intact records."""

    start: int
    end: int
    companion_of: str | None
    """The intact main record that these bytes accompany, if the journal says so."""


@dataclass(frozen=True, slots=True)
class _Place:
    """The place of an exchange by the journal: its main record, then the accompanying records."""

    start: int
    main_end: int
    end: int
    record_id: str


class Walk:
    """A walk through a segment from beginning to end."""

    def __init__(self, file: BinaryIO, size: int, journal: Journal) -> None:
        self._file, self._size, self._search_end = file, size, journal.damaged
        where = ((capture, capture.location) for capture in journal.captures)
        places = (_Place(at.offset, at.offset + at.length, at.offset + it.span, it.record_id) for it, at in where)
        self._places = sorted(places, key=lambda place: place.start)
        self._starts = [place.start for place in self._places]
        self._intact: set[tuple[int, str]] = set()
        self._main: str | None = None
        self.damaged: list[Damaged] = []
        self.count = 0
        """Intact records so far."""
        self.heading: Heading | None = None

    def records(self) -> Iterator[Record]:
        """Yield the intact records of exchanges, without those that accompany a missing record.

        Raises OSError if the disk can't read the bytes.
        """
        at = 0
        while at < self._size:
            self._file.seek(at)
            try:
                for record in read(self._file, at):
                    at = record.offset + record.length
                    if any(True for _ in flaws(record)):
                        self._note(record.offset, at)
                    elif self._take(record):
                        yield record
            except Damage:
                after = self._resume(at)
                self._note(at, after)
                at = after
        self._complete_last(at)

    def tail(self) -> int:
        """Return where the damage at the end of the file begins; without such damage, the end of the last exchange."""
        last = self.damaged[-1] if self.damaged else None
        if last and last.end >= self._size and last.companion_of is None:
            return last.start
        return max(self._size, last.end) if last else self._size

    def _take(self, record: Record) -> bool:
        """Count an intact record, and return whether it belongs to an exchange with a main record."""
        self.count += 1
        self.heading = self.heading or heading_of(record)
        of = None if record.type in CAPTURED else record.header("warc-concurrent-to")
        if of is None:
            self._main = record.id
            self._intact.add((record.offset, record.id or ""))
        return of is None or of == self._main

    def _note(self, start: int, end: int) -> None:
        of = self._companion_of(start)
        last = self.damaged[-1] if self.damaged else None
        if last and last.end == start and last.companion_of == of:
            self.damaged[-1] = replace(last, end=end)
        else:
            self.damaged.append(Damaged(start, end, of))

    def _companion_of(self, at: int) -> str | None:
        place = self._place(at)
        there = place and place.main_end <= at < place.end and (place.start, place.record_id) in self._intact
        return place.record_id if place and there else None

    def _resume(self, at: int) -> int:
        """Return where to continue after damage at `at`: far enough for a filler."""
        after = at
        while after - at < LEAST and after < self._size:
            after = self._next(after)
        return after

    def _next(self, at: int) -> int:
        place = self._place(at)
        if place and at < place.main_end:
            return min(place.main_end, self._size)
        if place and at < place.end:
            end = place.end if self._companion_of(at) else min(place.end, self._size)
            return self._found(at, end) or end
        following = bisect_right(self._starts, at)
        if following < len(self._places):
            return self._found(at, self._starts[following]) or self._starts[following]
        return (self._search_end and self._found(at, self._size)) or self._size

    def _found(self, at: int, end: int) -> int | None:
        """Return where the next valid record begins, far enough behind `at` and before `end`."""
        found = next_beginning(self._file, at + LEAST)
        return found if found is not None and found < end else None

    def _place(self, at: int) -> _Place | None:
        """Return the last exchange that begins at or before `at`."""
        before = bisect_right(self._starts, at)
        return self._places[before - 1] if before else None

    def _complete_last(self, at: int) -> None:
        """Handle a file that ends where the request of the last exchange should begin."""
        place = self._place(at)
        if place and self._companion_of(at):
            self._note(at, place.end)


def heading_of(record: Record) -> Heading | None:
    """Return the heading in a segment's warcinfo; None for any other record."""
    if record.type != "warcinfo" or not isinstance(record.block, bytes) or record.at is None:
        return None
    lines = record.block.decode(errors="replace").split("\r\n")
    facts = dict(text.split(": ", 1) for text in lines if ": " in text)
    name, epoch = (record.header("warc-filename") or "").removesuffix(".warc.gz"), facts.get("epoch", "")
    whole = name and epoch.isdigit() and {"isPartOf", "worker"} <= facts.keys()
    return Heading(name, facts["isPartOf"], facts["worker"], int(epoch), record.at) if whole else None
