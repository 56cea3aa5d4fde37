"""The CDX engine, compared with a scan of all rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import LONG
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from services.databases import BOTH, database_of
from specimens.captures import NOON, capture_of, revisit_of

from archive.database.engine import Database
from archive.database.schema import microseconds
from archive.index.cdx import engine
from archive.index.cdx.engine import Cdx
from archive.index.cdx.filters import Filter, ia_filter, pywb_filter
from archive.index.cdx.query import EARLIEST, LATEST, CdxQuery, collapse_of, read_place, write_place
from archive.index.cdx.row import FIELDS, Row, timestamp_of
from archive.index.index import Index
from archive.values.capture import Capture
from archive.values.timestamps import timestamp14
from archive.values.urlkey import key_ranges
from config.values.pattern import SlowPattern

URLS = (
    "https://example.org/",
    "http://example.org/news",
    "https://www.example.org/news",
    "https://example.org/news/1",
    "https://example.org/news/2?b=1&a=2",
    "https://example.org:8443/news",
    "https://forum.example.org/t/1",
    "https://example.org.evil.net/news",
    "https://exampleorg/",
)
MATCHES = ("exact", "prefix", "host", "domain")


def some_captures() -> list[Capture]:
    made = []
    for number in range(90):
        first = capture_of(
            URLS[number % len(URLS)],
            minute=(number * 7) % 40 / 4,  # several share a second, and none are in order
            number=number,
            payload=b"%d" % (number % 4),
            status=(200, 404, 301)[number % 3],
            collection=("default", "other")[number % 5 == 0],
            mime=(None, "text/html", "image/png")[number % 3],
        )
        made.append(first)
        if number % 6 == 0:
            kind: Any = ("revisit", "not-modified")[number % 4 == 0]
            later = revisit_of(first, minute=number, kind=kind)
            made.append(later._replace(location=replace(later.location, offset=500 * (number + 200))))
    return made


@pytest.fixture(scope="module", params=BOTH)
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with database_of(request.param, request, tmp_path_factory.mktemp("cdx") / "a.db") as opened:
        index = Index(opened, now=lambda: NOON)
        name = some_captures()[0].location.segment
        index.opened(name, collection="default", worker="w", epoch=1, path=Path("/nowhere"), at=NOON)
        index.add(some_captures())
        yield opened


@pytest.fixture(scope="module")
def cdx(database: Database) -> Cdx:
    return Cdx(database)


def everything(cdx: Cdx) -> list[Row]:
    """Return all rows in the order of keys, by a query that is not under test."""
    found = [row for url in URLS for row in cdx.rows(CdxQuery(url, match="host"))]
    return sorted({row.id: row for row in found}.values(), key=lambda row: (row.urlkey, row.at, row.id))


def expected(rows: list[Row], query: CdxQuery) -> list[Row]:
    keys = key_ranges(query.url, query.match)
    found = [row for row in rows if any(low <= row.urlkey < high for low, high in keys)]
    found = [row for row in found if query.since <= row.at <= query.until]
    found = [row for row in found if query.collection in {None, row.collection}]
    found = [row for row in found if query.unchanged or row.kind != "not-modified"]
    if query.order == "closest":
        found.sort(key=lambda row: (abs(row.at - query.closest), row.at > query.closest))
        found.sort(key=lambda row: abs(row.at - query.closest))
    elif query.order == "reverse":
        found.reverse()
    found = [row for row in found if all(sieve(row) for sieve in query.filters)]
    for value in query.collapse:
        found = [row for number, row in enumerate(found) if not number or value(row) != value(found[number - 1])]
    if query.limit is not None and query.limit < 0:
        return found[query.offset :][query.limit :]
    return found[query.offset :][: query.limit]


moments = st.integers(-2, 95).map(lambda minute: microseconds(NOON + timedelta(minutes=minute)))
filters = st.sampled_from(
    [
        ia_filter("statuscode:200"),
        ia_filter("!statuscode:[34].."),
        pywb_filter("mime:html"),
        pywb_filter("!=status:404"),
        pywb_filter("~url:https"),
    ]
)
queries = st.builds(
    CdxQuery,
    url=st.sampled_from(URLS),
    match=st.sampled_from(MATCHES),
    collection=st.sampled_from([None, None, "default", "other", "nothing"]),
    since=st.just(EARLIEST) | moments,
    until=st.just(LATEST) | moments,
    order=st.sampled_from(["forward", "reverse"]),
    unchanged=st.booleans(),
    filters=st.lists(filters, max_size=2).map(tuple),
    collapse=st.lists(st.sampled_from(["digest", "timestamp:12", "urlkey"]).map(collapse_of), max_size=2).map(tuple),
    offset=st.integers(0, 12),
    limit=st.none() | st.integers(-12, 30),
)


@settings(
    max_examples=2000 if LONG else 200,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(query=queries, page=st.integers(1, 9))
def test_a_query_finds_the_same_rows_as_a_scan(cdx: Cdx, query: CdxQuery, page: int) -> None:
    rows = everything(cdx)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "_PAGE", page)
        patch.setattr(engine, "_FIRST_PAGE", page)
        assert list(cdx.rows(query)) == expected(rows, query)


@settings(
    max_examples=500 if LONG else 60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(query=queries, at=moments, page=st.integers(1, 9))
def test_the_closest_rows_come_first(cdx: Cdx, query: CdxQuery, at: int, page: int) -> None:
    query = replace(query, match="exact", order="closest", closest=at, collapse=(), limit=abs(query.limit or 9))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "_FIRST_PAGE", page)
        found = list(cdx.rows(query))

    wanted = expected(everything(cdx), replace(query, limit=None, offset=0))
    distances = [abs(row.at - at) for row in wanted]
    assert [abs(row.at - at) for row in found] == distances[query.offset :][: query.limit]
    assert {row.id for row in found} <= {row.id for row in wanted}


@settings(
    max_examples=500 if LONG else 60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(query=queries, step=st.integers(1, 9))
def test_the_parts_of_a_result_by_resume_keys_are_the_whole_result(cdx: Cdx, query: CdxQuery, step: int) -> None:
    query = replace(query, order="forward", offset=0, limit=None)
    parts: list[Row] = []
    while part := list(cdx.rows(replace(query, limit=step))):
        parts += part
        query = replace(query, after=read_place(write_place(part[-1])))

    assert parts == list(cdx.rows(replace(query, after=None)))


def test_a_resume_key_has_the_form_of_the_internet_archive(cdx: Cdx) -> None:
    row = next(cdx.rows(CdxQuery("https://example.org/news/1")))
    key = write_place(row)

    assert key.startswith("org%2Cexample%29%2Fnews%2F1+20260131")
    assert key.endswith("%21")
    assert read_place(key).id == read_place("org,example)/news/1 " + key.split("+")[1].replace("%21", "!")).id == row.id


def test_a_resume_key_of_the_internet_archive_continues_after_its_second(cdx: Cdx) -> None:
    rows = list(cdx.rows(CdxQuery("https://example.org/news/1")))
    after = read_place(f"org%2Cexample%29%2Fnews%2F1+{timestamp_of(rows[2].at)}%21")

    found = list(cdx.rows(CdxQuery("https://example.org/news/1", after=after)))
    assert found == [row for row in rows if timestamp_of(row.at) > timestamp_of(rows[2].at)]


@pytest.mark.parametrize("text", ["", "x", "2", "a 2026!", "a 20260131120000.x!", "a 20261331120000!", "%ff", "a 0!"])
def test_an_invalid_resume_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="resume key"):
        read_place(text)


def test_the_count_is_that_of_the_rows_before_filters(cdx: Cdx) -> None:
    query = CdxQuery("https://example.org/", match="domain", filters=(ia_filter("statuscode:200"),))

    assert cdx.count(query) == len(list(cdx.rows(replace(query, filters=()))))


def test_contradicting_parameters_are_refused(cdx: Cdx) -> None:
    place = read_place("org,example)/ 20260131120000!")
    for wrong in (
        CdxQuery(URLS[0], match="prefix", order="closest"),
        CdxQuery(URLS[0], order="closest", limit=-1),
        CdxQuery(URLS[0], limit=-engine.MOST_LAST - 1),
        CdxQuery(URLS[0], order="reverse", after=place),
        CdxQuery("urn:x", match="host"),
    ):
        with pytest.raises(ValueError, match=r"."):
            list(cdx.rows(wrong))


def test_the_two_grammars_of_filters_differ(cdx: Cdx) -> None:
    row = next(cdx.rows(CdxQuery("https://example.org/news/1")))._replace(status=404, mime="text/html", kind="response")

    assert [ia_filter(text)(row) for text in ("statuscode:40", "statuscode:40.", "!statuscode:40.")] == [0, 1, 0]
    assert [pywb_filter(text)(row) for text in ("status:40", "=status:40", "=status:404", "!=status:404")] == [
        1,
        0,
        1,
        0,
    ]
    assert [pywb_filter(text)(row) for text in ("~mime:text", "~mime:html", "!~mime:html", "mimetype:ml")] == [
        1,
        0,
        1,
        1,
    ]


@pytest.mark.parametrize("parse", [ia_filter, pywb_filter])
@pytest.mark.parametrize("text", ["", "status", ":x", "!:x", "moon:1"])
def test_an_invalid_filter_is_refused(parse: Callable[[str], Filter], text: str) -> None:
    with pytest.raises(ValueError, match="filter"):
        parse(text)


@pytest.mark.parametrize("pattern", ["(", "a" * 1001, "(?P<x"])
def test_an_invalid_regular_expression_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"regular expression|too long"):
        ia_filter(f"status:{pattern}")
    with pytest.raises(ValueError, match=r"regular expression|too long"):
        pywb_filter(f"~status:{pattern}")


def test_a_regular_expression_that_backtracks_is_stopped(cdx: Cdx) -> None:
    row = next(cdx.rows(CdxQuery("https://example.org/")))._replace(url="https://example.org/" + "a" * 5000)

    with pytest.raises(SlowPattern):
        ia_filter(r"original:.*(a|a)*(a|aa)+(a|aa)+b")(row)


@pytest.mark.parametrize("pattern", ["(?:(?:(?:a?){1000}){100}){10}", "a{9}{9}{9}{9}{9}{9}"])
def test_repeats_that_take_long_to_compile_are_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="is too large"):
        ia_filter(f"original:{pattern}")


@settings(max_examples=100)
@given(st.datetimes(min_value=NOON.replace(year=1, tzinfo=None), timezones=st.just(NOON.tzinfo)))  # type: ignore[arg-type]
def test_a_timestamp_matches_its_time(at: Any) -> None:
    assert timestamp_of(microseconds(at)) == timestamp14(at)


def test_no_value_of_a_row_ends_a_column_or_a_line(cdx: Cdx) -> None:
    row = next(cdx.rows(CdxQuery("https://example.org/")))._replace(url="http://a/b c\r\nd\u2028\x85e é")

    assert FIELDS["original"](row) == "http://a/b%20c%0D%0Ad%E2%80%A8%C2%85e%20é"
