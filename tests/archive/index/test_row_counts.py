"""Rows that are deleted one by one from the index are noticed, and come back from the store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from specimens.dumps import dump
from specimens.worlds import LATER, World

from archive.database.engine import Database
from archive.index.index import Index
from archive.index.row_counts import lacking_rows, note_first, uncounted
from archive.intake.compare import captures_by_manifest, compare
from archive.intake.rebuild import Rebuild


@pytest.fixture
def shipped(tmp_path: Path, either: Database, another: Callable[[], Database]) -> World:
    """Two segments of five captures and three texts each."""
    world = World(tmp_path, either, Index(either, now=lambda: LATER), another)
    world.ship(0)
    world.ship(1)
    return world


def write(world: World, *statements: str) -> None:
    with world.database.writing() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


LOST = {
    "a capture": ("DELETE FROM captures WHERE id IN (SELECT min(id) FROM captures)", 1),
    "three captures": ("DELETE FROM captures WHERE id IN (SELECT id FROM captures ORDER BY id LIMIT 3)", 3),
    "a text": ("DELETE FROM texts WHERE record_id IN (SELECT min(record_id) FROM texts)", 1),
}


@pytest.mark.parametrize(("statement", "rows"), LOST.values(), ids=LOST)
def test_rows_that_are_deleted_are_noticed_and_come_back(shipped: World, statement: str, rows: int) -> None:
    before = dump(shipped.database)
    write(shipped, statement)
    lacking = lacking_rows(shipped.database)
    found = compare(shipped.store, shipped.index)
    Rebuild(shipped.store, shipped.index).index_segments(found.to_import, len(found.to_import))

    assert sum(lacking.values()) == rows
    assert (found.unknown, found.incomplete, found.missing) == ((), tuple(lacking), ())
    assert lacking_rows(shipped.database) == {}
    assert dump(shipped.database) == before


def test_an_index_that_has_lost_no_row_lacks_none(shipped: World) -> None:
    assert lacking_rows(shipped.database) == {}


def test_a_row_that_takes_the_place_of_a_damaged_one_is_not_missing(shipped: World) -> None:
    first = shipped.manifests[0].segment
    [capture] = list(shipped.index.captures("https://example.org/0/0"))
    shipped.index.damages.mark(first, [capture.location.offset], "damaged", "it was damaged")
    shipped.index.opened("again", collection="default", worker="w", epoch=1, path=shipped.directory, at=LATER)
    shipped.index.add([capture._replace(location=replace(capture.location, segment="again"))])

    assert shipped.index.size_of(first) == 4
    assert lacking_rows(shipped.database) == {}


def first_counts(shipped: World) -> int:
    """Count the segments that have no count yet; return how many these were."""
    never = uncounted(shipped.database)
    note_first(shipped.database, captures_by_manifest(shipped.store, never))
    return len(never)


def test_the_rows_that_an_earlier_version_indexed_are_counted_once(shipped: World) -> None:
    write(shipped, "DELETE FROM marks")
    assert (first_counts(shipped), first_counts(shipped)) == (2, 0)
    before = lacking_rows(shipped.database)
    write(shipped, LOST["three captures"][0])

    assert (first_counts(shipped), before) == (0, {})
    assert sum(lacking_rows(shipped.database).values()) == 3


def test_captures_that_were_deleted_before_the_first_count_are_noticed_and_come_back(shipped: World) -> None:
    before = dump(shipped.database)
    write(shipped, "DELETE FROM marks WHERE substr(name, 1, 5) = 'rows:'", LOST["a capture"][0])
    uncounted_yet = compare(shipped.store, shipped.index)
    first_counts(shipped)
    found = compare(shipped.store, shipped.index)
    Rebuild(shipped.store, shipped.index).index_segments(found.to_import, len(found.to_import))

    assert (len(uncounted_yet.incomplete), uncounted_yet.incomplete) == (1, found.incomplete)
    assert compare(shipped.store, shipped.index).incomplete == ()
    assert dump(shipped.database) == before


def test_a_damaged_manifest_does_not_stop_the_first_count(shipped: World) -> None:
    write(shipped, "DELETE FROM marks")
    shipped.store.delete(shipped.manifests[0].key)

    assert (first_counts(shipped), lacking_rows(shipped.database)) == (2, {})


def test_rows_of_a_segment_whose_warc_is_gone_are_reported_as_gone(shipped: World) -> None:
    write(shipped, LOST["a text"][0].replace("min", "max"), LOST["a capture"][0])
    before = compare(shipped.store, shipped.index)
    for manifest in shipped.manifests:
        if manifest.key == before.incomplete[0]:
            shipped.store.delete(manifest.warc.key)
    after = compare(shipped.store, shipped.index)

    assert before.gone == ()
    assert after.gone == before.incomplete[:1]
    assert set(after.to_import) == set(before.to_import) - set(after.gone)
