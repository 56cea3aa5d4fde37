"""Listed captures can be read at every instant of the way from the open segment to the store."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from faults.shipping import running
from specimens.captures import NOON
from specimens.exchanges import numbered
from specimens.segments import CONTEXT, answered
from specimens.spools import crashed

from archive.archive import Archive
from archive.database.engine import open_database
from archive.index.index import Index
from archive.intake.rebuild import Rebuild
from archive.retrieval.retrieval import Retrieval
from archive.shipping.shipper import Shipper
from archive.spool.recorder import Receipt, Recorder
from archive.spool.recovery import recover
from archive.spool.sealed import Sealed
from archive.spool.spool import Spool
from archive.store.memory import MemoryStore
from archive.texts.texts import Texts
from archive.values.capture import Capture
from archive.values.errors import ObjectNotFound

PAGES = 300


class Reader(threading.Thread):
    """Retrieves listed captures repeatedly, and records failures."""

    def __init__(self, archive: Archive, listed: Callable[[], Sequence[Capture]]) -> None:
        super().__init__(daemon=True)
        self.read = 0
        self.failures: list[tuple[Capture, Exception]] = []
        self._archive, self._listed = archive, listed
        self._done = threading.Event()

    def run(self) -> None:
        while not self._done.is_set():
            for capture in list(self._listed())[-5:] + list(self._listed())[:3]:
                try:
                    with self._archive.open(capture) as snapshot:
                        assert snapshot.raw().read() == body_of(capture.url)
                        assert snapshot.request_head
                    self.read += 1
                except Exception as error:
                    self.failures.append((capture, error))

    def wait_for_more(self) -> None:
        """Wait until it has read more, so that it reads while the segment moves."""
        enough, until = self.read + 3, time.monotonic() + 60
        while self.read < enough and not self.failures and time.monotonic() < until:
            time.sleep(0.001)

    def stop(self) -> None:
        self._done.set()
        self.join()


def body_of(url: str) -> bytes:
    """Return the body of a page; every third one equals the first."""
    number = int(url.rpartition("/")[2])
    return b"the same" * 50 if number % 3 == 0 else b"page %d" % number * 300


def test_listed_captures_can_be_read_if_the_index_does_not_know_the_new_place(tmp_path: Path) -> None:
    """The disk of the database is full, so no row records that a segment was sealed."""
    database, store = open_database(f"sqlite:///{tmp_path / 'a.db'}"), MemoryStore()
    index = Index(database, now=lambda: NOON)
    directory = tmp_path / "spool"
    captures, warc = crashed(directory, [numbered(n) for n in range(5)])
    segment = captures[0].location.segment
    index.opened(segment, collection="default", worker="worker-1", epoch=7, path=warc, at=NOON)
    index.add(captures)
    archive = Archive(index, Texts(database), store)

    def readable() -> None:
        for capture in captures:
            archive.open(capture).close()

    readable()
    warc.rename(warc.with_name(f"{segment}.warc.gz.failed"))
    readable()
    [sealed] = recover(directory, now=lambda: NOON).segments
    readable()
    assert Retrieval(index, store).size(segment) == sealed.size
    sealed.path.unlink()
    with pytest.raises(ObjectNotFound, match=segment):
        archive.open(captures[0])
    database.close()


def test_listed_captures_can_be_read_while_their_segment_moves(tmp_path: Path) -> None:
    database, store = open_database(f"sqlite:///{tmp_path / 'a.db'}"), MemoryStore()
    index = Index(database, now=lambda: NOON)
    spool = Spool(tmp_path / "spool", worker="w", epoch=1, now=lambda: NOON, seal_bytes=20_000, ballast=0)
    shipper = Shipper(store, index, lambda _: [], spool=spool.directory, now=lambda: NOON, grace=timedelta())
    listed: list[Capture] = []

    def acknowledged(receipts: Sequence[Receipt]) -> None:
        captures = [receipt.capture for receipt in receipts if receipt.capture]
        index.add(captures)
        listed.extend(captures)

    def opened(name: str, path: Path, collection: str) -> None:
        index.opened(name, collection=collection, worker="w", epoch=1, path=path, at=NOON)

    def sealed(segment: Sealed) -> None:
        index.sealed(segment)
        shipper.add(segment)

    recorder = Recorder(
        spool, originals=index.originals, acknowledged=acknowledged, opened=opened, sealed=sealed, wait=0.005
    )
    readers = [Reader(Archive(index, Texts(database), store), lambda: listed) for _ in range(2)]
    for reader in readers:
        reader.start()
    with running(shipper):
        for number in range(PAGES):
            url = f"https://example.org/{number}"
            recorder.record(answered(url, body_of(url), minute=number / 60), CONTEXT)
            if number % 25 == 24:
                recorder.flush()
                for reader in readers:
                    reader.wait_for_more()
        recorder.close()
        assert shipper.drain(60)
    for reader in readers:
        reader.stop()
    spool.close()

    assert [reader.failures for reader in readers] == [[], []]
    assert min(reader.read for reader in readers) > 20
    states = {row.state for row in index.segments()}
    assert len(index.segments()) > 2
    assert "released" in states
    assert sum(capture.kind == "revisit" for capture in listed) == PAGES // 3 - 1
    again = open_database(f"sqlite:///{tmp_path / 'b.db'}")
    rebuilt = Rebuild(store, Index(again, now=lambda: NOON), level="full").run()
    assert (rebuilt.captures, rebuilt.findings) == (PAGES, ())
    for each in (database, again):
        each.close()
