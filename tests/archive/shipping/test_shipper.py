"""The shipper: in order, with retries, and local files are removed only when the store certainly has everything."""

from __future__ import annotations

import errno
import io
import os
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

import pytest
from faults.segments import START, seal
from faults.shipping import Crash, Fuse, Works, assert_whole, damage, running, state_of, wait_until, works

from archive.shipping.run_texts import RunTexts
from archive.spool import release
from archive.spool.sealed import Sealed
from archive.store import Stored
from archive.store.memory import MemoryStore
from archive.values.counters import SUM, Figure, Figures
from archive.values.digest import Sha256, sha256
from archive.values.errors import IntegrityError, StoreError, StoreUnreachable
from archive.warc.journal import load
from archive.warc.keys import run_key

DAY = timedelta(days=1)


# The thread


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


def test_a_faulty_segment_does_not_stop_the_others(tmp_path: Path) -> None:
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


# Releasing


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


def test_local_files_are_removed_after_the_grace_period(tmp_path: Path) -> None:
    with works(tmp_path, MemoryStore()) as at:
        sealed = seal(at.spool, 1)
        at.shipper.add(sealed)
        with running(at.shipper):
            assert at.shipper.drain(30)
        assert sealed.path.exists()
        at.clock.at += DAY - timedelta(seconds=1)
        assert not at.shipper._turn() or sealed.path.exists()
        at.clock.at += timedelta(seconds=1)
        at.shipper._turn()
        assert list((at.spool / "sealed").iterdir()) == []
        assert state_of(at, sealed) == "released"
        assert at.shipper.state().waiting == 0
        assert not [at.shipper._turn() for _ in range(2)][-1], "it is released once"


def test_local_files_are_removed_after_their_grace_although_the_clock_was_ahead(tmp_path: Path) -> None:
    with works(tmp_path, MemoryStore()) as at:
        sealed = seal(at.spool, 1)
        at.clock.at += 500 * DAY
        at.shipper.add(sealed)
        with running(at.shipper):
            assert at.shipper.drain(30)
        at.clock.at -= 500 * DAY
        assert not at.shipper._turn() or sealed.path.exists()
        at.clock.at += DAY
        at.shipper._turn()
        assert state_of(at, sealed) == "released"


def test_files_are_removed_sooner_if_the_spool_is_fuller() -> None:
    due = [release.due(START, DAY, pressure / 100) for pressure in range(101)]

    assert due == sorted(due, reverse=True)
    assert due[50] == START + DAY
    assert due[70] == START


def test_a_segment_that_was_shipped_before_the_start_is_released_after_its_grace(tmp_path: Path) -> None:
    store = MemoryStore()
    with works(tmp_path, store) as at:
        sealed = seal(at.spool, 1)
        at.shipper.ship(sealed)
    with works(tmp_path, store) as at:
        at.clock.at += DAY
        at.shipper.add(sealed)
        with running(at.shipper):
            wait_until(lambda: state_of(at, sealed) == "released")
        assert not sealed.path.exists()
        assert at.shipper.state().shipped == 0


def test_texts_of_a_run_that_the_store_lacks_are_put_before_the_local_files_are_removed(tmp_path: Path) -> None:
    store = MemoryStore()
    with works(tmp_path, store) as at:
        at.shipper._run_texts = RunTexts(at.database, store, new=True)
        sealed = seal(at.spool, 1)
        at.shipper.add(sealed)
        with running(at.shipper):
            assert at.shipper.drain(30)
        key = run_key(sealed.collection, "run-0")
        wait_until(lambda: store.size(key) is not None)
        store.delete(key)
        at.clock.at += DAY
        at.shipper._turn()

        assert state_of(at, sealed) == "released"
        assert store.size(key) is not None


def test_without_the_setting_only_texts_of_runs_that_the_store_has_already_are_put(tmp_path: Path) -> None:
    store = MemoryStore()
    with works(tmp_path, store) as at:
        sealed = seal(at.spool, 1)
        at.shipper.ship(sealed)
        key = run_key(sealed.collection, "run-0")
        texts = RunTexts(at.database, store, new=False)
        texts.put(sealed.name)
        texts.put(sealed.name, missing_only=True)
        assert store.size(key) is None

        former = b"of an earlier version"
        store.put(key, io.BytesIO(former), sha256(former))
        texts.put(sealed.name, missing_only=True)
        assert at.read(key) == former
        texts.put(sealed.name)
        assert at.read(key) != former


