"""The shipper: in order, with retries, and what it reports."""

from __future__ import annotations

import errno
import io
import os
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

import pytest
from faults.segments import seal
from faults.shipping import Works, assert_whole, running, state_of, wait_until, works

from archive.spool.sealed import Sealed
from archive.store import Stored
from archive.store.memory import MemoryStore
from archive.values.counters import SUM, Figure, Figures
from archive.values.digest import Sha256
from archive.values.errors import DatabaseDamaged, StoreError, StoreUnreachable
from archive.warc.journal import load


def test_segments_are_shipped_in_order_however_they_are_added(tmp_path: Path) -> None:
    with works(tmp_path, MemoryStore()) as at:
        segments = [seal(at.spool, number) for number in range(5)]
        for sealed in segments[::-1]:
            at.shipper.add(sealed)
        assert at.shipper.state().waiting == 5
        assert at.shipper.state().oldest_at == segments[0].first_at
        with running(at.shipper):
            assert at.shipper.drain(30)
        assert at.shipper.state().shipped == 5
        assert [row.name for row in at.index.segments("committed")] == [sealed.name for sealed in segments]


def test_a_faulty_segment_does_not_stop_the_others(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with works(tmp_path, MemoryStore()) as at:
        rotten, good = seal(at.spool, 1), seal(at.spool, 2)
        for sealed in (rotten, good):
            at.shipper.add(sealed)
        make_unreadable(rotten)
        with running(at.shipper):
            wait_until(lambda: state_of(at, good) == "committed")
        row = at.index.segment(rotten.name)
        assert row is not None
        assert row.problem is not None
        assert f"{rotten.path} can't be read (Is a directory)" in row.problem
        assert at.shipper.state().problem == row.problem
        assert at.shipper.state().waiting == 1
        assert [each.getMessage() for each in caplog.records] == ["a segment is not uploaded; others are"]


def test_each_faulty_segment_is_tried_once_before_the_sound_one_after_them_is_shipped(tmp_path: Path) -> None:
    with works(tmp_path, MemoryStore()) as at:
        *rotten, good = (seal(at.spool, number) for number in range(1, 10))
        for sealed in (*rotten, good):
            at.shipper.add(sealed)
        for sealed in rotten:
            make_unreadable(sealed)
        with running(at.shipper):
            wait_until(lambda: state_of(at, good) == "committed")
            failures = at.shipper.state().failures
        assert failures == len(rotten)


@pytest.mark.parametrize("error", [DatabaseDamaged("index.sqlite", "malformed"), OSError(errno.EIO, "chain.json")])
def test_a_fault_that_all_segments_have_is_not_met_by_each_at_once(
    tmp_path: Path, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    with works(tmp_path, MemoryStore()) as at:

        def refuse(*_: object) -> None:
            raise error

        at.index.commit = refuse  # type: ignore[method-assign]
        for number in range(3):
            at.shipper.add(seal(at.spool, number))
        at.shipper._turn()

        assert at.shipper.state().failures == 1
        assert at.shipper._patience._failures == 1
        assert [each.getMessage() for each in caplog.records] == ["uploading has stopped"]


def test_a_watchdog_sees_that_the_shipper_makes_no_progress(tmp_path: Path) -> None:
    with works(tmp_path, MemoryStore()) as at:
        assert at.shipper.activity.name == "the shipper"


class Full(MemoryStore):
    """A store on a full disk."""

    def put(self, key: str, body: BinaryIO, digest: Sha256, *, replace: bool = False) -> Stored:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_drain_does_not_wait_for_a_full_disk(tmp_path: Path) -> None:
    """The wait would take ten minutes, longer than any test may."""
    with works(tmp_path, Full()) as at, running(at.shipper):
        at.shipper.add(seal(at.spool, 1))
        assert not at.shipper.drain(600)
        assert at.shipper.state().problem == "OSError: [Errno 28] No space left on device"


def make_unreadable(sealed: Sealed) -> None:
    """Put a directory in place of the file: not even root can read it."""
    sealed.path.unlink()
    sealed.path.mkdir()


def test_captures_of_a_segment_that_is_damaged_in_the_spool_are_marked(tmp_path: Path) -> None:
    with works(tmp_path, MemoryStore()) as at:
        rotten = seal(at.spool, 1)
        at.index.sealed(rotten)
        listed = at.index.add(load(rotten.journal).captures)
        rotten.path.write_bytes(b"rotten")
        at.shipper.add(rotten)
        with running(at.shipper):
            wait_until(lambda: at.index.damaged_count() == listed > 0)


def test_uploads_are_counted_by_result(tmp_path: Path) -> None:
    store, figures = Unreachable(), Figures()
    with works(tmp_path, store, figures=figures) as at:
        good, rotten = seal(at.spool, 1), seal(at.spool, 2)
        make_unreadable(rotten)
        with running(at.shipper):
            at.shipper.add(good)
            wait_until(lambda: bool(store.tries))
            store.down = False
            wait_until(lambda: state_of(at, good) == "committed" and at.shipper.state().problem is None)
            at.shipper.add(rotten)
            wait_until(lambda: at.shipper.state().problem is not None)
    with figures.drained() as taken:
        results = {of[0]: n for (figure, of), n in taken.items() if figure is Figure.UPLOADS}
        seconds = [n for (figure, of), n in taken.items() if figure is Figure.UPLOAD_SECONDS and of != (SUM,)]

    assert results["ok"] == sum(seconds) == 1.0
    assert results.keys() == {"ok", "unreachable", "integrity"}


class Unreachable(MemoryStore):
    """A store that is down until it is repaired."""

    def __init__(self) -> None:
        super().__init__()
        self.down = True
        self.tries: list[float] = []

    def get(self, *arguments: object, **options: object) -> io.BytesIO:  # type: ignore[override]
        if self.down:
            self.tries.append(time.monotonic())
            raise StoreUnreachable("the store is down")
        return super().get(*arguments, **options)  # type: ignore[arg-type, return-value]


def test_an_unreachable_store_is_tried_at_most_once_a_second_and_shipping_resumes(tmp_path: Path) -> None:
    store = Unreachable()
    with works(tmp_path, store) as at:
        segments = [seal(at.spool, number) for number in range(3)]
        for sealed in segments:
            at.shipper.add(sealed)
        with running(at.shipper):
            assert not at.shipper.drain(3.5)
            row = at.index.segment(segments[0].name)
            assert row is not None
            assert row.problem == at.shipper.state().problem == "the store is down"
            assert isinstance(at.shipper.stuck(1), StoreUnreachable)
            assert at.shipper.stuck(1_000) is None
            store.down = False
            assert at.shipper.drain(30)
            assert at.shipper.state().problem is None
        assert all(later - earlier >= 1 for earlier, later in zip(store.tries, store.tries[1:], strict=False))
        assert len(store.tries) >= 2
        for sealed in segments:
            assert_whole(at, sealed)
            row = at.index.segment(sealed.name)
            assert row is not None
            assert row.problem is None


def test_the_faults_of_a_segment_before_it_was_shipped_delay_nothing_later(tmp_path: Path) -> None:
    with works(tmp_path, MemoryStore()) as at:
        at.shipper.add(seal(at.spool, 1))
        (task,) = at.shipper._waiting
        for _ in range(20):
            task.patience.fail()
        assert task.patience.left() > 30
        at.shipper._ship(task)

        assert task.patience.left() == 0


class Unswept(MemoryStore):
    """A store that does not remove unfinished uploads."""

    def __init__(self, error: StoreError) -> None:
        super().__init__()
        self.error = error

    def abort_unfinished(self, before: datetime) -> int:
        raise self.error


@pytest.mark.parametrize(
    ("error", "waits"), [(StoreUnreachable("the store is down"), True), (StoreError("no permission"), False)]
)
def test_only_an_unreachable_store_is_left_alone_after_a_sweep_that_failed(
    tmp_path: Path, error: StoreError, waits: bool
) -> None:
    with works(tmp_path, Unswept(error)) as at:
        at.shipper.add(seal(at.spool, 1))
        at.shipper._abort_unfinished()

        assert (at.shipper._patience.left() > 0) is waits
        assert at.shipper._turn() is not waits


def test_a_problem_is_reported_from_its_beginning_to_its_end(tmp_path: Path) -> None:
    store = Unreachable()
    with works(tmp_path, store) as at:
        sealed = seal(at.spool, 1)
        at.index.sealed(sealed)
        at.shipper.add(sealed)
        with running(at.shipper):
            wait_until(lambda: at.shipper.state().since is not None)
            began = at.shipper.state().since
            at.clock.at += timedelta(minutes=1)
            wait_until(lambda: at.shipper.state().failures >= 2)
            assert (at.shipper.state().problem, at.shipper.state().since) == ("the store is down", began)
            wait_until(lambda: problem_of(at, sealed) == "the store is down")

            store.down = False
            wait_until(lambda: state_of(at, sealed) == "committed")
            wait_until(lambda: at.shipper.state().problem is None)
            assert at.shipper.state().since is None
            wait_until(lambda: problem_of(at, sealed) is None)


def problem_of(at: Works, sealed: Sealed) -> str | None:
    row = at.index.segment(sealed.name)
    return row.problem if row else None
