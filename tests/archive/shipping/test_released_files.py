"""Local files are removed only when the store certainly has everything."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path

import pytest
from faults.segments import START, seal
from faults.shipping import Crash, Fuse, damage, running, state_of, wait_until, works

from archive.shipping.run_texts import RunTexts
from archive.spool import release
from archive.spool.sealed import Sealed
from archive.store.memory import MemoryStore
from archive.values.digest import sha256
from archive.values.errors import IntegrityError
from archive.warc.keys import run_key

DAY = timedelta(days=1)


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
    tmp_path: Path, role: str, harm: str, caplog: pytest.LogCaptureFixture
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
        assert "the local files of a segment are kept; others are uploaded and released" in caplog.messages
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