@pytest.mark.parametrize("role", ["warc", "cdxj", "text", "manifest"])
@pytest.mark.parametrize("harm", ["lost", "damaged"])
def test_a_segment_that_the_store_lost_or_damaged_is_not_released_but_uploaded_again(
    tmp_path: Path, role: str, harm: str
) -> None:
    store = MemoryStore()
    with works(tmp_path, store, grace=timedelta(0)) as at:
        sealed = seal(at.spool, 1)
        manifest = at.shipper.ship(sealed)
        keys = {entry.role: entry.key for entry in manifest.objects} | {"manifest": manifest.key}
        store.delete(keys[role]) if harm == "lost" else damage(store, keys[role])
        with pytest.raises(IntegrityError):
            at.shipper._delivery.release(sealed)
        assert sealed.path.exists()

        at.shipper.add(sealed)
        with running(at.shipper):
            wait_until(lambda: state_of(at, sealed) == "released")
        assert not sealed.path.exists()
        for entry in manifest.objects:
            assert sha256(at.read(entry.key)) == entry.sha256
        assert at.manifests() == [manifest]


def test_the_warc_is_the_last_file_to_be_removed(tmp_path: Path) -> None:
    sealed = seal(tmp_path, 1)
    release.beside(sealed.path, ".cdxj").write_bytes(b"")
    sealed.path.unlink()
    sealed.path.mkdir()  # so that it can't be unlinked
    with pytest.raises(OSError, match=sealed.path.name):
        release.remove(sealed.path)

    assert [path.name for path in sealed.path.parent.iterdir()] == [sealed.path.name]


def test_partial_files_of_a_killed_process_are_removed_too(tmp_path: Path) -> None:
    store = MemoryStore()
    with works(tmp_path, store) as at:
        sealed = seal(at.spool, 1)
        half = sealed.path.with_name(f".{release.beside(sealed.path, release.TEXT_SUFFIX).name}.ab12cd34.tmp")
        half.write_bytes(b"half a side")
        (at.spool / ".chain.json.ab12cd34.tmp").write_bytes(b"{")
        release.remove(sealed.path)
    with works(tmp_path, store) as at:
        assert list(at.spool.glob("**/*.tmp")) == []


def test_the_files_of_other_segments_stay(tmp_path: Path) -> None:
    gone, kept = seal(tmp_path, 1), seal(tmp_path, 2)
    release.remove(gone.path)
    release.remove(gone.path)

    assert sorted(kept.path.parent.iterdir()) == sorted([kept.path, kept.journal])


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_the_next_start_completes_a_release_after_a_crash_at_any_call(tmp_path: Path, after: bool) -> None:
    store = MemoryStore()
    for calls in range(100):
        sealed = seal(tmp_path / "spool", calls)
        with works(tmp_path, store, fuse=None) as at:
            at.shipper.ship(sealed)
        finished = True
        with works(tmp_path, store, grace=timedelta(0), fuse=Fuse(calls, after=after)) as at:
            try:
                at.shipper._delivery.release(sealed)
            except Crash:
                finished = False
        release_at_start(tmp_path, store, sealed)
        if finished:
            break
    assert 3 < calls < 99


def test_the_next_start_removes_what_a_crash_between_journal_and_warc_left(tmp_path: Path) -> None:
    store = MemoryStore()
    with works(tmp_path, store) as at:
        sealed = seal(at.spool, 1)
        at.shipper.ship(sealed)
        at.index.releasing(sealed.name)
        sealed.journal.unlink()
    with works(tmp_path, store) as at:
        at.shipper.add(sealed)
        with running(at.shipper):
            wait_until(lambda: state_of(at, sealed) == "released")
            assert at.shipper.drain(30)
    assert list((tmp_path / "spool" / "sealed").iterdir()) == []


def test_an_interrupted_release_in_another_spool_is_left_to_its_worker(tmp_path: Path) -> None:
    with works(tmp_path, MemoryStore()) as at:
        mine, other = seal(at.spool, 1), seal(tmp_path / "other", 2)
        for sealed in (mine, other):
            at.shipper.ship(sealed)
            at.index.releasing(sealed.name)
        at.shipper._delivery.finish_releases(at.spool)

        assert [sealed.path.exists() for sealed in (mine, other)] == [False, True]
        assert [state_of(at, sealed) for sealed in (mine, other)] == ["released", "releasing"]


def release_at_start(directory: Path, store: MemoryStore, sealed: Sealed) -> None:
    with works(directory, store, grace=timedelta(0)) as at:
        if sealed.path.exists():
            at.shipper.add(sealed)
        with running(at.shipper):
            wait_until(lambda: state_of(at, sealed) == "released")
    assert not sealed.path.exists()
