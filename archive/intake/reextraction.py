"""Extract texts again from the store: with a newer extractor, or missing ones. WARCs are never changed.

The texts of a segment are written as an additional sidecar, then the rows are updated. Each segment is one step, which
can be repeated. See docs/formats/store-layout.md.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable, Container, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, BinaryIO, Literal, cast

from archive.database.statements import batches
from archive.index.damage import examine
from archive.index.purges.locks import beside_purges
from archive.index.purges.purged_marks import is_purged
from archive.index.row_counts import note_rows_now
from archive.index.selection_rows import chosen
from archive.retrieval.retrieval import Retrieval
from archive.shipping.run_texts import RunTexts
from archive.shipping.sidecars import DID_NOT_FIT, rows_in, write_texts
from archive.texts.reading_jobs import Fence, unfenced
from archive.texts.text_replacement import replace_texts, texts_among, texts_of_segment, versions_of
from archive.texts.texts import DOWNLOAD_TYPES, READ_TYPES, TextRow
from archive.values.capture import Location
from archive.values.digest import Hashed, Sha256, sha256_file
from archive.values.errors import IntegrityError, ObjectNotFound
from archive.values.key_parts import escaped
from archive.warc.keys import REREADS, reread_key
from extractor.values.text import VERSION

if TYPE_CHECKING:
    from archive.index.index import Index
    from archive.index.selection import Selection
    from archive.store import ObjectStore
    from archive.values.capture import Capture

logger = logging.getLogger(__name__)

_FEW = 100
"""Texts in memory: each takes up to 100 KB."""

Which = Literal["unread", "older", "all"]
"""Only captures without a text; these and texts of older extractors; everything except texts of later ones."""

ReadWarc = Callable[[BinaryIO, str, Container[str]], Iterable[TextRow]]
"""Extracts the texts of some records of a WARC, by id."""


_IN_MEMORY = 8 << 20


class _Every:
    """All record ids."""

    def __contains__(self, _: object) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class Task:
    """The records of a segment to read again."""

    segment: str
    record_ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class ReextractedSegment:
    """The result of reading a segment again."""

    segment: str
    read: int
    changed: int
    """The number of changed rows; version and Markdown count, too."""
    failed: int


class Reextraction:
    def __init__(
        self,
        index: Index,
        store: ObjectStore,
        read: ReadWarc,
        *,
        now: Callable[[], datetime],
        run_texts: RunTexts | None = None,
    ) -> None:
        """Set up. `run_texts` writes the objects of runs; None: it writes those that exist."""
        self._index = index
        self._store = store
        self._read = read
        self._now = now
        self._run_texts = run_texts or RunTexts(index.database, store, new=False)
        self._retrieval = Retrieval(index, store)

    def tasks(self, selection: Selection, which: Which = "older") -> list[Task]:
        """Return one task for each segment in the store that has records to read, oldest first."""
        there = {row.name for row in self._index.segments("committed", "releasing", "released")}
        wanted: dict[str, set[str]] = {}
        pages = (one for one in chosen(self._index, selection) if one.location.segment in there)
        for capture in self._due(pages, which):
            wanted.setdefault(capture.location.segment, set()).add(capture.record_id)
        return [Task(segment, frozenset(wanted[segment])) for segment in sorted(wanted)]

    def first(self, segment: str, *, at: datetime, fence: Fence = unfenced) -> ReextractedSegment:
        """Read a segment that was shipped without its texts, and add them as the shipper does.

        Repeating it changes nothing. `at` is the time in the name of the sidecar. Raises IntegrityError,
        ObjectNotFound and SegmentUnknown if its file can't be read in full, StoreError, ReaderClosed, OSError,
        PurgeUnderWay, and what the `fence` raises; then no text is added.
        """
        with beside_purges(self._index.database):
            return self._first(segment, at=at, fence=fence)

    def _first(self, segment: str, *, at: datetime, fence: Fence) -> ReextractedSegment:
        count = failed = 0

        def rows() -> Iterator[TextRow]:
            nonlocal count, failed
            with self._whole(segment) as file:
                for row in self._read(file, segment, _Every()):
                    count += 1
                    failed += row.state == "failed"
                    yield row

        with cast("BinaryIO", tempfile.SpooledTemporaryFile(_IN_MEMORY)) as sidecar:
            write_texts(rows(), sidecar)
            fence(None)
            if count:
                self._put(segment, sidecar, at)
                sidecar.seek(0)
                self._index.note_texts(segment, rows_in(sidecar))
                note_rows_now(self._index.database, segment, fence)
        self._run_texts.put_last(segment)
        return ReextractedSegment(segment, count, count, failed)

    def again(self, task: Task, *, at: datetime | None = None, fence: Fence = unfenced) -> ReextractedSegment:
        """Read a segment again, and replace its texts.

        A failure does not replace an existing text, and a damaged or missing segment does not stop others. `at` as in
        `first`; None: now. Raises StoreError, ReaderClosed, OSError and PurgeUnderWay; then nothing is changed. What
        the `fence` raises ends it between two batches of texts.
        """
        with beside_purges(self._index.database):
            if is_purged(self._index.database, task.segment):  # since the tasks were listed
                logger.info("a segment was purged and has another name now", extra={"segment": task.segment})
                return ReextractedSegment(task.segment, 0, 0, len(task.record_ids))
            return self._again(task, at=at, fence=fence)

    def _again(self, task: Task, *, at: datetime | None, fence: Fence) -> ReextractedSegment:
        read = _Read()
        with tempfile.TemporaryFile() as sidecar:
            try:
                write_texts(self._merged(task, read), sidecar)
            except (IntegrityError, ObjectNotFound) as error:
                facts = {"segment": task.segment, "reason": str(error)}
                logger.warning("a segment can't be extracted again", extra=facts)
                examine(self._index, self._store, task.segment)
                return ReextractedSegment(task.segment, 0, 0, len(task.record_ids))
            if read.changed:
                fence(None)
                self._put(task.segment, sidecar, at or self._now())
                self._replace(task.segment, sidecar, read, fence)
        return ReextractedSegment(task.segment, read.count, len(read.changed), read.failed)

    def _merged(self, task: Task, read: _Read) -> Iterator[TextRow]:
        """Yield the texts of a segment as they are to be: those read now, unless they are worse, then the others."""
        database = self._index.database
        for rows in batches(self._texts(task), _FEW):
            before = texts_among(database, [row.record_id for row in rows])
            for row in rows:
                known = before.get(row.record_id)
                if read.note(row, known):
                    yield known if known and _is_worse(row, known) else row
        yield from texts_of_segment(database, task.segment, read.seen)

    def _replace(self, segment: str, sidecar: BinaryIO, read: _Read, fence: Fence) -> None:
        """Put those of the texts in a sidecar that changed into the index.

        One that did not fit into the sidecar does not replace an existing one.
        """
        sidecar.seek(0)
        changed = (row for row in rows_in(sidecar) if row.record_id in read.changed)
        for rows in batches((row for row in changed if row.reason != DID_NOT_FIT or row.record_id in read.new), _FEW):
            replace_texts(self._index.database, segment, rows, fence=fence)
        self._run_texts.put_last(segment)

    def _due(self, captures: Iterable[Capture], which: Which) -> Iterator[Capture]:
        from extractor.reading import age_of  # and with it the whole extractor

        pages = {one.record_id: one for one in captures if _may_be_read(one)}
        versions = dict(versions_of(self._index.database, pages))
        for record_id, capture in pages.items():
            age = age_of(versions[record_id]) if record_id in versions else None
            if age is None and which != "all" and capture.mime not in READ_TYPES:
                continue  # a generic download is rarely a PDF, and is examined once
            if age is None or (which == "all" and age != "later") or (which == "older" and age == "older"):
                yield capture

    def _texts(self, task: Task) -> Iterator[TextRow]:
        size = self._retrieval.size(task.segment)
        if size is None:
            raise ObjectNotFound(f"of the segment {task.segment}")
        with closing(self._retrieval.opened(Location(task.segment, 0, size))) as file:
            hashed = Hashed(file)
            yield from self._read(cast("BinaryIO", hashed), task.segment, task.record_ids)
            self._check(task.segment, hashed.finish())  # the reader ends at the first damage, as if the file did

    def _whole(self, segment: str) -> BinaryIO:
        """Return a copy of the file of a segment, which must have the digest that it was shipped with."""
        size = self._retrieval.size(segment)
        if size is None:
            raise ObjectNotFound(f"of the segment {segment}")
        file = self._retrieval.octets(Location(segment, 0, size))
        try:
            self._check(segment, sha256_file(file))
        except IntegrityError:
            file.close()
            raise
        file.seek(0)
        return file

    def _check(self, segment: str, digest: Sha256) -> None:
        """Raise IntegrityError unless a file with this digest is the one that was uploaded or imported."""
        row = self._index.segment(segment)
        if row is not None and row.sha256 not in (None, digest):
            raise IntegrityError(f"the file of the segment {segment} is not the one that was uploaded")

    def _put(self, segment: str, sidecar: BinaryIO, at: datetime) -> None:
        row = self._index.segment(segment)
        assert row is not None, "its captures name it"
        sidecar.seek(0)
        digest = sha256_file(sidecar)
        sidecar.seek(0)
        self._store.put(reread_key(row.collection, segment, int(VERSION), at, digest), sidecar, digest)


@dataclass(slots=True)
class _Read:
    """What was read of a segment so far."""

    count: int = 0
    failed: int = 0
    seen: set[str] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)
    new: set[str] = field(default_factory=set)
    """Records that had no text before."""

    def note(self, row: TextRow, before: TextRow | None) -> bool:
        """Count a text; return False for a second one of the same record."""
        self.count += 1
        self.failed += row.state == "failed"
        if row.record_id in self.seen:
            return False
        self.seen.add(row.record_id)
        if before is None:
            self.new.add(row.record_id)
        if row != before and not _is_worse(row, before):
            self.changed.add(row.record_id)
        return True


def newest_rereads(store: ObjectStore) -> dict[tuple[str, str], str]:
    """Return the key of the valid sidecar, by the escaped names of collection and segment: the last one of the newest
    version.
    """
    return {tuple(key.split("/")[2:4]): key for key in store.keys(REREADS)}  # type: ignore[misc] # keys are sorted


def place_of(collection: str, segment: str) -> tuple[str, str]:
    return escaped(collection), escaped(segment)


def _may_be_read(capture: Capture) -> bool:
    is_answer = capture.has_payload and capture.status in {200, None} and capture.payload_length > 0
    return is_answer and (not capture.mime or capture.mime in READ_TYPES or capture.mime in DOWNLOAD_TYPES)


def _is_worse(row: TextRow, before: TextRow | None) -> bool:
    return row.state == "failed" and before is not None and before.state == "done"
