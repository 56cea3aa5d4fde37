"""Segments that a dead worker left open are forgotten only if they are empty."""

from __future__ import annotations

from pathlib import Path

import pytest
from specimens.captures import NOON
from specimens.segments import SegmentFile, answered

from archive.database.engine import Database
from archive.index.index import Index


@pytest.fixture
def index(either: Database) -> Index:
    return Index(either, now=lambda: NOON)


def opened(index: Index, name: str, *, epoch: int, worker: str = "main") -> None:
    index.opened(name, collection="default", worker=worker, epoch=epoch, path=Path("/spool/open", name), at=NOON)


def names(index: Index) -> list[str]:
    return [row.name for row in index.segments()]


def test_an_empty_segment_of_an_earlier_epoch_is_forgotten(index: Index) -> None:
    opened(index, "earlier", epoch=1)
    opened(index, "mine", epoch=2)
    opened(index, "another's", epoch=1, worker="other")

    assert index.forget_empty("main", before=2) == 1
    assert names(index) == ["mine", "another's"]


def test_a_segment_with_a_capture_is_not_forgotten(index: Index, tmp_path: Path) -> None:
    file = SegmentFile(tmp_path)
    opened(index, file.name, epoch=1)
    index.add([file.write(answered())])

    assert index.forget_empty("main", before=2) == 0
    assert names(index) == [file.name]
