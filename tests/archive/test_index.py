from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from conftest import LONG
from hypothesis import HealthCheck, given, settings
from specimens.captures import NOON, capture_of, captures, reference_to, revisit_of
from specimens.manifests import manifest_of
from sqlalchemy import text

from archive.capture import Capture, Location
from archive.database.engine import Database, open_database
from archive.digest import Sha256, sha256
from archive.errors import SegmentUnknown
from archive.index import Index
from archive.sealed import Sealed
from archive.texts import TextRow, Texts

SEGMENT = capture_of().location.segment
LATER = NOON + timedelta(days=1)
NUMBERS = count()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = open_database(f"sqlite:///{tmp_path / 'a.db'}")
    yield database
    database.close()


@pytest.fixture
def index(database: Database) -> Index:
    index = Index(database, now=lambda: LATER)
    opened(index, SEGMENT)
    return index


def opened(index: Index, name: str, collection: str = "default") -> None:
    index.opened(name, collection=collection, worker="w", epoch=7, path=Path("/spool/open", name), at=NOON)


def sealed_segment(name: str) -> Sealed:
    return Sealed(
        name=name,
        path=Path("/sealed/x"),
        journal=Path("/sealed/x.journal"),
        sha256=Sha256("ab"),
        size=99,
        records=3,
        first_at=NOON,
        last_at=LATER,
        collection="default",
        epoch=7,
        worker="w",
    )


def in_segment(capture: Capture, name: str) -> Capture:
    return replace(capture, location=replace(capture.location, segment=name))


# Adding


