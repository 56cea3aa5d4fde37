"""A month that can't be read, or written again, holds up the deletion of what it may name, and nothing else."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from services.databases import POSTGRESQL_COSTLY
from specimens.month_purges import LATE, TABLES, Another, in_months, lines_with, of_store, wrong
from specimens.purges import WHY, copy_all, holding, purge, purge_these, secrets_of
from specimens.worlds import World

from archive.database.engine import Database
from archive.database.marks import Marks
from archive.index.months.stored import stored_months
from archive.index.purges.purged_marks import HOLDING
from archive.intake.purge import Purge
from archive.shipping.purged import Deletion
from archive.shipping.purged_months import delete_other_months
from archive.store.memory import MemoryStore
from archive.store.replicated import Replicated
from archive.warc.keys import MONTHS, sha256_of_key

pytestmark = POSTGRESQL_COSTLY


def manifest_of(world: World, name: str) -> str:
    [key] = stored_months(world.store)[name]
    return key


def noted(world: World) -> dict[str, str]:
    return Marks(world.database, HOLDING).all()


def test_an_unreadable_month_holds_up_only_what_it_may_name(tmp_path: Path, either: Database, another: Another) -> None:
    world, _ = in_months(tmp_path, either, another, MemoryStore())
    [late] = world.index.captures(LATE)
    key = manifest_of(world, "2026-02")
    good = world.content(key)
    world.spoil(key, good[:-9])
    january = purge(world)
    february = purge_these(world.store, world.index, [late], **TABLES)
    told, left = noted(world), Purge(world.store, world.index).left()
    world.spoil(key, good)
    resumed = Purge(world.store, world.index, **TABLES).resume()

    assert january.unreached == {} and holding(world.store) == []
    assert lines_with(world.store, b"example.org/secret") == []
    assert list(february.unreached) == ["store"] and left == {"store": 1}
    assert all(part in february.unreached["store"] for part in (key, "pressmark months delete 2026-02"))
    assert told == {"2026-02": february.unreached["store"]}
    assert resumed == {} and noted(world) == {}
    assert lines_with(world.store, LATE.encode()) == []
    assert of_store(world.store)["2026-02"].captures == 0 and wrong(world.store) == []


@pytest.mark.parametrize("harm", ["damaged", "lost"])
def test_the_way_out_is_to_delete_the_month(tmp_path: Path, either: Database, another: Another, harm: str) -> None:
    world, _ = in_months(tmp_path, either, another, MemoryStore())
    [late] = world.index.captures(LATE)
    key = manifest_of(world, "2026-02")
    world.store.delete(key) if harm == "lost" else world.spoil(key, b"{}")
    held = purge_these(world.store, world.index, [late], **TABLES)
    named = lines_with(world.store, late.record_id.encode())
    assert world.index.months and world.index.months.detach("2026-02")
    for gone in list(world.store.keys(f"{MONTHS}2026-02/")):
        world.store.delete(gone)
    resumed = Purge(world.store, world.index).resume()

    assert "months delete 2026-02" in held.unreached["store"]
    assert named  # its files are still there
    assert resumed == {} and Purge(world.store, world.index).left() == {} and noted(world) == {}
    assert lines_with(world.store, late.record_id.encode()) == []


def test_an_older_month_of_a_segment_without_its_captures_holds_up_nothing(
    tmp_path: Path, either: Database, another: Another
) -> None:
    """Files that a lost manifest has left, of a month that no database uses, are deleted as those of who was killed."""
    world, _ = in_months(tmp_path, either, another, MemoryStore())
    world.store.delete(manifest_of(world, "2026-02"))
    assert world.index.months and world.index.months.detach("2026-02")
    done = purge(world)

    assert done.unreached == {} and list(world.store.keys(f"{MONTHS}2026-02/")) == []


def test_a_replica_keeps_what_a_month_of_the_first_store_holds_up(
    tmp_path: Path, either: Database, another: Another
) -> None:
    first, second = MemoryStore(), MemoryStore()
    world, _ = in_months(tmp_path, either, another, first)
    copy_all(first, second)
    both: Any = Replicated(first, {"copy": second})
    [late] = world.index.captures(LATE)
    key = manifest_of(world, "2026-02")
    good = world.content(key)
    world.spoil(key, good[:-9])
    done = purge_these(both, world.index, [late, *secrets_of(world)], **TABLES)
    files = holding(second)
    world.spoil(key, good)
    resumed = Purge(both, world.index, **TABLES).resume()

    assert sorted(done.unreached) == ["copy", "store"] and files == []
    assert resumed == {} and Purge(both, world.index).left() == {}
    assert lines_with(second, LATE.encode()) == lines_with(first, LATE.encode()) == []


def test_a_purge_without_space_for_temporary_files_says_so_and_the_next_one_ends_it(
    tmp_path: Path, either: Database, another: Another, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, _ = in_months(tmp_path, either, another, MemoryStore())
    [secret] = secrets_of(world)
    with monkeypatch.context() as dying:
        dying.setattr(Deletion, "run", lambda *_, **__: {})
        Purge(world.store, world.index, **TABLES).run([secret.record_id], WHY)
    with monkeypatch.context() as gone:
        gone.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
        refused = Purge(world.store, world.index, **TABLES).resume()
    told, there = noted(world), lines_with(world.store, secret.record_id.encode())
    resumed = Purge(world.store, world.index, **TABLES).resume()

    assert str(tmp_path / "gone") in refused["store"] and "TMPDIR" in refused["store"]
    assert told == {"2026-01": refused["store"]} and there
    assert resumed == {} and noted(world) == {}
    assert lines_with(world.store, secret.record_id.encode()) == [] and holding(world.store) == []


def test_a_damaged_rewritten_segment_holds_up_no_other(
    tmp_path: Path, either: Database, another: Another, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, _ = in_months(tmp_path, either, another, MemoryStore())
    [late] = world.index.captures(LATE)
    last = world.manifests[-1].warc.key
    with monkeypatch.context() as dying:
        dying.setattr(Deletion, "run", lambda *_, **__: {})
        purge_these(world.store, world.index, [late, *secrets_of(world)], **TABLES)
    for key in list(world.store.keys(MONTHS)):
        world.store.delete(key)
    lost = min(str(row.object_key) for row in world.index.segments() if "-purge" in row.name)
    content = world.content(lost)
    world.store.delete(lost)
    left = Purge(world.store, world.index, **TABLES).resume()
    files = world.store.size(last), holding(world.store)
    world.spoil(lost, content)

    assert lost in left["store"]
    assert files[0] is None and files[1], "the next one was deleted"
    assert Purge(world.store, world.index, **TABLES).resume() == {} and holding(world.store) == []


@pytest.mark.parametrize("lost", ["manifest", "lines"])
def test_a_copy_keeps_what_the_first_store_has_lost_of_a_month_until_it_is_back(
    tmp_path: Path, either: Database, another: Another, lost: str
) -> None:
    first, second = MemoryStore(), MemoryStore()
    world, _ = in_months(tmp_path, either, another, first)
    copy_all(first, second)
    both: Any = Replicated(first, {"copy": second})
    [late] = world.index.captures(LATE)
    key = manifest_of(world, "2026-02")
    if lost == "lines":
        key = of_store(first)["2026-02"].objects[0].key
    first.delete(key)
    done = purge_these(both, world.index, [late, *secrets_of(world)], **TABLES)
    delete_other_months(second, first)  # as a backup does
    assert list(second.keys(key)) == [key]
    with second.get(key) as copy:
        first.put(key, copy, sha256_of_key(key))
    resumed = Purge(both, world.index, **TABLES).resume()

    assert sorted(done.unreached) == ["copy", "store"]
    assert resumed == {} and Purge(both, world.index).left() == {} and noted(world) == {}
    assert set(second.keys(MONTHS)) <= set(first.keys(MONTHS))
    assert lines_with(second, LATE.encode()) == lines_with(first, LATE.encode()) == []


def test_a_copy_loses_the_months_that_the_first_store_has_no_more(
    tmp_path: Path, either: Database, another: Another
) -> None:
    first, second = MemoryStore(), MemoryStore()
    in_months(tmp_path, either, another, first)
    copy_all(first, second)
    for key in list(first.keys(f"{MONTHS}2026-02/")):
        first.delete(key)
    delete_other_months(second, first)

    assert sorted(second.keys(MONTHS)) == sorted(first.keys(MONTHS)) != []
