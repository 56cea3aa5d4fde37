from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from archive.database.engine import open_database
from archive.index.index import Index
from archive.values.capture import Capture, Location
from pressmark.processes.indexer import Indexer

NOW = datetime(2026, 11, 24, tzinfo=UTC)
CAPTURE = Capture(
    collection="default",
    urlkey="example,one)/",
    url="https://one.example/",
    at=NOW,
    kind="response",
    status=200,
    mime="text/html",
    digest="A" * 32,
    sha256="0" * 64,
    payload_length=3,
    location=Location("segment-1", 100, 10),
    span=20,
    record_id="<urn:uuid:1>",
    source="one",
    run="run",
)


def captures(count: int, first: int = 0) -> list[Capture]:
    return [
        CAPTURE._replace(record_id=f"<urn:uuid:{n}>", location=Location("segment-1", n * 10, 10))
        for n in range(first, first + count)
    ]


@contextmanager
def indexing(index: Index) -> Iterator[Indexer]:
    def opened(name: str, path: Path, collection: str) -> None:
        index.opened(name, collection=collection, worker="main", epoch=1, path=path, at=NOW)

    indexer = Indexer(index, opened=opened, sealed=lambda sealed: None)
    thread = threading.Thread(target=indexer.run)
    thread.start()
    try:
        yield indexer
    finally:
        indexer.stop()
        thread.join()


def test_captures_are_indexed_after_their_segment(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/p.db")
    index = Index(database, now=lambda: NOW)
    with indexing(index) as indexer:
        indexer.opened("segment-1", tmp_path / "segment", "default")
        for first in range(0, 300, 30):
            indexer.add(captures(30, first))
        assert indexer.flush(10)
        found = list(index.captures("https://one.example/"))
    database.close()

    assert len(found) == 300
    assert indexer.problem is None


class Refusing:
    """An index that can't be reached for a while."""

    def __init__(self, refusals: int) -> None:
        self.refusals = refusals
        self.added: list[Capture] = []

    def add(self, found: Sequence[Capture]) -> int:
        if self.refusals > 0:
            self.refusals -= 1
            raise OSError("the database is locked")
        self.added += found
        return len(found)


def test_what_the_index_refuses_is_retried_in_order() -> None:
    index = Refusing(2)
    with indexing(cast("Index", index)) as indexer:
        indexer.add(captures(3))
        indexer.add(captures(3, 3))
        assert indexer.flush(10)

    assert [capture.record_id for capture in index.added] == [capture.record_id for capture in captures(6)]


def test_a_stop_does_not_wait_for_an_unreachable_index() -> None:
    with indexing(cast("Index", Refusing(10**6))) as indexer:
        indexer.add(captures(3))

    assert indexer.problem is not None