@settings(max_examples=3_000 if LONG else 60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(captures(surrogates=False))
def test_what_is_added_is_found_as_it_was(index: Index, capture: Capture) -> None:
    name = f"{next(NUMBERS)} {capture.location.segment}"
    opened(index, name)
    capture = replace(in_segment(capture, name), error=None)

    index.add([capture])

    found = [one for one in index.captures(capture.url) if one.location.segment == name]
    assert found == ([] if capture.kind == "failed" else [capture])


def test_adding_again_changes_nothing(index: Index) -> None:
    many = [capture_of(minute=n, number=n) for n in range(5)]

    assert [index.add(many[:3]), index.add(many), index.add(many)] == [3, 2, 0]
    assert list(index.captures(many[0].url)) == many


def test_records_at_one_offset_of_two_segments_are_two(index: Index) -> None:
    opened(index, "other")
    index.add([capture_of(), in_segment(capture_of(), "other")])

    assert [one.location.segment for one in index.captures(capture_of().url)] == [SEGMENT, "other"]


def test_captures_of_an_unknown_segment_are_refused_and_nothing_is_added(index: Index) -> None:
    with pytest.raises(SegmentUnknown, match="knows no segment other"):
        index.add([capture_of(), in_segment(capture_of(), "other")])

    assert list(index.captures(capture_of().url)) == []


def test_a_failed_exchange_is_passed_over(index: Index) -> None:
    assert index.add([capture_of(kind="failed", status=None)]) == 0


def test_threads_that_add_and_look_at_once_do_not_disturb_each_other(index: Index) -> None:
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


# What the recorder and the crawl ask


def test_the_original_of_a_payload_is_its_first_whole_response_in_the_collection(index: Index) -> None:
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


def test_the_original_is_found_by_its_index_alone(index: Index, database: Database) -> None:
    asked: list[str] = []
    pooled = database.engine.raw_connection()
    pooled.driver_connection.set_trace_callback(asked.append)  # type: ignore[union-attr]
    pooled.close()

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


def test_the_latest_capture_after_a_hundred_304s_is_the_one_that_they_refer_to(index: Index) -> None:
    first = capture_of(last_modified="Sat, 31 Jan 2026 12:00:00 GMT")
    index.add([first, *(revisit_of(first, minute=n, kind="not-modified") for n in range(1, 101))])

    assert index.latest("default", first.url) == first
    assert index.latest_many("default", [first.url]) == {first.url: first}


def test_validators_are_not_looked_for_behind_fifty_failures(index: Index) -> None:
    good = capture_of(etag='"1"')
    failures = [capture_of(minute=n, number=n, status=404) for n in range(1, 51)]

    index.add([good, *failures[:49]])
    assert index.latest("default", good.url) == good
    index.add(failures)
    assert index.latest("default", good.url) is None


# Listing


SITE = [
    "http://a.org/",
    "http://a.org/b",
    "https://www.a.org/b/",
    "http://a.org/b/c",
    "http://x.a.org:81/",
    "http://b.org/",
]


@pytest.fixture
def site(index: Index) -> Index:
    index.add([capture_of(url, minute=10 * n + m, number=10 * n + m) for n, url in enumerate(SITE) for m in range(3)])
    return index


def listed(index: Index, url: str, **question: Any) -> list[tuple[str, int]]:
    return [(one.url, (one.at - NOON) // timedelta(minutes=1)) for one in index.captures(url, **question)]


def test_captures_are_listed_by_key_and_time(site: Index) -> None:
    both = [("http://a.org/b", 10), ("http://a.org/b", 11), ("http://a.org/b", 12)]
    both += [("https://www.a.org/b/", 20), ("https://www.a.org/b/", 21), ("https://www.a.org/b/", 22)]

    assert listed(site, "http://a.org/b") == both
    assert listed(site, "http://a.org/b", newest_first=True) == both[::-1]
    assert listed(site, "http://a.org/b", limit=4) == both[:4]
    assert listed(site, "http://a.org/b", limit=0) == []
    assert (
        listed(site, "http://a.org/b", since=NOON + timedelta(minutes=12), until=NOON + timedelta(minutes=20))
        == both[2:4]
    )


@pytest.mark.parametrize(
    ("url", "match", "urls"),
    [
        ("a.org/b", "exact", [1, 2]),
        ("a.org/b", "prefix", [1, 2, 3]),
        ("a.org/b/", "prefix", [3]),
        ("a.org", "host", [0, 1, 2, 3]),
        ("a.org", "domain", [0, 1, 2, 3, 4]),
        ("c.org", "domain", []),
    ],
)
def test_a_listing_is_of_a_url_a_prefix_a_host_or_a_domain(site: Index, url: str, match: Any, urls: list[int]) -> None:
    found = listed(site, url, match=match)

    assert sorted({one for one, _ in found}) == sorted(SITE[n] for n in urls)
    assert listed(site, url, match=match, newest_first=True) == found[::-1]


def test_a_listing_is_of_a_collection_or_of_all(index: Index) -> None:
    index.add([capture_of(), capture_of(minute=1, number=1, collection="other")])

    sizes = {name: len(listed(index, capture_of().url, collection=name)) for name in (None, "all", "default", "none")}
    assert sizes == {None: 2, "all": 2, "default": 1, "none": 0}


def test_a_long_listing_has_every_capture_once(index: Index) -> None:
    many = [capture_of("http://a.org/b", minute=n // 3, number=n) for n in range(2_500)]
    index.add(many)

    found = [one.location.offset for one in index.captures("a.org", match="host")]
    assert found == [one.location.offset for one in many]
    assert [one.location.offset for one in index.captures("a.org", match="host", newest_first=True)] == found[::-1]


def test_captures_may_be_added_while_a_listing_is_read(index: Index) -> None:
    index.add([capture_of(minute=n, number=n) for n in range(1_500)])
    listing = index.captures(capture_of().url)

    assert next(listing).at == NOON
    assert index.add([capture_of(minute=9_999, number=9_999)]) == 1
    assert len(list(listing)) == 1_500


# The nearest


@pytest.mark.parametrize(("minute", "nearest"), [(-99, 0), (0, 0), (4, 0), (6, 10), (14, 10), (16, 20), (99, 20)])
def test_the_closest_capture_is_before_or_after(index: Index, minute: int, nearest: int) -> None:
    index.add([capture_of(minute=n, number=n) for n in (0, 10, 20)])

    found = index.closest(capture_of().url, NOON + timedelta(minutes=minute))
    assert found
    assert found.at == NOON + timedelta(minutes=nearest)


def test_the_closest_capture_may_be_of_another_spelling(index: Index) -> None:
    index.add([capture_of("http://www.a.org/x", minute=5)])

    assert index.closest("https://a.org/x/", NOON) == capture_of("http://www.a.org/x", minute=5)
    assert index.closest("https://a.org/y", NOON) is None
    assert index.closest("https://a.org/x", NOON, "other") is None
    assert index.closest("https://a.org/x", NOON, "all") is not None


# What a revisit stands for


def test_the_original_of_a_revisit_is_what_it_refers_to(index: Index) -> None:
    first = capture_of("http://a.org/1", payload=b"x")
    same = revisit_of(first, minute=5, url="http://a.org/2", urlkey="org,a)/2")
    unchanged = revisit_of(same, minute=9, kind="not-modified")
    index.add([first, same, unchanged, capture_of("http://a.org/2", minute=6, number=99)])

    assert [index.original_of(one) for one in (first, same, unchanged)] == [first] * 3


def test_a_reference_to_the_second_is_enough(index: Index) -> None:
    first = capture_of(minute=0, at=NOON + timedelta(microseconds=123456))
    same = revisit_of(first, minute=5)
    rough = replace(same, refers_to=replace(reference_to(first), at=NOON, record_id=""))
    index.add([first, rough])

    assert index.original_of(rough) == first


def test_a_revisit_without_a_reference_stands_for_the_response_with_its_payload(index: Index) -> None:
    older, newer = capture_of(payload=b"x"), capture_of(minute=3, number=3, payload=b"x")
    lone = replace(revisit_of(newer, minute=5), refers_to=None)
    index.add([older, newer, capture_of(minute=4, number=4, payload=b"y"), lone])

    assert index.original_of(lone) == newer


def test_what_refers_to_nothing_kept_has_no_original(index: Index) -> None:
    gone = capture_of(payload=b"gone")
    same, unchanged = revisit_of(gone, minute=5), revisit_of(gone, minute=6, kind="not-modified")
    circle = replace(unchanged, refers_to=reference_to(unchanged))
    index.add([same, unchanged, circle])

    assert [index.original_of(one) for one in (same, unchanged, circle)] == [None] * 3


# Segments


def test_a_segment_goes_from_open_to_released_and_never_back(index: Index) -> None:
    manifest = manifest_of(SEGMENT)

    def state() -> str:
        opened(index, SEGMENT)
        row = index.segment(SEGMENT)
        assert row
        return row.state

    states = [state()]
    index.releasing(SEGMENT)
    index.released(SEGMENT)
    states.append(state())
    for step in (
        lambda: index.commit(manifest, [], []),
        lambda: index.releasing(SEGMENT),
        lambda: index.released(SEGMENT),
    ):
        for _ in range(2):
            step()
            states.append(state())
    index.commit(manifest, [], [])
    states.append(state())

    assert states == ["open"] * 2 + ["committed"] * 2 + ["releasing"] * 2 + ["released"] * 3
    row = index.segment(SEGMENT)
    assert row
    assert (row.path, row.object_key, row.released_at) == (None, manifest.warc.key, LATER)


def test_a_sealed_segment_has_a_new_path_and_is_sealed_once(index: Index) -> None:
    sealed = sealed_segment(SEGMENT)

    for _ in range(2):
        index.sealed(sealed)
        opened(index, SEGMENT)
        row = index.segment(SEGMENT)
        assert row
        assert (row.state, row.path, row.sha256, row.size, row.sealed_at) == ("sealed", "/sealed/x", "ab", 99, LATER)
    index.commit(manifest_of(SEGMENT), [], [])
    index.sealed(sealed)
    assert [row.state for row in index.segments()] == ["committed"]


def test_a_sealed_segment_that_the_database_has_lost_is_entered_again(index: Index) -> None:
    index.sealed(sealed_segment("lost"))
    index.add([in_segment(capture_of(), "lost")])

    row = index.segment("lost")
    assert row
    assert (row.state, row.collection, row.worker, row.epoch, row.opened_at) == ("sealed", "default", "w", 7, NOON)


def test_the_store_is_asked_by_bytes_for_what_it_has(index: Index) -> None:
    index.sealed(sealed_segment("a"))
    assert index.holding("ab") is None
    index.commit(manifest_of("a", content=b"a"), [in_segment(capture_of(), "a")], [])

    assert index.holding("ab") is None
    assert index.holding(sha256(b"a")) == index.segment("a")
    assert [index.size_of(name) for name in ("a", SEGMENT, "none")] == [1, 0, 0]


def test_segments_are_listed_by_state(index: Index) -> None:
    opened(index, "b")
    opened(index, "c")
    index.commit(manifest_of("b"), [], [])
    index.problem("c", "the store is full")

    assert [row.name for row in index.segments()] == [SEGMENT, "b", "c"]
    assert [row.name for row in index.segments("committed", "releasing")] == ["b"]
    assert [row.problem for row in index.segments("open")] == [None, "the store is full"]
    index.commit(manifest_of("c"), [], [])
    assert [row.problem for row in index.segments("committed")] == [None, None]


# Commit


def text_of(capture: Capture) -> TextRow:
    return TextRow(
        capture.record_id,
        capture.location.segment,
        capture.url,
        capture.at,
        capture.digest,
        "done",
        title="字\0",
        text="t",
    )


def events(database: Database) -> list[str]:
    with database.reading() as connection:
        return list(connection.execute(text("SELECT facts FROM events WHERE kind = 'segment.committed'")).scalars())


def test_a_commit_twice_is_a_commit_once(index: Index, database: Database) -> None:
    many = [capture_of(minute=n, number=n) for n in range(1_200)]
    index.add(many[:700])

    outcomes = [index.commit(manifest_of(SEGMENT), iter(many), [text_of(many[0])]) for _ in range(3)]

    assert outcomes == [True, False, False]
    assert list(index.captures(many[0].url)) == many
    assert Texts(database).of(many[0].record_id) == text_of(many[0])
    assert Texts(database).of(many[1].record_id) is None
    assert len(events(database)) == 1
    assert SEGMENT in events(database)[0]


def test_a_segment_that_nobody_opened_is_committed_all_the_same(index: Index) -> None:
    capture = in_segment(capture_of(), "foreign")

    assert index.commit(manifest_of("foreign"), [capture], [])
    assert [one.location for one in index.captures(capture.url)] == [Location("foreign", 500, 300)]


def test_a_commit_that_breaks_off_leaves_nothing(index: Index, database: Database) -> None:
    def broken() -> Iterator[Capture]:
        yield from (capture_of(minute=n, number=n) for n in range(700))
        raise OSError("the sidecar ends")

    with pytest.raises(OSError, match="ends"):
        index.commit(manifest_of(SEGMENT), broken(), [])

    row = index.segment(SEGMENT)
    assert row
    assert (row.state, list(index.captures(capture_of().url)), events(database)) == ("open", [], [])


def test_moments_keep_their_microseconds(index: Index) -> None:
    at = datetime(2026, 1, 31, 12, 0, 0, 1, tzinfo=UTC)
    index.add([capture_of(at=at)])

    assert next(index.captures(capture_of().url, since=at, until=at)).at == at
