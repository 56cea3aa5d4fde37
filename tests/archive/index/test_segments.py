"""Segments that a dead worker left open are forgotten only if they are empty."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from specimens.captures import NOON
from specimens.segments import SegmentFile, answered

from archive.database.engine import Database
from archive.index.index import Index
from scheduler.ledger.epochs import Epochs


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


def test_an_empty_segment_of_another_spool_is_not_forgotten(index: Index, either: Database) -> None:
    """The machine of the worker was replaced: its disk may come back, with captures that the index never had."""
    epochs = Epochs(either, now=lambda: NOON, lease=timedelta(minutes=1))
    for name, spool in (("lost", "a"), ("mine", "b")):
        epoch = epochs.begin("main", host="here", spool=spool)
        epochs.end(epoch)
        opened(index, name, epoch=epoch)
    last = epochs.begin("main", host="here", spool="b")

    assert index.forget_empty("main", before=last) == 1
    assert names(index) == ["lost"]
