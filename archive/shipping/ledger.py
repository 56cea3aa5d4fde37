"""Write the ledger of one worker into the store, and roll its parts up: see `archive.warc.ledger`."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import BinaryIO, cast

from archive.shipping.ledger_parts import IN_MEMORY, delete, head_of, parts_of, take, temporary_rows
from archive.store import ObjectStore
from archive.store.confirm import confirm
from archive.values.digest import Sha256, sha256_file
from archive.values.errors import IntegrityError, ObjectNotFound
from archive.warc.exchange_records import software
from archive.warc.keys import ledger_prefix
from archive.warc.ledger import Head, Part, Record, current

log = logging.getLogger(__name__)

ROLLED_UP = 16
"""Parts of a level that become one part of the next."""
_LEVEL = 10
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class End:
    """The end of a chain."""

    number: int
    sha256: Sha256 | None
    at: datetime | None = None


class Ledger:
    """The parts that one worker writes. The caller holds its spool, so that nobody else writes them."""

    def __init__(
        self,
        store: ObjectStore,
        worker: str,
        *,
        now: Callable[[], datetime],
        deleted: Callable[[Sequence[str]], None] = lambda keys: None,
        known: End | None = None,
    ) -> None:
        """`deleted` gets the keys of parts that were deleted because a part of a higher level replaced them.

        `known` is the last part that the caller knows of: the next one follows it, also if the store has lost it.
        """
        self._store, self._worker, self._now, self._deleted = store, worker, now, deleted
        self._expected = known
        self._known: End | None = None
        self.first: int | None = None
        """The number of the first part that was put, or may have been: all from there on are of this object."""

    def append(self, records: Iterable[Record]) -> Part:
        """Put records as the next part. Raises StoreError; then the store may have it or not."""
        end = self._known or self._found()
        self._known = None  # after an error, the store says whether it has the part
        at = self._now() if end.at is None else max(self._now(), end.at + _MICROSECOND)
        number = end.number + 1
        self.first = self.first or number
        head = Head(self._worker, 0, number, number, at, end.sha256, None, software())
        part = self._put(head, (record.line(at) for record in records))
        self._known = End(number, part.sha256, at)
        return part

    def roll_up(self) -> int:
        """Replace parts by fewer ones until no level has many; return how many were replaced. Raises StoreError.

        Replaced parts are deleted, unless the store refuses that: then they stay, and nobody reads them. A damaged part
        stays as it is: a healthy copy of it may be found.
        """
        replaced, damaged = 0, set[Part]()
        while some := _many(parts_of(self._store, ledger_prefix(self._worker)), damaged):
            if wrong := self._replace(some):
                damaged.add(wrong)
            else:
                replaced += len(some)
        return replaced

    def _replace(self, some: list[Part]) -> Part | None:
        """Replace parts by one of the next level, or return the first damaged one of them."""
        heads = list[Head]()
        with temporary_rows() as rows:
            for part in some:
                try:
                    heads.append(take(self._store, part, rows))
                except (IntegrityError, ObjectNotFound) as error:
                    log.warning("a damaged part of the ledger stays", extra={"object": part.key, "reason": str(error)})
                    return part
            first, last = heads[0], heads[-1]
            level, end = first.level + 1, last.end or some[-1].sha256
            head = Head(self._worker, level, first.first, last.last, last.at, first.previous, end, software())
            self._put(head, (line for (line,) in rows.execute("SELECT line FROM rows ORDER BY kind, key")))
        self._deleted([part.key for part in some if delete(self._store, part)])
        return None

    def _found(self) -> End:
        """Return the end of the chain: in the store, or, if that has lost it, the one that is known."""
        found, known = self._in_store(), self._expected
        return replace(known, at=found.at) if known and known.number > found.number else found

    def _in_store(self) -> End:
        live = current(parts_of(self._store, ledger_prefix(self._worker)))
        if not live:
            return End(0, None)
        part = max(live, key=lambda one: one.last)
        head = head_of(self._store, part)
        return End(part.last, head.end or part.sha256, head.at)

    def _put(self, head: Head, lines: Iterable[bytes]) -> Part:
        from zstandard import ZstdCompressor

        with tempfile.SpooledTemporaryFile(IN_MEMORY) as file:
            with ZstdCompressor(level=_LEVEL).stream_writer(cast("BinaryIO", file), closefd=False) as packed:
                packed.write(head.line())
                for line in lines:
                    packed.write(line)
            file.seek(0)
            digest = sha256_file(cast("BinaryIO", file))
            file.seek(0)
            part = Part(head.worker, head.first, head.last, head.level, digest)
            stored = self._store.put(part.key, cast("BinaryIO", file), digest, replace=True)
        confirm(self._store, part.key, stored, "get")
        return part


def _many(parts: list[Part], damaged: Container[Part]) -> list[Part]:
    """Return the oldest parts of a level that has many in a row, in order.

    A row ends at a lost part, a damaged one, and one of which there are two: a copied ledger that both continued.
    """
    live = current(parts)
    twins = {part for pair in pairwise(live) if pair[1].first <= pair[0].last for part in pair}
    for level in sorted({part.level for part in live}):
        row = list[Part]()
        for part in live:
            if part.level != level or part in damaged or part in twins:
                continue
            row = [*row, part] if row and row[-1].last + 1 == part.first else [part]
            if len(row) == ROLLED_UP:
                return row
    return []
