"""Replicas, targets of backups and rebuilds follow purges, also two of them; what comes back is removed again."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from services.databases import SQLITE_ONLY
from specimens.keys import new_ed25519, public_line
from specimens.purges import (
    SECRET,
    WHY,
    contents,
    copy_all,
    findings,
    holding,
    purge,
    purge_these,
    readable,
    world_of,
)
from specimens.worlds import LATER, World

from archive.archive import Archive
from archive.database.engine import Database
from archive.index.index import Index
from archive.index.objects import Objects
from archive.intake.purge import Purge
from archive.intake.rebuild import Rebuild
from archive.shipping.fixity.reading import Meter
from archive.shipping.fixity.repair import NoHealthyCopy, Repair
from archive.shipping.purged import delete_purged
from archive.shipping.run_texts import RunTexts
from archive.store import ObjectStore
from archive.store.local import LocalStore
from archive.store.memory import MemoryStore
from archive.store.replicated import Replicated
from archive.texts.texts import Texts
from archive.values.digest import sha256
from archive.values.errors import PurgeRefused, SegmentUnknown
from archive.warc.integrity.signing import PublicKey
from archive.warc.integrity.trust import Trust
from archive.warc.keys import CDXJS, RUNS, WARCS
from pressmark.upkeep.backup_store import StoreCopy, Target

Another = Callable[[], Database]


def purge_a(world: World, store: ObjectStore | None = None) -> None:
    purge_these(store or world.store, world.index, world.index.captures("https://example.org/a"))


def without(found: dict[str, bytes], *names: str) -> dict[str, bytes]:
    return {url: body for url, body in found.items() if not url.endswith(names)}


def saved(store: ObjectStore) -> dict[str, bytes]:
    found = {}
    for key in store.keys(""):
        with store.get(key) as file:
            found[key] = file.read()
    return found


def bring_back(store: ObjectStore, held: dict[str, bytes]) -> None:
    for key, content in held.items():
        store.put(key, BytesIO(content), sha256(content), replace=True)


def nothing(*_: object) -> None: ...


def rewritten_of(world: World) -> tuple[str, int]:
    """Return the key and the size of the rewritten segment in the store of a world."""
    row = next(row for row in world.index.segments() if "-purge" in row.name)
    assert row.object_key is not None
    size = world.store.size(row.object_key)
    assert size is not None
    return row.object_key, size


def back_up(store: ObjectStore, target: ObjectStore, trust: Trust | None = None) -> None:
    StoreCopy(store, Target(target), trust).copy(nothing, nothing)


@SQLITE_ONLY
@pytest.mark.parametrize("kind", ["replica", pytest.param("target", marks=pytest.mark.costly)])
def test_a_copy_that_missed_two_purges_follows_both(
    tmp_path: Path, database: Database, another: Another, kind: str
) -> None:
    first, copy = LocalStore(tmp_path / "store"), LocalStore(tmp_path / "copy")
    world = world_of(tmp_path, database, another, first)
    before = readable(world)
    copy_all(first, copy)
    purge(world)
    purge_a(world)
    held = holding(copy)
    if kind == "target":
        back_up(first, copy)
    else:
        Purge(Replicated(first, {"far": copy}), world.index).resume()

    assert held  # the control
    assert holding(copy) == []
    assert holding(copy, b"example.org/a") == []
    assert findings(copy) == []
    assert readable(world, store=copy) == without(before, "/secret", "/a")
    assert len(list(copy.keys(WARCS))) == 3


@pytest.mark.costly
@pytest.mark.parametrize("step", ["none", "one"])
def test_a_database_of_before_two_purges_is_brought_up_by_a_rebuild(
    tmp_path: Path, either: Database, another: Another, step: str
) -> None:
    world = world_of(tmp_path, either, another, LocalStore(tmp_path / "store"))
    before, old = readable(world), another()
    index = Index(old, now=lambda: LATER)
    if step == "one":
        purge(world)
    Rebuild(world.store, index).run()
    held = readable(world, old)
    if step == "none":
        purge(world)
    purge_a(world)
    Rebuild(world.store, index).run()

    assert "/secret" in " ".join(held) or step == "one"  # the control
    assert readable(world, old) == readable(world) == without(before, "/secret", "/a")
    assert sorted(row.name for row in index.segments()) == sorted(row.name for row in world.index.segments())
    assert readable(world, world.rebuilt()[1]) == readable(world)


@pytest.mark.costly
@SQLITE_ONLY
def test_a_target_with_a_damaged_rewritten_segment_gets_it_again_before_it_loses_the_former(
    tmp_path: Path, database: Database, another: Another
) -> None:
    first, copy = LocalStore(tmp_path / "store"), LocalStore(tmp_path / "copy")
    world = world_of(tmp_path, database, another, first)
    copy_all(first, copy)
    purge(world)
    key, size = rewritten_of(world)
    bring_back(copy, {key: b"x" * size})  # of the same size
    back_up(first, copy)
    whole = saved(copy)[key] == saved(first)[key]
    deleted = holding(copy) == []

    assert whole
    assert deleted


@pytest.mark.costly
@SQLITE_ONLY
def test_a_target_keeps_the_former_segment_while_the_store_has_no_whole_rewritten_one(
    tmp_path: Path, database: Database, another: Another
) -> None:
    first, copy = LocalStore(tmp_path / "store"), LocalStore(tmp_path / "copy")
    world = world_of(tmp_path, database, another, first)
    copy_all(first, copy)
    purge(world)
    key, size = rewritten_of(world)
    world.spoil(key, b"x" * size)
    deleted = delete_purged(copy, first, Trust())

    assert deleted == 0
    assert holding(copy)


@pytest.mark.costly
@SQLITE_ONLY
def test_a_purge_that_no_trusted_key_signed_deletes_nothing_in_a_target(
    tmp_path: Path, database: Database, another: Another
) -> None:
    trust = Trust([PublicKey.parse(public_line(new_ed25519(tmp_path / "key.pem")))])
    first, copy = LocalStore(tmp_path / "store"), LocalStore(tmp_path / "copy")
    world = world_of(tmp_path, database, another, first)
    copy_all(first, copy)
    with pytest.raises(PurgeRefused, match="so a purge needs"):
        purge_these(first, world.index, world.index.captures("https://example.org/secret"), trust=trust)
    unchanged = holding(first)
    purge(world)  # not signed
    back_up(first, copy, trust)
    kept = holding(copy)
    back_up(first, copy)

    assert unchanged
    assert kept
    assert holding(copy) == []  # the control: without keys, all are trusted


@pytest.mark.costly
@SQLITE_ONLY
@pytest.mark.parametrize("place", ["store", "replica"])
def test_what_came_back_from_an_older_copy_is_deleted_again(
    tmp_path: Path, database: Database, another: Another, place: str
) -> None:
    first, replica = LocalStore(tmp_path / "store"), LocalStore(tmp_path / "replica")
    both = Replicated(first, {"far": replica})
    world = world_of(tmp_path, database, another, first)
    RunTexts(database, first, new=True).put(world.manifests[1].segment)
    copy_all(first, replica)
    before, former = readable(world), saved(first)
    purge(world, both)
    bring_back(first if place == "store" else replica, former)
    came_back = holding(first if place == "store" else replica)
    told = [one.kind for one in findings(first)].count("purged")
    unreached = Purge(both, world.index).resume()

    assert came_back  # the control
    assert told >= 4 or place == "replica"
    assert unreached == {}
    assert holding(first) == holding(replica) == []
    assert readable(world) == without(before, "/secret")
    assert readable(world, store=replica) == readable(world)
    assert findings(first) == []


@pytest.mark.costly
def test_the_texts_of_a_run_lose_those_of_purged_records_in_all_places(
    tmp_path: Path, either: Database, another: Another
) -> None:
    first, replica = LocalStore(tmp_path / "store"), LocalStore(tmp_path / "replica")
    both = Replicated(first, {"far": replica})
    world = world_of(tmp_path, either, another, first)
    RunTexts(either, first, new=True).put(world.manifests[1].segment)
    copy_all(first, replica)
    [secret] = world.index.captures("https://example.org/secret")
    held = holding(first, secret.record_id.encode())
    purge(world, both)
    runs = list(first.keys(RUNS))

    assert any(key.startswith(RUNS) for key in held)  # the control
    assert len(runs) == 1
    for store in (first, replica):
        assert not any(key.startswith(RUNS) for key in holding(store, secret.record_id.encode()))
    assert b"example.org/b" in contents(first)[runs[0]]


@pytest.mark.costly
@SQLITE_ONLY
def test_a_repair_brings_nothing_back_that_was_purged(tmp_path: Path, database: Database, another: Another) -> None:
    first, replica = LocalStore(tmp_path / "store"), LocalStore(tmp_path / "replica")
    both = Replicated(first, {"far": replica})
    world = world_of(tmp_path, database, another, first)
    former = saved(first)
    row = Objects(database).of(world.manifests[1].warc.key)
    assert row is not None
    purge(world, both)
    bring_back(replica, former)
    repair = Repair(world.index, {"store": first, "far": replica}, Meter())
    with pytest.raises(NoHealthyCopy, match="was purged"):
        repair.heal(row, "store")

    assert holding(first) == []
    assert holding(replica)  # the control: it had one


@pytest.mark.costly
@SQLITE_ONLY
def test_the_empty_index_that_two_segments_share_stays(tmp_path: Path, database: Database, another: Another) -> None:
    world = world_of(tmp_path, database, another, LocalStore(tmp_path / "store"))
    urls = [f"https://example.org/{name}" for name in ("a", "secret", "b")]
    purge_these(world.store, world.index, (one for url in urls for one in world.index.captures(url)))
    Purge(world.store, world.index).resume()

    assert len(list(world.store.keys(CDXJS))) == 3
    assert findings(world.store) == []
    assert SECRET not in b"".join(contents(world.store).values())


@SQLITE_ONLY
def test_who_has_the_row_of_a_capture_from_before_a_purge_still_reads_it(
    tmp_path: Path, database: Database, another: Another
) -> None:
    """A reader or an export beside purges, of which the second rewrites what the first has rewritten."""
    world = world_of(tmp_path, database, another, MemoryStore())
    [kept], [gone] = (list(world.index.captures(f"https://example.org/{name}")) for name in ("a", "secret"))
    [also] = world.index.captures("https://example.org/b")
    purge(world)
    Purge(world.store, world.index).run([also.record_id], WHY)
    archive = Archive(world.index, Texts(database), world.store)
    with archive.open(kept) as snapshot:
        body = snapshot.raw().read()
    with pytest.raises(SegmentUnknown):
        archive.open(gone)

    assert body == b"first"
