"""Shipping: bytes before rows, the manifest last, twice is once, and local files go only when the store has all."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from faults.segments import COLLECTION, START, WORKER, seal, texts_of
from faults.shipping import Crash, Fuse, Works, running, works

from archive import cdxj, journal, release
from archive.digest import sha256
from archive.errors import IntegrityError, StoreUnreachable
from archive.manifest import Manifest
from archive.merkle import digests_between, merkle_root
from archive.sealed import Sealed
from archive.sidecars import read_texts
from archive.store.local import LocalStore
from archive.store.memory import MemoryStore
from archive.texts import TextRow

DAY = timedelta(days=1)


def assert_whole(at: Works, sealed: Sealed) -> Manifest:
    """The store has the segment and all beside it, and the index says so; everything once."""
    (manifest,) = [manifest for manifest in at.manifests() if manifest.segment == sealed.name]
    for entry in manifest.objects:
        content = at.read(entry.key)
        assert (len(content), sha256(content)) == (entry.size, entry.sha256)
    listed = [capture for capture in journal.read(sealed.journal) if capture.kind != "failed"]
    assert sorted(cdxj.read(at.read(manifest.cdxj.key)), key=repr) == sorted(listed, key=repr)
    assert sorted(at.indexed(sealed), key=repr) == sorted(listed, key=repr)
    assert manifest.text is not None
    assert read_texts(at.read(manifest.text.key)) == [
        at.texts.of(row.record_id) for row in sorted(texts_of(sealed), key=lambda row: row.record_id)
    ]
    row = at.index.segment(sealed.name)
    assert row is not None
    assert (row.state, row.manifest_key, row.object_key) == ("committed", manifest.key, manifest.warc.key)
    return manifest


def test_a_shipped_segment_is_in_the_store_with_its_sidecars_and_in_the_index(tmp_path: Path) -> None:
    with works(tmp_path, MemoryStore()) as at:
        sealed = seal(at.spool, 1)
        assert at.shipper.ship(sealed) == assert_whole(at, sealed)
        assert len(list(at.store.keys())) == 4


def test_a_manifest_tells_what_it_covers(tmp_path: Path) -> None:
    with works(tmp_path, MemoryStore(), configs=lambda run: f"hash of {run}") as at:
        sealed = seal(at.spool, 3, pages=4)
        manifest = at.shipper.ship(sealed)

    assert (manifest.segment, manifest.collection, manifest.worker, manifest.epoch) == (
        sealed.name,
        COLLECTION,
        WORKER,
        7,
    )
    assert (manifest.records, manifest.captures) == (sealed.records, 4)
    assert (manifest.first_at, manifest.last_at) == (
        START + timedelta(minutes=3),
        START + timedelta(minutes=3, milliseconds=3),
    )
    assert [(run.run, run.source, run.config) for run in manifest.runs] == [("run-1", "source-1", "hash of run-1")]
    assert manifest.warc.sha256 == sealed.sha256
    assert manifest.software.startswith("pressmark/")


def test_the_merkle_root_is_found_again_from_the_store_alone(tmp_path: Path) -> None:
    with works(tmp_path, MemoryStore()) as at:
        manifest = at.shipper.ship(seal(at.spool, 1, pages=6))
        cuts = [capture.location.offset for capture in cdxj.read(at.read(manifest.cdxj.key))]
        warc = io.BytesIO(at.read(manifest.warc.key))

    assert manifest.merkle_root == merkle_root(digests_between(warc, cuts, manifest.warc.size))


def test_shipping_again_puts_nothing_new_and_gives_the_same_manifest(tmp_path: Path) -> None:
    with works(tmp_path, LocalStore(tmp_path / "store")) as at:
        sealed = seal(at.spool, 1)
        first = at.shipper.ship(sealed)
        before = contents(at)
        assert at.shipper.ship(sealed) == first
    with works(tmp_path, LocalStore(tmp_path / "store")) as at:
        assert at.shipper.ship(sealed) == first
        assert contents(at) == before
        assert_whole(at, sealed)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_crash_at_any_call_of_shipping_leaves_what_shipping_again_completes(tmp_path: Path, after: bool) -> None:
    store = MemoryStore()
    for calls in range(100):
        with works(tmp_path, store, fuse=Fuse(calls, after=after)) as at:
            sealed = seal(at.spool, calls)
            try:
                at.shipper.ship(sealed)
            except Crash:
                assert state_of(at, sealed) in (None, "sealed") or assert_whole(at, sealed)
            else:
                break
        with works(tmp_path, store) as at:
            at.shipper.ship(sealed)
            assert_whole(at, sealed)
            assert len(list(store.keys())) == 4 * (calls + 1)
    assert 10 < calls < 99


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_crash_at_any_call_of_releasing_leaves_what_the_next_start_completes(tmp_path: Path, after: bool) -> None:
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


def release_at_start(directory: Path, store: MemoryStore, sealed: Sealed) -> None:
    with works(directory, store, grace=timedelta(0)) as at:
        if sealed.path.exists():
            at.shipper.add(sealed)
        with running(at.shipper):
            wait_until(lambda: state_of(at, sealed) == "released")
    assert not sealed.path.exists()


def contents(at: Works) -> dict[str, bytes]:
    keys = at.store.keys()
    return {key: at.read(key) for key in keys}


def state_of(at: Works, sealed: Sealed) -> str | None:
    row = at.index.segment(sealed.name)
    return row.state if row else None


def wait_until(true: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.01)


# The chain


def test_each_manifest_names_the_one_before_it_in_its_collection(tmp_path: Path) -> None:
    with works(tmp_path, MemoryStore()) as at:
        one, other = [], []
        for number in range(3):
            one.append(at.shipper.ship(seal(at.spool, number)))
            other.append(at.shipper.ship(seal(at.spool, number + 10, collection="other")))

    for chain in (one, other):
        assert [manifest.previous for manifest in chain] == [None, chain[0].link, chain[1].link]


def test_the_chain_goes_on_from_the_store_when_its_file_is_lost(tmp_path: Path) -> None:
    store = MemoryStore()
    with works(tmp_path, store) as at:
        at.shipper.ship(seal(at.spool, 0))
        last = at.shipper.ship(seal(at.spool, 1))
    (tmp_path / "spool" / "chain.json").write_text("{torn")
    with works(tmp_path, store) as at:
        assert at.shipper.ship(seal(at.spool, 2)).previous == last.link


def test_an_old_segment_shipped_again_does_not_move_the_end_of_the_chain(tmp_path: Path) -> None:
    with works(tmp_path, MemoryStore()) as at:
        old = seal(at.spool, 0)
        at.shipper.ship(old)
        last = at.shipper.ship(seal(at.spool, 1))
        at.shipper.ship(old)

        assert at.shipper.ship(seal(at.spool, 2)).previous == last.link


# Alarms


def test_a_wrong_object_under_the_key_of_a_warc_is_an_alarm_and_then_repaired(tmp_path: Path) -> None:
    store = MemoryStore()
    with works(tmp_path, store) as at:
        sealed = seal(at.spool, 1)
        key = at.shipper.ship(sealed).warc.key
        damage(store, key)

        with pytest.raises(IntegrityError, match=f"other bytes under {key}"):
            at.shipper.ship(sealed)
        at.shipper.ship(sealed)
        assert_whole(at, sealed)


def test_a_damaged_manifest_is_an_alarm_and_then_put_again(tmp_path: Path) -> None:
    store = MemoryStore()
    with works(tmp_path, store) as at:
        sealed = seal(at.spool, 1)
        manifest = at.shipper.ship(sealed)
        damage(store, manifest.key)

        with pytest.raises(IntegrityError, match=f"the manifest {manifest.key} is damaged"):
            at.shipper.ship(sealed)
        at.shipper.ship(sealed)
        assert at.read(manifest.key)[:1] == b"{"
        assert_whole(at, sealed)


def test_the_manifest_of_other_bytes_under_a_segments_name_is_never_replaced(tmp_path: Path) -> None:
    with works(tmp_path, MemoryStore()) as at:
        sealed = seal(at.spool, 1)
        manifest = at.shipper.ship(sealed)
        impostor = replace(sealed, path=seal(at.spool, 2).path, sha256=seal(at.spool, 2).sha256)
        for _ in range(3):
            with pytest.raises(IntegrityError, match="manifest of other bytes"):
                at.shipper.ship(impostor)
        assert at.manifests() == [manifest]


def test_a_local_file_that_has_changed_is_never_put(tmp_path: Path) -> None:
    store = MemoryStore()
    with works(tmp_path, store) as at:
        sealed = seal(at.spool, 1)
        rotten = bytearray(sealed.path.read_bytes())
        rotten[len(rotten) // 2] ^= 1
        sealed.path.write_bytes(rotten)
        for _ in range(2):
            with pytest.raises(IntegrityError, match=f"not {sealed.sha256}"):
                at.shipper.ship(sealed)
        assert list(store.keys()) == []


def test_a_manifest_that_the_store_has_lost_is_put_again_as_it_was(tmp_path: Path) -> None:
    """Another one would break the chain: the next manifest names this one by its hash."""
    store = MemoryStore()
    with works(tmp_path, store) as at:
        segments = [seal(at.spool, number) for number in range(3)]
        manifests = [at.shipper.ship(sealed) for sealed in segments]
        store.delete(manifests[1].key)

        assert at.shipper.ship(segments[1]) == manifests[1]
        assert at.manifests() == manifests


def damage(store: MemoryStore, key: str) -> None:
    with store.get(key) as file:
        content = bytearray(file.read())
    content[len(content) // 2] ^= 4
    store.put(key, io.BytesIO(content), sha256(bytes(content)), replace=True)


# Texts


def test_a_reader_of_texts_that_fails_does_not_keep_a_segment_from_the_store(tmp_path: Path) -> None:
    def fail(_: Sealed) -> Sequence[TextRow]:
        raise RuntimeError("a page that nobody can read")

    with works(tmp_path, MemoryStore(), read_texts=fail) as at:
        assert at.shipper.ship(seal(at.spool, 1)).text is None


def test_texts_are_read_once_however_often_a_segment_is_shipped(tmp_path: Path) -> None:
    read: list[str] = []

    def reader(sealed: Sealed) -> list[TextRow]:
        read.append(sealed.name)
        return [replace(row, title=f"reading {len(read)}") for row in texts_of(sealed)]

    with works(tmp_path, MemoryStore(), read_texts=reader) as at:
        sealed = seal(at.spool, 1)
        at.shipper.ship(sealed)
        at.shipper.ship(sealed)
    assert read == [sealed.name]


def test_the_index_has_the_texts_that_the_store_has(tmp_path: Path) -> None:
    """Also when the local sidecar is gone and the pages would be read differently now."""
    store = MemoryStore()
    with works(tmp_path, store) as at:
        sealed = seal(at.spool, 1)
        at.shipper.ship(sealed)
    release.beside(sealed.path, release.TEXT_SUFFIX).unlink()
    (tmp_path / "pressmark.db").unlink()
    with works(
        tmp_path, store, read_texts=lambda sealed: [replace(row, title="new") for row in texts_of(sealed)]
    ) as at:
        at.shipper.ship(sealed)
        assert_whole(at, sealed)


# The thread


def test_segments_are_shipped_in_order_whatever_the_order_in_which_they_are_added(tmp_path: Path) -> None:
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


def test_a_segment_with_a_trouble_of_its_own_lets_the_others_pass(tmp_path: Path) -> None:
    with works(tmp_path, MemoryStore()) as at:
        rotten, good = seal(at.spool, 1), seal(at.spool, 2)
        for sealed in (rotten, good):
            at.shipper.add(sealed)
        rotten.path.write_bytes(b"rotten")
        with running(at.shipper):
            wait_until(lambda: state_of(at, good) == "committed")
        row = at.index.segment(rotten.name)
        assert row is not None
        assert row.problem is not None
        assert f"not {rotten.sha256}" in row.problem
        assert at.shipper.state().problem == row.problem
        assert at.shipper.state().waiting == 1


class Unreachable(MemoryStore):
    """A store that is down until it is mended."""

    def __init__(self) -> None:
        super().__init__()
        self.down = True
        self.tries: list[float] = []

    def get(self, *arguments: object, **options: object) -> io.BytesIO:  # type: ignore[override]
        if self.down:
            self.tries.append(time.monotonic())
            raise StoreUnreachable("the store is down")
        return super().get(*arguments, **options)  # type: ignore[arg-type, return-value]


def test_a_store_that_is_down_is_tried_at_most_once_a_second_and_shipping_goes_on_by_itself(tmp_path: Path) -> None:
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


# Releasing


def test_local_files_stay_for_the_grace_and_then_go(tmp_path: Path) -> None:
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


def test_the_fuller_the_spool_the_sooner_files_go() -> None:
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


@pytest.mark.parametrize("role", ["warc", "cdxj", "text", "manifest"])
@pytest.mark.parametrize("harm", ["lost", "damaged"])
def test_nothing_is_released_that_the_store_has_lost_or_damaged_and_it_is_put_again(
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


def test_the_warc_is_the_last_of_its_files_to_go(tmp_path: Path) -> None:
    sealed = seal(tmp_path, 1)
    release.beside(sealed.path, ".cdxj").write_bytes(b"")
    sealed.path.unlink()
    sealed.path.mkdir()  # so that unlinking it fails
    with pytest.raises(OSError, match=sealed.path.name):
        release.remove(sealed.path)

    assert [path.name for path in sealed.path.parent.iterdir()] == [sealed.path.name]


def test_what_a_killed_process_left_half_written_goes_too(tmp_path: Path) -> None:
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


def test_the_end_of_the_chain_is_a_small_file_of_the_spool(tmp_path: Path) -> None:
    with works(tmp_path, MemoryStore()) as at:
        manifest = at.shipper.ship(seal(at.spool, 1))

    ends = json.loads((tmp_path / "spool" / "chain.json").read_bytes())
    assert ends == {f"manifest/v1/{COLLECTION}/{WORKER}/": {"segment": manifest.segment, "sha256": manifest.sha256}}
