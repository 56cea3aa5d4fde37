"""A store that lost all its manifests is recognized, whatever else is there, and taken only on request."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from services.databases import database_at
from specimens.captures import NOON
from specimens.manifests import manifest_of

from archive.index.index import Index
from archive.index.objects import FIRST, Copy, Objects
from archive.shipping.emptied import (
    FirstStore,
    StoreEmptied,
    check_holds_ours,
    check_still_holds,
    holds_any,
    landmarks,
    still_held,
)
from archive.store import ObjectStore
from archive.store.local import LocalStore
from archive.store.memory import MemoryStore
from archive.store.s3 import S3Settings, S3Store
from archive.values.digest import sha256

NAMES = [f"segment-{number}" for number in range(9)]
KEYS = {name: manifest_of(name).key for name in NAMES}


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    with closing(database_at(tmp_path / "pressmark.db")) as database:
        yield Index(database, now=lambda: NOON)


def put(store: ObjectStore, *keys: str) -> None:
    for key in keys:
        store.put(key, io.BytesIO(b""), sha256(b""))


def committed(index: Index, names: list[str]) -> None:
    for name in names:
        index.commit(manifest_of(name), [], [])


def copied(index: Index, place: str, names: list[str]) -> None:
    """Note that a replica has these manifests."""
    objects = Objects(index.database)
    rows = [row for name in names if (row := objects.of(KEYS[name]))]
    objects.record([Copy(row.id, place, NOON, "ok", "") for row in rows])


def test_a_new_store_is_taken_as_it_is(index: Index) -> None:
    check_holds_ours(index, FIRST, MemoryStore())
    check_holds_ours(index, "attic", MemoryStore())


@pytest.mark.parametrize("kept", [NAMES[0], NAMES[4], NAMES[-1]])
def test_one_manifest_of_all_proves_that_a_store_is_ours(index: Index, kept: str) -> None:
    """Also one that is neither among the oldest nor among the newest."""
    committed(index, NAMES)
    store = MemoryStore()
    put(store, KEYS[kept])

    check_holds_ours(index, FIRST, store)


def test_a_store_with_other_manifests_only_is_not_ours(index: Index, tmp_path: Path) -> None:
    committed(index, NAMES)
    bucket, directory = MemoryStore(), LocalStore(tmp_path / "store")
    for store, name in ((bucket, "the store"), (directory, f"the store in {tmp_path / 'store'}")):
        put(store, manifest_of("of another archive").key)
        with pytest.raises(StoreEmptied) as refused:
            check_holds_ours(index, FIRST, store)

        assert refused.value.why == "all its lists of files (manifests) are missing"
        assert str(refused.value).startswith(f"{name} contains none of the expected files: ")
        assert "the command pressmark audit --share 1/1 --repair --refill store, " in str(refused.value)


def test_an_emptied_store_is_taken_once_it_is_given_up_and_what_it_gets_then_counts(index: Index) -> None:
    committed(index, NAMES[:4])
    store = MemoryStore()
    first = FirstStore(index, store)
    with pytest.raises(StoreEmptied):
        first.check()

    first.begin_again()
    first.check()

    committed(index, NAMES[4:])
    with pytest.raises(StoreEmptied):
        first.check()
    put(store, KEYS[NAMES[0]])
    with pytest.raises(StoreEmptied):
        first.check()  # what it had before it was given up proves nothing
    put(store, KEYS[NAMES[4]])
    first.check()


def test_a_store_that_still_has_a_manifest_is_not_given_up(index: Index) -> None:
    committed(index, NAMES)
    store = MemoryStore()
    put(store, KEYS[NAMES[0]])
    first = FirstStore(index, store)

    first.begin_again()

    store.delete(KEYS[NAMES[0]])
    with pytest.raises(StoreEmptied):
        first.check()


def test_nothing_is_written_to_a_directory_that_is_not_ours(index: Index, tmp_path: Path) -> None:
    committed(index, NAMES)
    store = LocalStore(tmp_path / "store")
    put(store, "notes/before")
    FirstStore(index, store).guard()

    with pytest.raises(StoreEmptied):
        put(store, "notes/after")

    assert list(store.keys()) == ["notes/before"]


def test_nothing_is_written_to_a_bucket_that_is_not_ours(index: Index, bucket: S3Settings) -> None:
    with closing(S3Store(bucket)) as store:
        put(store, "notes/before")
        FirstStore(index, store).guard()
        put(store, "notes/of-a-new-home")  # the control: nothing is known that it should have
        committed(index, NAMES)

        with pytest.raises(StoreEmptied):
            put(store, "notes/after")
        assert list(store.keys()) == ["notes/before", "notes/of-a-new-home"]

        FirstStore(index, store).begin_again()
        put(store, "notes/given-up")


def test_a_replica_is_known_by_what_it_was_filled_with(index: Index) -> None:
    committed(index, NAMES)
    newest = sorted(KEYS[name] for name in NAMES[:5])
    assert landmarks(index, "attic") == []

    copied(index, "attic", NAMES[:5])

    store = MemoryStore()
    assert landmarks(index, "attic") == newest[-3:]
    assert landmarks(index, "cellar") == []
    with pytest.raises(StoreEmptied, match=r"^the replica attic contains none .* --refill attic, "):
        check_holds_ours(index, "attic", store)
    put(store, KEYS[NAMES[6]])
    with pytest.raises(StoreEmptied):
        check_holds_ours(index, "attic", store)  # the first store had it, and the replica never
    put(store, newest[0])
    check_holds_ours(index, "attic", store)


def test_what_a_replica_still_has_are_its_newest_manifests_or_any_other(index: Index) -> None:
    committed(index, NAMES)
    copied(index, "attic", NAMES[:5])
    keys = sorted(KEYS[name] for name in NAMES[:5])
    store = MemoryStore()
    assert still_held(index, "attic", store) == still_held(index, "cellar", store) == []

    put(store, KEYS[NAMES[6]])
    assert still_held(index, "attic", store) == []
    put(store, *keys[:2])
    assert still_held(index, "attic", store) == keys[:1]
    put(store, *keys[-2:])
    assert still_held(index, "attic", store) == keys[-2:]


def test_a_place_that_lost_all_that_it_had_a_moment_ago_is_not_filled(index: Index) -> None:
    store = MemoryStore()
    put(store, "manifest/a")

    check_still_holds("attic", store, [])
    check_still_holds("attic", store, ["manifest/b", "manifest/a"])
    with pytest.raises(StoreEmptied) as refused:
        check_still_holds("attic", store, ["manifest/b"])

    assert refused.value.why == "its files disappeared while Pressmark copied other files to it"
    assert str(refused.value) == f"the replica attic can't be used: {refused.value.why}"
    assert (holds_any(store, ["manifest/a"]), holds_any(store, ["manifest/b"]), holds_any(store, [])) == (
        True,
        False,
        False,
    )
