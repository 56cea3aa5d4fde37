"""Index and store are compared by the keys of manifests, and missing segments are indexed."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from pathlib import Path

import pytest
from specimens.dumps import dump
from specimens.worlds import LATER, World

from archive.database.engine import Database
from archive.index.index import Index
from archive.intake.compare import ComparisonResult, compare
from archive.intake.rebuild import Rebuild


@pytest.fixture
def shipped(tmp_path: Path, either: Database, another: Callable[[], Database]) -> World:
    """Ship three segments."""
    world = World(tmp_path, either, Index(either, now=lambda: LATER), another)
    for number in range(3):
        world.ship(number)
    return world


def keys_of(world: World) -> tuple[str, ...]:
    return tuple(manifest.key for manifest in world.manifests)


def test_a_complete_index_lacks_nothing(shipped: World) -> None:
    assert compare(shipped.store, shipped.index) == ComparisonResult((), ())


def test_manifests_missing_in_either_are_named(shipped: World) -> None:
    empty = Index(shipped.another(), now=lambda: LATER)
    shipped.store.delete(keys_of(shipped)[1])

    assert compare(shipped.store, shipped.index) == ComparisonResult((), (keys_of(shipped)[1],))
    assert compare(shipped.store, empty) == ComparisonResult((keys_of(shipped)[0], keys_of(shipped)[2]), ())


def test_segments_still_in_the_spool_are_left_out(shipped: World) -> None:
    found = compare(shipped.store, Index(shipped.another(), now=lambda: LATER))

    assert found.without([shipped.manifests[0].segment]).unknown == keys_of(shipped)[1:]


def test_segments_missing_in_an_older_index_are_indexed(shipped: World) -> None:
    _, database = shipped.rebuilt()
    index = Index(database, now=lambda: LATER)
    shipped.ship(3)
    unknown = compare(shipped.store, index).unknown
    done = Rebuild(shipped.store, index).index_segments(unknown, len(unknown))

    assert (done.segments, done.captures, done.findings) == (1, 5, ())
    assert dump(database) == dump(shipped.database)


def test_an_interrupted_update_continues_where_it_ended(shipped: World) -> None:
    database = shipped.another()
    index = Index(database, now=lambda: LATER)
    first = Rebuild(shipped.store, index).index_segments(islice(keys_of(shipped), 2), 3)
    half = dump(database)
    rest = compare(shipped.store, index).unknown
    Rebuild(shipped.store, index).index_segments(rest, len(rest))

    assert (first.segments, rest) == (2, keys_of(shipped)[2:])
    assert half != dump(database) == dump(shipped.database)


@pytest.mark.parametrize("damage", ["manifest", "warc"])
def test_damaged_segments_are_named_and_the_others_are_indexed(shipped: World, damage: str) -> None:
    manifest = shipped.manifests[1]
    if damage == "manifest":
        shipped.spoil(manifest.key, shipped.content(manifest.key)[:-1])
    else:
        shipped.store.delete(manifest.warc.key)
    index = Index(shipped.another(), now=lambda: LATER)
    done = Rebuild(shipped.store, index).index_segments(keys_of(shipped), 3)

    assert [finding.file for finding in done.findings] == [manifest.key if damage == "manifest" else manifest.warc.key]
    assert done.captures == 10
    assert compare(shipped.store, index).unknown == (manifest.key,)
