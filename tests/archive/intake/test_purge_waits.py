"""A purge and what reads whole segments wait for each other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from services.databases import POSTGRESQL_COSTLY, SQLITE_ONLY
from services.in_threads import in_thread
from specimens.purges import SECRET, holding, purge, secrets_of, world_of
from specimens.segments import SegmentFile, answered
from specimens.worlds import LATER, World

from archive.database.engine import Database, open_database
from archive.index.index import Index
from archive.index.purges import locks
from archive.index.purges.locks import beside_purges, changing_segments, purging
from archive.index.purges.purged_marks import leaving
from archive.intake.rebuild import Rebuild
from archive.intake.reextraction import Reextraction, Task
from archive.shipping.run_texts import RunTexts
from archive.store.memory import MemoryStore
from archive.values.errors import PurgeUnderWay

Another = Callable[[], Database]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody wait for long."""
    monkeypatch.setattr(locks, "PURGE_PATIENCE", 0.0)
    monkeypatch.setattr(locks, "PATIENCE", 0.0)


@pytest.mark.costly
def test_of_two_purges_at_once_one_is_refused(tmp_path: Path, either: Database, another: Another) -> None:
    world = world_of(tmp_path, either, another, MemoryStore())
    with purging(world.database), pytest.raises(PurgeUnderWay):
        purge(world)
    assert len(secrets_of(world)) == 1
    purge(world)
    assert secrets_of(world) == []


@pytest.mark.costly
def test_a_purge_waits_for_what_reads_segments_and_changes_nothing_meanwhile(
    tmp_path: Path, either: Database, another: Another
) -> None:
    world = world_of(tmp_path, either, another, MemoryStore())
    with beside_purges(world.database), beside_purges(world.database):  # two readers do not wait for each other
        assert isinstance(in_thread(lambda: purge(world)), PurgeUnderWay)
        assert in_thread(lambda: beside_purges(world.database).__enter__()) is None
    assert len(secrets_of(world)) == 1
    purge(world)
    assert secrets_of(world) == []


def read_nothing(*_: object) -> list[object]:
    return []


def acts(world: World) -> dict[str, Callable[[], object]]:
    segment = world.manifests[1].segment
    again = Reextraction(world.index, world.store, read_nothing, now=lambda: LATER)  # type: ignore[arg-type]
    return {
        "extract": lambda: again.again(Task(segment, frozenset({"x"}))),
        "texts of runs": lambda: RunTexts(world.database, world.store, new=True).put(segment),
        "rebuild": lambda: Rebuild(world.store, Index(world.database, now=lambda: LATER)).run(),
        "index": lambda: Rebuild(world.store, world.index).index_segments([world.manifests[0].key], 1),
    }


@pytest.mark.costly
@SQLITE_ONLY
@pytest.mark.parametrize("name", ["extract", "texts of runs", "rebuild", "index"])
def test_what_reads_segments_waits_for_a_purge(tmp_path: Path, either: Database, another: Another, name: str) -> None:
    world = world_of(tmp_path, either, another, MemoryStore())
    with changing_segments(world.database):
        waited = in_thread(acts(world)[name])
    assert isinstance(waited, PurgeUnderWay)
    assert in_thread(acts(world)[name]) is None  # the control


@pytest.mark.costly
@SQLITE_ONLY
def test_a_segment_that_was_purged_since_is_not_read_again(tmp_path: Path, either: Database, another: Another) -> None:
    world = world_of(tmp_path, either, another, MemoryStore())
    [secret] = secrets_of(world)
    task = Task(secret.location.segment, frozenset({secret.record_id}))
    again = Reextraction(world.index, world.store, read_nothing, now=_later)  # type: ignore[arg-type]
    purge(world)
    done = again.again(task)

    assert (done.read, done.changed, done.failed) == (0, 0, 1)
    assert holding(world.store, SECRET) == []


def _later() -> datetime:
    return LATER


@POSTGRESQL_COSTLY
def test_no_revisit_needs_what_was_purged_or_is_about_to_be(tmp_path: Path, either: Database, another: Another) -> None:
    """A running crawl remembers payloads: it must store them again."""
    world = world_of(tmp_path, either, another, MemoryStore())
    [secret] = secrets_of(world)
    [other] = world.index.captures("https://example.org/a")
    before = world.index.damages.marked([secret.record_id, other.record_id])
    with leaving(either, [secret.record_id]):
        meanwhile = world.index.damages.marked([secret.record_id, other.record_id])
    given_up = world.index.damages.marked([secret.record_id])
    purge(world)

    assert (before, meanwhile, given_up) == (set(), {secret.record_id}, set())
    assert world.index.damages.marked([secret.record_id, other.record_id]) == {secret.record_id}


@SQLITE_ONLY
def test_a_purge_that_lost_its_lock_leaves_the_marks_of_the_next_one(either: Database) -> None:
    index, first = Index(either, now=_later), leaving(either, ["<urn:uuid:a>"])
    first.__enter__()
    with leaving(either, ["<urn:uuid:a>", "<urn:uuid:b>"]):
        first.__exit__(None, None, None)
        meanwhile = index.damages.marked(["<urn:uuid:a>", "<urn:uuid:b>"])

    assert meanwhile == {"<urn:uuid:a>", "<urn:uuid:b>"}


@pytest.mark.costly
def test_a_revisit_that_was_written_meanwhile_is_marked_when_it_is_indexed(
    tmp_path: Path, either: Database, another: Another
) -> None:
    world = world_of(tmp_path, either, another, MemoryStore())
    [secret] = secrets_of(world)
    [other] = world.index.captures("https://example.org/a")
    purge(world)
    segment = SegmentFile(tmp_path, "20260131T120900Z-1-9-abcd")
    segment.revisit(secret, answered("https://example.org/bereft", SECRET, minute=9))
    segment.revisit(other, answered("https://example.org/whole", b"first", minute=9.1))
    world.index.opened(segment.name, collection="default", worker="w", epoch=1, path=segment.path, at=LATER)
    world.index.add(segment.captures)
    [bereft], [whole] = (list(world.index.captures(f"https://example.org/{name}")) for name in ("bereft", "whole"))

    assert bereft.damaged is not None
    assert (bereft.damaged.state, bereft.damaged.reason) == ("original", "the record with its payload was purged")
    assert whole.damaged is None


def test_a_database_in_memory_has_no_file_of_its_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    database = open_database("sqlite://")
    with beside_purges(database), changing_segments(database):
        pass
    database.close()

    assert list(tmp_path.iterdir()) == []
