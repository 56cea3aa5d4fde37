"""A purge writes the months again that name what it deletes; at each moment, all other captures are found."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from conftest import figure
from services.databases import POSTGRESQL_COSTLY
from specimens.month_purges import (
    LATE,
    TABLES,
    Another,
    found,
    in_months,
    lines_with,
    of_store,
    use_months,
    without_secret,
    write,
    wrong,
)
from specimens.purges import WHY, Failing, holding, purge, purge_these, secrets_of
from specimens.segments import SegmentFile, answered
from specimens.worlds import LATER, publish

from archive.archive import Archive
from archive.database.engine import Database
from archive.index.index import Index
from archive.index.months.blocks import MonthGone
from archive.index.months.month import Month
from archive.index.months.months import Months
from archive.index.months.stored import read_month, stored_months
from archive.intake.purge import Purge
from archive.intake.rebuild import Rebuild
from archive.shipping.held_months import HeldMonths
from archive.shipping.purged import Deletion
from archive.shipping.purged_months import PurgedMonths
from archive.store import ObjectStore
from archive.store.local import LocalStore
from archive.store.memory import MemoryStore
from archive.store.s3 import S3Settings, S3Store
from archive.texts.texts import Texts
from archive.values.errors import StoreUnreachable
from archive.warc.keys import MANIFESTS, MONTHS


@pytest.fixture(params=["directory", pytest.param("s3", marks=pytest.mark.costly)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ObjectStore]:
    if request.param == "directory":
        yield LocalStore(tmp_path / "store")
        return
    settings: S3Settings = request.getfixturevalue("bucket")
    with closing(S3Store(settings)) as s3:
        yield s3


@POSTGRESQL_COSTLY
def test_no_month_names_what_was_purged_and_all_else_is_found_in_them(
    tmp_path: Path, either: Database, another: Another, store: ObjectStore
) -> None:
    world, only_months = in_months(tmp_path, either, another, store)
    before, former = found(world.index, store), of_store(store)
    [secret] = secrets_of(world)
    assert found(only_months, store) == before
    assert any("/cdx-" in key for key in lines_with(store, secret.record_id.encode()))  # the control
    Purge(store, world.index, **TABLES).run([secret.record_id], WHY)
    now = of_store(store)

    assert holding(store) == [] and lines_with(store, secret.record_id.encode()) == []
    assert lines_with(store, b"example.org/secret") == []
    assert found(world.index, store) == found(only_months, store) == without_secret(before)
    assert wrong(store) == []
    assert now["2026-02"] == former["2026-02"]
    assert now["2026-01"].captures == former["2026-01"].captures - 1
    assert only_months.covered() == world.index.covered() == set(store.keys(MANIFESTS))
    assert {key for (key,) in stored_months(store).values()} == set(Months(either, store).attached().values())
    again = write(world, tmp_path / "again")
    for name, month in again.items():
        same = now[name]
        assert (month.lines, month.blocks, month.segments) == (same.lines, same.blocks, same.segments)
    assert tables(store, again["2026-01"]) == tables(store, now["2026-01"])


def tables(store: ObjectStore, month: Month) -> Any:
    parquet = pytest.importorskip("pyarrow.parquet")
    assert month.parquet
    with store.get(month.parquet.key) as file:
        rows = parquet.read_table(BytesIO(file.read())).to_pylist()
    return sorted(rows, key=lambda row: row["record_id"])


@POSTGRESQL_COSTLY
def test_without_the_writing_of_months_they_name_what_was_purged(
    tmp_path: Path, either: Database, another: Another, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PurgedMonths, "run", lambda *_: HeldMonths())
    world, only_months = in_months(tmp_path, either, another, MemoryStore())
    [secret] = secrets_of(world)
    purge(world)

    assert any("/cdx-" in key for key in lines_with(world.store, secret.record_id.encode()))
    assert wrong(world.store)
    assert secret.url in [one.url for one in only_months.captures(secret.url)]


CHANGES = figure([5, 9, 14], range(22), range(22))


@POSTGRESQL_COSTLY
@pytest.mark.parametrize("changes", CHANGES)
def test_a_purge_that_is_interrupted_at_any_change_of_the_store_loses_nothing_and_ends_later(
    tmp_path: Path, either: Database, another: Another, changes: int
) -> None:
    world, only_months = in_months(tmp_path, either, another, LocalStore(tmp_path / "store"))
    before = found(world.index, world.store)
    failing: Any = Failing(world.store, changes)
    with suppress(StoreUnreachable):
        Purge(failing, world.index, **TABLES).run([one.record_id for one in secrets_of(world)], WHY)
    mine, theirs = found(world.index, world.store), found(only_months, world.store)
    Purge(world.store, world.index, **TABLES).run([one.record_id for one in secrets_of(world)], WHY)

    assert mine in (before, without_secret(before))
    assert theirs in (before, without_secret(before))
    assert found(world.index, world.store) == found(only_months, world.store) == without_secret(before)
    assert lines_with(world.store, b"example.org/secret") == [] and holding(world.store) == []
    assert wrong(world.store) == []
    assert len(of_store(world.store)) == 2
    assert Purge(world.store, world.index).left() == {}


@POSTGRESQL_COSTLY
def test_a_listing_continues_in_the_new_files_of_a_month(
    tmp_path: Path, either: Database, another: Another, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("archive.index.months.writing.BLOCK", 2)
    monkeypatch.setattr("archive.index.months.lookups._PAGE", 2)
    world, _ = in_months(tmp_path, either, another, MemoryStore())
    whole = [(one.url, one.at) for one in world.index.captures("https://example.org/", match="prefix")]
    other = use_months(Index(another(), now=lambda: LATER), world.store, look_every=1e9, list_every=1e9)
    listing = other.captures("https://example.org/", match="prefix")
    first = [next(listing) for _ in range(3)]
    purge(world)
    rest = list(listing)

    assert [(one.url, one.at) for one in (*first, *rest)] == [one for one in whole if not one[0].endswith("/secret")]
    assert other.months and other.months.attached() == Months(either, world.store).attached()


@POSTGRESQL_COSTLY
def test_a_month_whose_files_are_gone_without_others_is_an_error(
    tmp_path: Path, either: Database, another: Another
) -> None:
    world, only_months = in_months(tmp_path, either, another, MemoryStore())
    for key in list(world.store.keys(MONTHS)):
        world.store.delete(key)

    with pytest.raises(MonthGone, match="pressmark months detach"):
        list(only_months.captures(LATE))


@POSTGRESQL_COSTLY
def test_another_database_looks_for_new_months_from_time_to_time(
    tmp_path: Path, either: Database, another: Another
) -> None:
    """It does so before it needs anything that is gone: what it has in memory may name what was purged."""
    world, _ = in_months(tmp_path, either, another, MemoryStore())
    [secret] = secrets_of(world)
    held = use_months(Index(another(), now=lambda: LATER), world.store, look_every=0, list_every=1e9)
    watching = use_months(Index(another(), now=lambda: LATER), world.store, look_every=0, list_every=0)
    assert all(len(list(one.captures(secret.url))) == 1 for one in (held, watching))
    purge(world)

    assert len(list(held.captures(secret.url))) == 1  # the control: its block is in memory
    [moved] = held.captures("https://example.org/a")
    with Archive(held, Texts(held.database), world.store).open(moved) as snapshot:
        assert snapshot.raw().read() == b"first"  # where it is now
    assert list(watching.captures(secret.url)) == []
    assert list(held.captures(secret.url)) == []


@pytest.mark.costly
@POSTGRESQL_COSTLY
def test_a_segment_is_purged_twice_and_a_month_may_lose_all_its_captures(
    tmp_path: Path, either: Database, another: Another
) -> None:
    world, only_months = in_months(tmp_path, either, another, LocalStore(tmp_path / "store"))
    before = found(world.index, world.store)
    purge(world)
    purge_these(world.store, world.index, world.index.captures("https://example.org/a"), **TABLES)
    purge_these(world.store, world.index, world.index.captures(LATE), **TABLES)
    left = {name: body for name, body in without_secret(before).items() if not name.endswith(("/a", "/late"))}

    assert found(world.index, world.store) == found(only_months, world.store) == left
    assert {name: month.captures for name, month in of_store(world.store).items()} == {"2026-01": 11, "2026-02": 0}
    assert wrong(world.store) == []
    _, rebuilt = world.rebuilt()
    index = use_months(Index(rebuilt, now=lambda: LATER), world.store)
    assert found(index, world.store) == left


@pytest.mark.costly
@POSTGRESQL_COSTLY
def test_a_table_is_left_out_where_its_library_is_missing(tmp_path: Path, either: Database, another: Another) -> None:
    world, _ = in_months(tmp_path, either, another, MemoryStore())
    purge(world)

    assert {name: bool(month.parquet) for name, month in of_store(world.store).items()} == {
        "2026-01": False,
        "2026-02": True,
    }
    assert wrong(world.store) == []


@POSTGRESQL_COSTLY
def test_a_damaged_month_stops_the_deletion_and_says_the_way_out(
    tmp_path: Path, either: Database, another: Another
) -> None:
    world, _ = in_months(tmp_path, either, another, MemoryStore())
    [secret] = secrets_of(world)
    month = of_store(world.store)["2026-01"]
    good = world.content(month.lines.key)
    world.spoil(month.lines.key, good[:-9])
    done = purge(world)
    left = Purge(world.store, world.index).left()
    world.spoil(month.lines.key, good)
    resumed = Purge(world.store, world.index).resume()

    assert "pressmark months delete" in done.unreached["store"] and month.lines.key in done.unreached["store"]
    assert left == {"store": 1}
    assert resumed == {} and lines_with(world.store, secret.record_id.encode()) == [] and holding(world.store) == []


@POSTGRESQL_COSTLY
def test_a_month_names_no_rewritten_file_that_the_store_has_lost(
    tmp_path: Path, either: Database, another: Another, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, only_months = in_months(tmp_path, either, another, MemoryStore())
    before = found(only_months, world.store)
    with monkeypatch.context() as dying:
        dying.setattr(Deletion, "run", lambda *_, **__: {})
        purge(world)
    key = next(str(row.object_key) for row in world.index.segments() if "-purge" in row.name)
    content = world.content(key)
    world.store.delete(key)
    left = Purge(world.store, world.index).resume()
    meanwhile = found(only_months, world.store)
    world.spoil(key, content)

    assert key in left["store"] and meanwhile == before
    assert Purge(world.store, world.index).resume() == {}
    assert found(only_months, world.store) == without_secret(before)


@pytest.mark.costly
@POSTGRESQL_COSTLY
def test_an_older_month_that_comes_back_is_written_again(tmp_path: Path, either: Database, another: Another) -> None:
    world, _ = in_months(tmp_path, either, another, MemoryStore())
    old = {key: world.content(key) for key in world.store.keys(MONTHS)}
    purge(world)
    for key, content in old.items():
        world.spoil(key, content)
    assert lines_with(world.store, b"example.org/secret")  # the control
    Purge(world.store, world.index).resume()

    assert lines_with(world.store, b"example.org/secret") == []
    assert len(of_store(world.store)) == 2 and wrong(world.store) == []


@POSTGRESQL_COSTLY
@pytest.mark.parametrize("attached", ["months alone", pytest.param("some rows", marks=pytest.mark.costly)])
def test_what_is_in_months_alone_is_purged_with_what_its_captures_need_kept(
    tmp_path: Path, either: Database, another: Another, attached: str
) -> None:
    """The segments that are purged get rows. All others stay without."""
    world, alone = in_months(tmp_path, either, another, LocalStore(tmp_path / "store"))
    before = found(alone, world.store)
    if attached == "some rows":
        Rebuild(world.store, alone).index_segments([world.manifests[0].key], 1, covered=True)
    originals = list(alone.captures("https://example.org/0/0"))
    kept = purge_these(world.store, alone, [*originals, *secrets_of(world, alone)], **TABLES)
    names = {row.name for row in alone.segments()}
    unchanged = found(alone, world.store)
    both = purge_these(world.store, alone, originals, with_revisits=True, **TABLES)

    assert [(one.capture.url, one.why) for one in kept.plan.kept_back] == [("https://example.org/0/0", "needed")]
    assert [one.url for one in kept.plan.captures] == ["https://example.org/secret"]
    assert "20260131T120100Z-1-1-abcd-purge1" in names and world.manifests[2].segment not in names
    assert unchanged == without_secret(before)
    assert {one.url for one in both.plan.captures} == {"https://example.org/0/0", "https://example.org/0/same"}
    assert len(found(alone, world.store)) == len(before) - 3
    assert wrong(world.store) == [] and holding(world.store) == []
    assert world.manifests[2].segment not in {row.name for row in alone.segments()}


@POSTGRESQL_COSTLY
def test_a_revisit_in_months_alone_keeps_what_it_names_in_rows(
    tmp_path: Path, either: Database, another: Another
) -> None:
    """The index has rows of the segment with the original, and none of a later one with a revisit of another URL."""
    world, _ = in_months(tmp_path, either, another, MemoryStore())
    [original] = world.index.captures("https://example.org/a")
    segment = SegmentFile(tmp_path, "20260201T000100Z-1-8-abcd")
    segment.revisit(original, answered("https://example.org/copy", b"first", minute=900))
    world.manifests.append(publish(world.store, segment, [], world.manifests[-1].link))
    world.index.commit(world.manifests[-1], segment.captures, [])
    write(world, tmp_path / "more")
    alone = Index(another(), now=lambda: LATER)
    months = Months(alone.database, world.store, look_every=0, list_every=0)
    for keys in stored_months(world.store).values():
        best = max(keys, key=lambda key: read_month(world.store, key).captures)
        months.attach(read_month(world.store, best), best)
    alone.use_months(months)
    Rebuild(world.store, alone).index_segments([world.manifests[1].key], 1, covered=True)
    plan = Purge(world.store, alone).plan(alone.captures("https://example.org/a"))
    control = Index(alone.database, now=lambda: LATER)

    assert [(one.why, [each.url for each in one.needed_by]) for one in plan.kept_back] == [
        ("needed", ["https://example.org/copy"])
    ]
    assert Purge(world.store, control).plan(control.captures("https://example.org/a")).kept_back == ()
