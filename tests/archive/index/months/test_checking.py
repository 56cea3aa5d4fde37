"""What is wrong with a month in the store is found, by its kind; and which segments a database answers for."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from specimens.segments import SegmentFile, answered
from specimens.worlds import LATER, World, publish

from archive.database.engine import Database
from archive.index.index import Index
from archive.index.months.checking import flaws
from archive.index.months.month import Month, MonthObject, MonthSegment
from archive.index.months.segment_names import SegmentNames
from archive.index.months.stored import lost_object, newer_month, read_month, stored_months
from archive.index.months.writing import MonthWriter, months_in_rows, write_months
from archive.store.memory import MemoryStore
from archive.values.digest import sha256
from archive.values.errors import IntegrityError, ObjectNotFound
from archive.warc.keys import MANIFESTS

Another = Callable[[], Database]


@pytest.fixture
def world(tmp_path: Path, database: Database, another: Another) -> World:
    """An archive of one month, which the store has, too."""
    world = World(tmp_path, database, Index(database, now=lambda: LATER), another)
    for number in range(2):
        world.ship(number)
    (tmp_path / "new").mkdir()
    list(write_months(database, world.store, months_in_rows(database), tmp_path / "new", open_table=None))
    return world


def key_of(world: World) -> str:
    [[key]] = stored_months(world.store).values()
    return key


def kinds(world: World, key: str | None = None) -> list[tuple[str, str]]:
    found = flaws(world.store, key or key_of(world), set(world.store.keys(MANIFESTS)))
    return [(one.file.rpartition("/")[2].partition("-")[0], one.kind) for one in found]


def put(world: World, month: Month) -> str:
    """Put another manifest of a month; return its key."""
    data = month.octets()
    key = f"months/v1/{month.name}/month-{sha256(data)}.json"
    world.store.put(key, io.BytesIO(data), sha256(data))
    return key


def lines_of(world: World, month: Month) -> bytes:
    return zlib.decompress(world.content(month.lines.key), 31)


def of_lines(world: World, data: bytes, tmp_path: Path) -> MonthObject:
    """Put other lines, in one block of the same length as the one before."""
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    packed = packer.compress(data) + packer.flush()
    key = f"months/v1/2026-01/cdx-{sha256(packed)}.gz"
    world.store.put(key, io.BytesIO(packed), sha256(packed))
    return MonthObject(key, sha256(packed), len(packed))


def test_a_month_as_it_was_written_has_no_flaw(world: World) -> None:
    month = read_month(world.store, key_of(world))

    assert kinds(world) == []
    assert lost_object(world.store, month) is None and newer_month(world.store, "2026-01", key_of(world)) is None


@pytest.mark.parametrize(
    ("what", "kind"),
    [("month", "damaged"), ("cdx", "object-digest"), ("cluster", "object-digest")],
)
def test_a_changed_file_is_named(world: World, what: str, kind: str) -> None:
    key = next(key for key in world.store.keys("months/") if f"/{what}-" in key)
    known = key_of(world)
    world.spoil(key, world.content(key)[:-1] + b"x")

    assert (what, kind) in kinds(world, known)


@pytest.mark.parametrize("what", ["month", "cdx", "cluster"])
def test_a_missing_file_is_named(world: World, what: str) -> None:
    known, key = key_of(world), next(key for key in world.store.keys("months/") if f"/{what}-" in key)
    world.store.delete(key)

    assert kinds(world, known) == [(what, "missing")]
    if what != "month":
        lost = lost_object(world.store, read_month(world.store, known))
        assert lost is not None and lost.key == key


def test_a_manifest_that_does_not_agree_with_its_lines_is_named(world: World) -> None:
    month = read_month(world.store, key_of(world))
    name, one = next(iter(month.segments.items()))
    fewer = {**month.segments, name: one._replace(captures=one.captures - 1)}
    short = {**month.segments, name: one._replace(total=1)}

    assert kinds(world, put(world, month_with(month, captures=month.captures + 1))) == [("cdx", "captures")]
    assert kinds(world, put(world, month_with(month, segments=fewer))) == [("cdx", "captures")]
    assert kinds(world, put(world, month_with(month, segments=short))) == [("month", "captures")]


def month_with(month: Month, **facts: Any) -> Month:
    known: dict[str, Any] = {"captures": month.captures, "segments": month.segments, "lines": month.lines}
    known |= facts
    return Month(
        month.name, known["captures"], month.damaged, known["lines"], month.blocks, month.parquet, known["segments"]
    )


@pytest.mark.parametrize("how", ["order", "text", "time"])
def test_a_line_that_is_not_in_its_place_is_named(world: World, tmp_path: Path, how: str) -> None:
    month = read_month(world.store, key_of(world))
    lines = lines_of(world, month).splitlines(keepends=True)
    other = {
        "order": [lines[0], lines[2], lines[1], *lines[3:]],
        "text": [lines[0], b"org,example)/0/1 20260131120018 {}\n", *lines[2:]],
        "time": [lines[0], *(line.replace(b" 202601", b" 202602", 1) for line in lines[1:])],
    }[how]
    lines_ = of_lines(world, b"".join(other), tmp_path)
    entry = world.content(month.blocks.key).split(b"\t")
    entry[3] = b"%d" % lines_.size
    index = b"\t".join(entry)
    key = f"months/v1/2026-01/cluster-{sha256(index)}.idx"
    world.store.put(key, io.BytesIO(index), sha256(index))
    changed = Month(
        month.name,
        month.captures,
        0,
        lines_,
        MonthObject(key, sha256(index), len(index)),
        None,
        month.segments,
    )

    assert ("cdx", "line") in kinds(world, put(world, changed))


def test_a_segment_that_the_store_lacks_and_captures_that_the_month_lacks_are_named(
    world: World, tmp_path: Path
) -> None:
    known = key_of(world)
    [first, _] = world.manifests
    without = [key for key in world.store.keys(MANIFESTS) if key != first.key]
    found = list(flaws(world.store, known, without))
    segment = SegmentFile(tmp_path, "20260131T130000Z-1-9-abcd")
    segment.write(answered("https://example.org/late", b"late", minute=60))
    late = publish(world.store, segment, [], world.manifests[-1].link)
    month = read_month(world.store, known)
    facts = MonthSegment("default", late.warc.key, late.key, 0, 1)
    more = put(world, month_with(month, segments={**month.segments, late.segment: facts}))

    assert [(one.file, one.kind) for one in found] == [(known, "missing")]
    assert first.segment in found[0].sentence
    assert ("month", "captures") in kinds(world, more)


def test_the_manifest_that_came_instead_counts(world: World) -> None:
    old = key_of(world)
    month = read_month(world.store, old)
    new = put(world, Month(*(getattr(month, name) for name in FIELDS), replaces=(old,)))

    assert stored_months(world.store) == {"2026-01": [old, new]}
    assert newer_month(world.store, "2026-01", old) == new
    world.store.delete(old)
    assert newer_month(world.store, "2026-01", old) == new
    with pytest.raises(ObjectNotFound):
        read_month(world.store, old)
    world.spoil(new, b"{}")
    with pytest.raises(IntegrityError, match="is damaged"):
        read_month(world.store, new)


FIELDS = ("name", "captures", "damaged", "lines", "blocks", "parquet", "segments")


def test_an_empty_month_is_whole(tmp_path: Path) -> None:
    store = MemoryStore()
    with closing(MonthWriter("2026-01", tmp_path, None)) as writer:
        _, key = writer.stored(store, {})

    assert list(flaws(store, key, ())) == []


def test_a_database_answers_for_a_segment_under_all_the_names_that_purges_gave_it(
    either: Database, tmp_path: Path
) -> None:
    index, names = Index(either, now=lambda: LATER), SegmentNames(either)
    before = [names.has(name) for name in ("a", "a-purge1", "b-purge2")]
    for name in ("a", "b-purge2", "c-purgery"):
        index.opened(name, collection="default", worker="w", epoch=1, path=tmp_path, at=LATER)

    assert before == [False] * 3
    assert all(names.has(name) for name in ("a", "a-purge1", "a-purge7", "b", "b-purge1", "b-purge3"))
    assert not any(names.has(name) for name in ("c", "c-purge1", "A", "a-purge", "ab", "a-"))
