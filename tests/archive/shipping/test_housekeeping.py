"""Objects that no manifest names are listed and adopted, and never removed."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from faults.segments import COLLECTION, seal
from faults.shipping import Works, works

from archive.archive import Archive
from archive.shipping.housekeeping import Orphan, ingest_orphan, orphans
from archive.spool.sealed import Sealed
from archive.store.local import LocalStore
from archive.values.digest import sha256
from archive.values.errors import IntegrityError
from archive.warc.keys import collection_of_key, warc_key

NOW = datetime.now(UTC)


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "store")


def lose_manifest(at: Works, sealed: Sealed) -> list[str]:
    """Ship a segment like a worker that died before the manifest, three days ago. Return the remaining keys."""
    manifest = at.shipper.ship(sealed)
    at.store.delete(manifest.key)
    for entry in manifest.objects:
        path = at.directory / "store" / entry.key
        os.utime(path, ((NOW - timedelta(days=3)).timestamp(),) * 2)
    return [entry.key for entry in manifest.objects]


def ingesting(at: Works) -> Callable[[Path, str], object]:
    return Archive(at.index, at.texts, at.store).ingest


def test_objects_without_a_manifest_are_listed_once_they_are_old(tmp_path: Path, store: LocalStore) -> None:
    with works(tmp_path, store) as at:
        at.shipper.ship(seal(at.spool, 0))
        lonely = lose_manifest(at, seal(at.spool, 1))

        assert sorted(orphan.key for orphan in orphans(store, NOW)) == sorted(lonely)
        assert list(orphans(store, NOW - timedelta(days=2))) == []


def test_objects_of_a_damaged_manifest_are_listed(tmp_path: Path, store: LocalStore) -> None:
    with works(tmp_path, store) as at:
        manifest = at.shipper.ship(seal(at.spool, 0))
        (tmp_path / "store" / manifest.key).write_bytes(b"{")

        assert len(list(orphans(store, NOW + timedelta(days=3)))) == 3


def test_an_intact_orphan_is_adopted_under_its_own_key(tmp_path: Path, store: LocalStore) -> None:
    with works(tmp_path, store) as at:
        sealed = seal(at.spool, 1)
        lonely = lose_manifest(at, sealed)
        (tmp_path / "pressmark.db").rename(tmp_path / "lost.db")
    with works(tmp_path, store) as at:
        adopted = [orphan.key for orphan in orphans(store, NOW) if ingest_orphan(store, orphan, ingesting(at))]

        assert adopted == [lonely[0]]
        (manifest,) = at.manifests()
        assert (manifest.warc.key, manifest.collection) == (lonely[0], COLLECTION)
        assert len(at.indexed(sealed)) == 3
        assert set(lonely) <= set(store.keys())


def test_a_damaged_orphan_is_not_adopted(tmp_path: Path, store: LocalStore) -> None:
    key = warc_key("news", NOW, sha256(b"what it was"))
    store.put(key, io.BytesIO(b"what it is"), sha256(b"what it is"))
    with works(tmp_path, store) as at:
        with pytest.raises(IntegrityError, match="it is damaged, and no manifest lists it"):
            ingest_orphan(store, Orphan(key, 10, None), ingesting(at))
        assert at.index.segments() == []
    assert list(store.keys()) == [key]


@pytest.mark.parametrize("name", ["news", "科技 新闻", "a=b", "..", "100%", "a/b"])
def test_the_collection_is_read_from_a_key(name: str) -> None:
    assert collection_of_key(warc_key(name, NOW, sha256(b""))) == name
