"""The index: adding captures, and the queries of the recorder and the crawl."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from conftest import LONG
from hypothesis import HealthCheck, given, settings
from services.databases import SQLITE_ONLY, kept_by
from services.steps import traced
from specimens.captures import NOON, capture_of, captures, reference_to, revisit_of
from specimens.indexes import SEGMENT, in_segment, opened

from archive.database.engine import Database
from archive.index.index import Index
from archive.values.capture import Capture
from archive.values.errors import SegmentUnknown

NUMBERS = count()


@settings(
    max_examples=3_000 if LONG else 60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(captures(surrogates=False))
def test_an_added_capture_is_found_unchanged(index: Index, capture: Capture) -> None:
    name = f"{next(NUMBERS)} {capture.location.segment}"
    opened(index, name)
    capture = in_segment(capture, name)._replace(error=None)

    index.add([capture])

    found = [one for one in index.captures(capture.url) if one.location.segment == kept_by(index.database, name)]
    assert found == ([] if capture.kind == "failed" else [kept_by(index.database, capture)])


def test_adding_again_changes_nothing(index: Index) -> None:
    many = [capture_of(minute=n, number=n) for n in range(5)]

    assert [index.add(many[:3]), index.add(many), index.add(many)] == [3, 2, 0]
    assert list(index.captures(many[0].url)) == many


def test_records_at_the_same_offset_of_two_segments_are_different(index: Index) -> None:
    opened(index, "other")
    index.add([capture_of(), in_segment(capture_of(), "other")])

    assert [one.location.segment for one in index.captures(capture_of().url)] == [SEGMENT, "other"]


def test_captures_of_an_unknown_segment_are_refused_and_nothing_is_added(index: Index) -> None:
    with pytest.raises(SegmentUnknown, match="has no segment other"):
        index.add([capture_of(), in_segment(capture_of(), "other")])

    assert list(index.captures(capture_of().url)) == []


def test_a_failed_exchange_is_skipped(index: Index) -> None:
    assert index.add([capture_of(kind="failed", status=None)]) == 0


def test_threads_may_add_and_query_at_the_same_time(index: Index) -> None:
    many = [capture_of(f"http://example.org/{n}", number=n) for n in range(320)]
    batches = [many[start : start + 16] for start in range(0, 320, 16)]
    added: list[int] = []
    threads = [
        threading.Thread(target=lambda some=some: added.extend(index.add(batch) for batch in some))  # type: ignore[misc]
        for some in (batches[0::2], batches[1::2], batches)
    ]

    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        index.originals("default", ["0" * 64])
        list(index.captures("example.org", match="host", limit=5))
    for thread in threads:
        thread.join()

    assert sum(added) == 320 == len(list(index.captures("example.org", match="host")))


def test_the_original_of_a_payload_is_its_first_complete_response_in_the_collection(index: Index) -> None:
    first, again = (
        capture_of("http://a.org/1", payload=b"x"),
        capture_of("http://a.org/2", minute=1, number=1, payload=b"x"),
    )
    cut = capture_of("http://a.org/3", minute=-1, number=2, payload=b"cut", truncated="length")
    index.add([first, again, revisit_of(first, minute=5), cut])

    digests = [str(first.sha256), str(cut.sha256), "0" * 64]
    assert index.originals("default", digests) == {first.sha256: reference_to(first)}
    assert index.originals("other", digests) == {}
    assert index.originals("default", []) == {}


def test_the_originals_of_any_number_of_payloads_are_found(index: Index) -> None:
    many = [capture_of(f"http://a.org/{n}", number=n, payload=b"%d" % n) for n in range(100)]
    index.add(many)

    found = index.originals("default", [str(capture.sha256) for capture in many])

    assert found == {capture.sha256: reference_to(capture) for capture in many}


@SQLITE_ONLY
def test_the_original_is_found_by_a_covering_index(index: Index, database: Database) -> None:
    asked = traced(database)

    index.originals("default", ["0" * 64])

    (query,) = (sql for sql in asked if sql.startswith("SELECT"))
    with database.reading() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}").all()
    steps = {step[3] for step in plan if "captures" in step[3]}
    assert steps == {"SEARCH captures USING INDEX ix_captures_sha256 (sha256=?)"}


def test_the_latest_capture_has_status_200_and_validators(index: Index) -> None:
    url = "http://a.org/feed"
    good = capture_of(url, minute=1, number=1, etag='"1"')
    others = [
        capture_of(url, minute=0, number=0, etag='"0"'),
        capture_of(url, minute=2, number=2),
        capture_of(url, minute=3, number=3, etag='"3"', status=503),
        capture_of("https://www.a.org/feed", minute=4, number=4, etag='"4"'),
        in_segment(capture_of(url, minute=5, number=5, etag='"5"', collection="other"), SEGMENT),
    ]
    index.add([good, *others])

    assert index.latest("default", url) == good
    assert index.latest("other", url) == others[-1]
    assert index.latest("default", "http://a.org/nothing") is None
    assert index.latest_many("default", [url, "https://www.a.org/feed", "http://a.org/nothing"]) == {
        url: others[1],
        "https://www.a.org/feed": others[3],
    }


def test_after_a_hundred_304s_the_latest_capture_is_their_original(index: Index) -> None:
    first = capture_of(last_modified="Sat, 31 Jan 2026 12:00:00 GMT")
    index.add([first, *(revisit_of(first, minute=n, kind="not-modified") for n in range(1, 101))])

    assert index.latest("default", first.url) == first
    assert index.latest_many("default", [first.url]) == {first.url: first}


def test_validators_are_not_searched_behind_fifty_failures(index: Index) -> None:
    good = capture_of(etag='"1"')
    failures = [capture_of(minute=n, number=n, status=404) for n in range(1, 51)]

    index.add([good, *failures[:49]])
    assert index.latest("default", good.url) == good
    index.add(failures)
    assert index.latest("default", good.url) is None


def test_the_original_of_a_revisit_is_the_capture_that_it_refers_to(index: Index) -> None:
    first = capture_of("http://a.org/1", payload=b"x")
    same = revisit_of(first, minute=5, url="http://a.org/2", urlkey="org,a)/2")
    unchanged = revisit_of(same, minute=9, kind="not-modified")
    index.add([first, same, unchanged, capture_of("http://a.org/2", minute=6, number=99)])

    assert [index.original_of(one) for one in (first, same, unchanged)] == [first] * 3


def test_a_reference_to_the_second_is_enough(index: Index) -> None:
    first = capture_of(minute=0, at=NOON + timedelta(microseconds=123456))
    same = revisit_of(first, minute=5)
    rough = same._replace(refers_to=replace(reference_to(first), at=NOON, record_id=""))
    index.add([first, rough])

    assert index.original_of(rough) == first


def test_a_304_that_names_no_record_refers_to_the_capture_of_that_url_and_time(index: Index) -> None:
    first = capture_of()
    unchanged = revisit_of(first, minute=5, kind="not-modified")
    unchanged = unchanged._replace(refers_to=replace(reference_to(first), record_id=""))
    index.add([first, unchanged])

    assert index.original_of(unchanged) == first


@pytest.mark.parametrize("digest", ["sha1:A", "sha1:C"])
def test_a_revisit_that_names_no_record_has_no_other_payload_of_that_url_and_time(index: Index, digest: str) -> None:
    first = capture_of(payload=b"x")._replace(digest="sha1:B")
    same = revisit_of(first, minute=5)
    same = same._replace(refers_to=replace(reference_to(first), record_id=""))
    other = first._replace(digest=digest)

    index.add([other, same])

    assert index.original_of(same) is None
    assert index.original_of(same._replace(digest=digest)) == other, "negative control: the same payload"


def test_a_source_has_captures_once_one_is_added(index: Index) -> None:
    index.add([capture_of(source="news")])

    assert [index.has_source(name) for name in ("news", "new", "other")] == [True, False, False]


def test_the_original_of_a_revisit_without_a_reference_has_its_payload(index: Index) -> None:
    older, newer = capture_of(payload=b"x"), capture_of(minute=3, number=3, payload=b"x")
    lone = revisit_of(newer, minute=5)._replace(refers_to=None)
    index.add([older, newer, capture_of(minute=4, number=4, payload=b"y"), lone])

    assert index.original_of(lone) == newer


def test_a_revisit_of_a_missing_capture_has_no_original(index: Index) -> None:
    gone = capture_of(payload=b"gone")
    same, unchanged = revisit_of(gone, minute=5), revisit_of(gone, minute=6, kind="not-modified")
    circle = unchanged._replace(refers_to=reference_to(unchanged))
    index.add([same, unchanged, circle])

    assert [index.original_of(one) for one in (same, unchanged, circle)] == [None] * 3


def test_times_keep_their_microseconds(index: Index) -> None:
    at = datetime(2026, 1, 31, 12, 0, 0, 1, tzinfo=UTC)
    index.add([capture_of(at=at)])

    assert next(index.captures(capture_of().url, since=at, until=at)).at == at


def test_a_listing_from_a_place_on_is_the_end_of_the_whole_listing(index: Index) -> None:
    places = [(page, minute) for page in ("1", "2", "2?a=1") for minute in (0, 0, 1, 2)]
    index.add([capture_of(f"https://a.example.org/{p}", minute=m, number=n) for n, (p, m) in enumerate(places)])
    index.add([capture_of("https://example.org/2", number=len(places))])
    every = list(index.captures("example.org", match="domain"))
    assert len(every) == len(places) + 1

    for key in (*{one.urlkey for one in every}, "a", "z"):
        for start in ((key, NOON + timedelta(minutes=minute)) for minute in (-1, 0, 1, 3)):
            found = list(index.captures("example.org", match="domain", start=start))
            assert found == [one for one in every if (one.urlkey, one.at) >= start]
