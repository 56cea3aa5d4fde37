"""Retrieve a capture as a snapshot: its head, and the payload that it has or refers to."""

from __future__ import annotations

from functools import cache

from archive.index.index import Index
from archive.retrieval.captured_text import captured_text
from archive.retrieval.elsewhere import Elsewhere
from archive.retrieval.retrieval import Retrieval
from archive.retrieval.snapshot import Snapshot
from archive.store import ObjectStore
from archive.texts.texts import Texts
from archive.values.capture import Capture, Location
from archive.values.errors import DamagedRecord, IntegrityError, ObjectNotFound, OriginalNotFound, OutOfReach
from archive.warc.integrity.verify import is_true
from archive.warc.record import Record


class SnapshotReader:
    def __init__(self, index: Index, texts: Texts, store: ObjectStore, elsewhere: Elsewhere | None = None) -> None:
        self._index, self._texts = index, texts
        self._retrieval = Retrieval(index, store, elsewhere)

    def open(self, capture: Capture) -> Snapshot:
        """Retrieve a capture.

        A revisit has its own head and the payload of the capture that it refers to. A 304 response stands for that
        capture completely: status, head and payload. Raises OriginalNotFound, OutOfReach (known to be lost),
        ObjectNotFound, DamagedRecord, StoreError.
        """
        original = self._index.original_of(capture)
        if original is None:
            raise OriginalNotFound(capture.url, capture.refers_to.url if capture.refers_to else None)
        record = self._record(capture, original)
        try:
            head = record.http_head if capture.kind != "revisit" else self._head(capture) or record.http_head
        except BaseException:
            record.close()
            raise
        text = cache(lambda: captured_text(self._index, self._texts, capture, original))
        return Snapshot(capture, original, head, text, record, lambda: self.sent(capture)[0])

    def sent(self, capture: Capture, limit: int = 0) -> tuple[bytes, bytes]:
        """Read the request of a capture: its head, and up to `limit` bytes of its body. Both empty if not recorded.

        Raises what `open` raises.
        """
        where, end = capture.location, capture.location.offset + capture.span
        while (offset := where.offset + where.length) < end:  # it follows its response in the same exchange
            where = Location(where.segment, offset, end - offset)
            with self._retrieval.record(where) as record:
                if record.type == "request":
                    return record.http_head, record.read_payload(limit) if limit else b""
                where = Location(where.segment, offset, record.length)
        return b"", b""

    def _record(self, capture: Capture, original: Capture) -> Record:
        """Read the record with a capture's payload. If it is marked as damaged but can be read, remove the mark."""
        where = original.location
        try:
            record = self._retrieval.record(where, original.record_id)
        except (DamagedRecord, ObjectNotFound, IntegrityError) as error:
            if known := self._index.damages.of(where.segment, where.offset):
                raise OutOfReach(capture.url, capture.at, known.reason, known.found_at) from error
            raise
        if capture.damaged or original.damaged:
            self._found_again(record, capture, original)
        return record

    def _found_again(self, record: Record, capture: Capture, original: Capture) -> None:
        if not is_true(record):
            return
        for found in (original, capture):
            if found is original or (found.damaged and found.damaged.state == "original"):
                self._index.damages.unmark(found.location.segment, [found.location.offset])

    def _head(self, capture: Capture) -> bytes:
        with self._retrieval.record(capture.location, capture.record_id) as record:
            return record.http_head
