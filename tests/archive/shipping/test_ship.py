"""Shipping a segment: bytes before rows, the manifest last, and repeating it changes nothing."""

from __future__ import annotations

import errno
import io
import json
import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

import pytest
from faults.segments import COLLECTION, START, WORKER, seal, texts_of
from faults.shipping import Crash, Fuse, Works, assert_whole, contents, damage, state_of, works

from archive.spool import release
from archive.spool.sealed import Sealed
from archive.store import Stored
from archive.store.local import LocalStore
from archive.store.memory import MemoryStore
from archive.texts.texts import TextRow
from archive.values.digest import Sha256
from archive.values.errors import IntegrityError, ReaderClosed
from archive.warc import cdxj
from archive.warc.integrity.merkle import digests_between, merkle_root


def test_a_shipped_segment_is_in_the_store_with_its_sidecars_and_in_the_index(tmp_path: Path) -> None:
    with works(tmp_path, MemoryStore()) as at:
        sealed = seal(at.spool, 1)
        assert at.shipper.ship(sealed) == assert_whole(at, sealed)
        assert len(list(at.store.keys())) == 4


def test_a_manifest_describes_its_segment(tmp_path: Path) -> None:
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


def test_the_merkle_root_can_be_computed_from_the_store_alone(tmp_path: Path) -> None:
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
def test_shipping_again_completes_after_a_crash_at_any_call(tmp_path: Path, after: bool) -> None:
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


# The chain


def test_each_manifest_names_the_one_before_it_in_its_collection(tmp_path: Path) -> None:
    with works(tmp_path, MemoryStore()) as at:
        one, other = [], []
        for number in range(3):
            one.append(at.shipper.ship(seal(at.spool, number)))
            other.append(at.shipper.ship(seal(at.spool, number + 10, collection="other")))

    for chain in (one, other):
        assert [manifest.previous for manifest in chain] == [None, chain[0].link, chain[1].link]


def test_the_chain_continues_from_the_store_if_its_file_is_lost(tmp_path: Path) -> None:
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


class Doubtful(MemoryStore):
    """Stores the first manifest but raises an error, like a disk with a failing fsync."""

    said = False

    def put(self, key: str, body: BinaryIO, digest: Sha256, *, replace: bool = False) -> Stored:
        stored = super().put(key, body, digest, replace=replace)
        if key.startswith("manifest/") and not self.said:
            self.said = True
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return stored


def doubted_after(before: int, at: Works, store: Doubtful) -> Sealed:
    """Ship that many segments, and one whose manifest the store accepts with an error."""
    store.said = True
    for number in range(before):
        at.shipper.ship(seal(at.spool, number))
    store.said = False
    doubted = seal(at.spool, 10)
    with pytest.raises(OSError, match="Input/output error"):
        at.shipper.ship(doubted)
    return doubted


@pytest.mark.parametrize("before", [0, 1])
def test_the_next_manifest_follows_one_that_the_store_accepted_with_an_error(tmp_path: Path, before: int) -> None:
    store = Doubtful()
    with works(tmp_path, store) as at:
        doubted = doubted_after(before, at, store)
        following = at.shipper.ship(seal(at.spool, 11))
        first = at.shipper.ship(doubted)

        assert following.previous == first.link
        assert at.shipper.ship(seal(at.spool, 12)).previous == following.link


@pytest.mark.parametrize("before", [0, 1])
def test_the_next_process_follows_a_manifest_that_was_accepted_with_an_error(tmp_path: Path, before: int) -> None:
    store = Doubtful()
    with works(tmp_path, store) as at:
        first = at.shipper.ship(doubted_after(before, at, store))
    with works(tmp_path, store) as at:
        assert at.shipper.ship(seal(at.spool, 11)).previous == first.link


def test_the_end_of_the_chain_is_in_a_small_file_of_the_spool(tmp_path: Path) -> None:
    with works(tmp_path, MemoryStore()) as at:
        manifest = at.shipper.ship(seal(at.spool, 1))

    ends = json.loads((tmp_path / "spool" / "chain.json").read_bytes())
    assert ends == {f"manifest/v1/{COLLECTION}/{WORKER}/": {"segment": manifest.segment, "sha256": manifest.sha256}}


# Alarms


def test_a_wrong_object_under_the_key_of_a_warc_is_reported_and_then_repaired(tmp_path: Path) -> None:
    store = MemoryStore()
    with works(tmp_path, store) as at:
        sealed = seal(at.spool, 1)
        key = at.shipper.ship(sealed).warc.key
        damage(store, key)

        with pytest.raises(IntegrityError, match=f"other bytes under {key}"):
            at.shipper.ship(sealed)
        at.shipper.ship(sealed)
        assert_whole(at, sealed)


def test_a_damaged_manifest_is_reported_and_then_uploaded_again(tmp_path: Path) -> None:
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
            with pytest.raises(IntegrityError, match="is not the manifest of the bytes"):
                at.shipper.ship(impostor)
        assert at.manifests() == [manifest]


def test_a_changed_local_file_is_never_uploaded(tmp_path: Path) -> None:
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


def test_a_manifest_that_the_store_has_lost_is_uploaded_again_unchanged(tmp_path: Path) -> None:
    """A different one would break the chain: the next manifest has the hash of this one."""
    store = MemoryStore()
    with works(tmp_path, store) as at:
        segments = [seal(at.spool, number) for number in range(3)]
        manifests = [at.shipper.ship(sealed) for sealed in segments]
        store.delete(manifests[1].key)

        assert at.shipper.ship(segments[1]) == manifests[1]
        assert at.manifests() == manifests


# Texts


def test_a_failing_text_reader_does_not_prevent_shipping(tmp_path: Path) -> None:
    def fail(_: Sealed) -> Sequence[TextRow]:
        raise RuntimeError("a page that nobody can read")

    with works(tmp_path, MemoryStore(), read_texts=fail) as at:
        assert at.shipper.ship(seal(at.spool, 1)).text is None


@pytest.mark.parametrize(
    "error", [ReaderClosed("the reader was closed while reading"), OSError(errno.ENOSPC, "No space left on device")]
)
def test_a_segment_whose_texts_can_not_be_read_now_is_shipped_later_with_them(tmp_path: Path, error: Exception) -> None:
    def closed(_: Sealed) -> Sequence[TextRow]:
        raise error

    with works(tmp_path, LocalStore(tmp_path / "store"), read_texts=closed) as at:
        sealed = seal(at.spool, 1)
        with pytest.raises(type(error)):
            at.shipper.ship(sealed)
        assert at.manifests() == []
    with works(tmp_path, LocalStore(tmp_path / "store")) as at:
        assert at.shipper.ship(sealed).text is not None


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
    """This also holds if the local sidecar is gone and pages would now be read differently."""
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
