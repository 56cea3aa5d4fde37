"""Lookups in rows and months: any split of captures into rows and months gives the same answers as all rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import figure
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from specimens.month_worlds import FIRST, URLS, MonthWorld, filled, some_captures
from sqlalchemy import delete, select

from archive.database.closed_collections import TakenDown, closing_collections, hiding
from archive.database.engine import Database
from archive.database.schema import captures as captures_table
from archive.database.schema import microseconds, segments
from archive.index.cdx.engine import Cdx
from archive.index.cdx.query import EARLIEST, LATEST, CdxQuery, collapse_of, read_place, write_place
from archive.index.index import Index
from archive.index.months import writing
from archive.index.months.months import Months
from archive.index.months.stored import read_month
from archive.index.months.writing import months_in_rows, write_months
from archive.index.tallies import Tallies, ports_beside
from archive.store.memory import MemoryStore
from archive.values.urlkey import urlkey

moments = st.integers(-2, 45).map(lambda day: FIRST + timedelta(days=day, seconds=day % 3))
times = st.none() | moments
splits = st.sampled_from([frozenset[int](), frozenset({0, 3}), frozenset({1, 2, 5}), frozenset({0, 1, 2, 3, 4, 5})])
urls = st.sampled_from([*URLS, "https://example.org/never"])
matches: Any = st.sampled_from(["exact", "prefix", "host", "domain"])
collections = st.sampled_from([None, "default", "other", "all"])
hidden = st.sampled_from(["nothing", "a collection", "a page", "a record"])

PROPERTY = settings(
    max_examples=figure(8, 600, 5000),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def seen(what: str, world: MonthWorld, ask: Callable[[], Any]) -> Any:
    """Return what a reader gets from whom this is hidden."""
    if what == "a collection":
        with closing_collections(frozenset({"other"}), frozenset({"example"})):
            return ask()
    of_page = urlkey(URLS[1])
    one = next(each for each in world.captures if each.urlkey == of_page and each.kind == "response")
    taken = {
        "a page": TakenDown(frozenset({(of_page, f"{of_page}!")})),
        "a record": TakenDown(records=frozenset({one.record_id}), pages=frozenset({of_page})),
    }
    with hiding(taken.get(what, TakenDown())):
        return ask()


def is_match(url: str, match: str) -> bool:
    return match == "exact" or match == "prefix" or not url.startswith("urn:")


@PROPERTY
@given(
    split=splits,
    url=urls,
    match=matches,
    since=times,
    until=times,
    collection=collections,
    newest_first=st.booleans(),
    limit=st.none() | st.integers(1, 9),
    what=hidden,
)
def test_captures_are_the_same_however_they_are_split(world: MonthWorld, split: Any, what: str, **asked: Any) -> None:
    url = asked.pop("url")
    if not is_match(url, asked["match"]):
        return

    def ask(index: Index) -> Any:
        return seen(what, world, lambda: list(index.captures(url, **asked)))

    assert without_urns(what, ask(world.split(split))) == without_urns(what, ask(world.all))


def without_urns(what: str, found: list[Any]) -> list[Any]:
    """Leave out what is recorded beside pages, of which months show less if single captures are taken down."""
    return [one for one in found if what != "a record" or not one.urlkey.startswith("urn:")]


@PROPERTY
@given(split=splits, url=urls, at=moments, collection=collections, what=hidden)
def test_the_closest_capture_is_the_same(world: MonthWorld, split: Any, url: str, what: str, **asked: Any) -> None:
    if what == "a record" and url.startswith("urn:"):
        return

    def ask(index: Index) -> Any:
        def all_of_it() -> Any:
            found = index.closest(url, asked["at"], asked["collection"])
            if found is None:
                return None
            there = list(index.in_second(url, found.at))
            crowded = index.crowded((one.url, one.at, one.record_id) for one in there)
            return found, there, crowded, index.drawn_of(found), index.original_of(found), list(index.ancestry(found))

        return seen(what, world, all_of_it)

    assert ask(world.split(split)) == ask(world.all)


queries = st.builds(
    CdxQuery,
    url=st.sampled_from(URLS[:6]),
    match=matches,
    collection=st.sampled_from([None, None, "default", "other"]),
    since=st.just(EARLIEST) | moments.map(microseconds),
    until=st.just(LATEST) | moments.map(microseconds),
    order=st.sampled_from(["forward", "reverse"]),
    unchanged=st.booleans(),
    collapse=st.lists(st.sampled_from(["digest", "timestamp:6", "urlkey"]).map(collapse_of), max_size=1).map(tuple),
    offset=st.integers(0, 6),
    limit=st.none() | st.integers(-9, 20),
)


@PROPERTY
@given(split=splits, query=queries, what=hidden)
def test_cdx_rows_and_counts_are_the_same(world: MonthWorld, split: Any, query: CdxQuery, what: str) -> None:
    def ask(index: Index) -> Any:
        cdx = Cdx(index.database, index.months)
        return seen(what, world, lambda: (list(cdx.rows(query)), cdx.count(query)))

    assert ask(world.split(split)) == ask(world.all)


@PROPERTY
@given(split=splits, url=urls, at=moments, limit=st.integers(1, 12))
def test_cdx_rows_closest_to_a_time_are_the_same(
    world: MonthWorld, split: Any, url: str, at: datetime, limit: int
) -> None:
    query = CdxQuery(url, order="closest", closest=microseconds(at), limit=limit)

    found = [list(Cdx(index.database, index.months).rows(query)) for index in (world.split(split), world.all)]

    assert found[0] == found[1]


@PROPERTY
@given(split=splits, url=st.sampled_from(URLS[:6]), match=matches, page=st.integers(1, 7))
def test_a_listing_continues_after_its_last_row(world: MonthWorld, split: Any, url: str, match: Any, page: int) -> None:
    whole = list(Cdx(world.rows).rows(CdxQuery(url, match)))
    index, found, after = world.split(split), [], None
    while rows := list(Cdx(index.database, index.months).rows(CdxQuery(url, match, limit=page, after=after))):
        found += rows
        after = read_place(write_place(rows[-1]))

    assert found == whole


@pytest.mark.parametrize("split", [frozenset(), frozenset({0, 3})], ids=["months", "both"])
def test_days_ports_and_places_of_segments_are_the_same(world: MonthWorld, split: frozenset[int]) -> None:
    index = world.split(split)

    for url in URLS:
        assert Tallies(index.database, index.months).days(url) == Tallies(world.rows).days(url)
    assert ports_beside(index.database, URLS[0], index.months) == ports_beside(world.rows, URLS[0]) == [8443]
    assert [index.resting(f"s-{number}") for number in range(7)] == [world.all.resting(f"s-{n}") for n in range(7)]


def test_without_the_months_their_captures_are_missing(world: MonthWorld) -> None:
    index = world.split(frozenset({0, 3}))
    alone = Index(index.database, now=lambda: FIRST)

    assert len(list(alone.captures(URLS[1], match="domain"))) < len(list(index.captures(URLS[1], match="domain")))


def test_segments_are_covered_once_all_months_with_their_captures_are_attached(world: MonthWorld) -> None:
    alone = Months(world.rows, world.store, look_every=0)

    assert len(world.split(frozenset()).manifest_keys()) == 6
    for key in world.keys[:-1]:
        alone.attach(read_month(world.store, key), key)
        assert len(alone.covered()) < 6
    alone.attach(read_month(world.store, world.keys[-1]), world.keys[-1])
    assert len(alone.covered()) == 6
    for name in alone.attached():
        alone.detach(name)
    assert not alone


def test_a_segment_that_is_added_while_months_are_written_is_not_covered(database: Database, tmp_path: Path) -> None:
    """Captures of a key that was passed are not in the month, so the segment needs its rows."""
    captures = some_captures("w")
    late = [one for one in captures if one.location.segment == "w-1"]
    index = filled(database, captures, only={one.record_id for one in captures} - {one.record_id for one in late})
    store, added = MemoryStore(), list[int]()

    def add(_done: int) -> None:
        if not added:
            added.append(index.add(late))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writing, "_PAGE", 20)
        names = [*months_in_rows(database)]
        written = list(write_months(database, store, names, tmp_path, open_table=None, progress=add))
    months = Months(database, store, look_every=0)
    for month, key in written:
        months.attach(month, key)

    named = {name for month, _ in written for name in month.segments}
    assert added == [len(late)] and "w-1" in named
    assert {key.removesuffix(".json") for key in months.covered()} == {f"w-{n}" for n in range(6)} - {"w-1"}


def test_months_are_the_same_on_both_databases(database: Database, tmp_path: Path) -> None:
    captures = some_captures("x")
    index = filled(database, captures)
    store = MemoryStore()
    written = list(write_months(database, store, months_in_rows(database), tmp_path, open_table=None))
    months = Months(database, store, look_every=0)
    index.use_months(months)
    for month, key in written:
        months.attach(month, key)
    everything = [list(index.captures(url, match="domain")) for url in URLS[:6]]
    with database.writing() as connection:
        for name in ("x-2", "x-5"):
            of_it = select(segments.c.id).where(segments.c.name == name).scalar_subquery()
            connection.execute(delete(captures_table).where(captures_table.c.segment_id == of_it))
            connection.execute(delete(segments).where(segments.c.name == name))

    assert [month.name for month, _ in written] == ["2026-01", "2026-02", "2026-03"]
    assert sum(month.captures for month, _ in written) == len(captures)
    assert [list(index.captures(url, match="domain")) for url in URLS[:6]] == everything
    assert index.has_source("example") and len(index.manifest_keys()) == 6
