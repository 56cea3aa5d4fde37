"""The captures of a run, listed page by page."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

from specimens.captures import NOON, capture_of, revisit_of

from archive.index.index import Index
from archive.index.run_captures import captures_of_run, counted_by_time, has_captures, tallied

SITE = "https://example.org"


def test_pages_of_a_run_are_listed_in_order_without_requisites_and_other_runs(index: Index) -> None:
    picture = capture_of(f"{SITE}/a.png", number=1, mime="image/png", run="before")
    page = capture_of(f"{SITE}/1", number=2, run="before")
    index.add([picture, page])
    index.add([
        capture_of(f"{SITE}/robots.txt", number=3, mime="text/plain"),
        capture_of(f"{SITE}/2", minute=9, number=4),
        revisit_of(page, minute=5, kind="not-modified"),
        revisit_of(picture, minute=6, kind="not-modified"),
        capture_of(f"{SITE}/feed", number=7, mime="application/rss+xml"),
        capture_of(f"{SITE}/moved", number=8, mime=None, status=301),
        capture_of(f"{SITE}/a.js", number=9, mime="text/javascript"),
    ])  # fmt: skip

    index.add([
        capture_of(f"{SITE}/.well-known/tdmrep.json", number=10, mime="text/html"),
        capture_of(f"{SITE}/ai.txt", number=11, mime=None, status=404),
    ])  # fmt: skip

    found, following = captures_of_run(index.database, "run-1")
    everything, _ = captures_of_run(index.database, "run-1", requisites=True)

    assert [one.url for one in found] == [f"{SITE}/2", f"{SITE}/1", f"{SITE}/feed", f"{SITE}/moved"]
    assert (following, len(everything)) == (None, 9)


def test_a_list_continues_where_it_ended(index: Index) -> None:
    index.add([capture_of(f"{SITE}/{number}", number=number) for number in range(5)])

    first, place = captures_of_run(index.database, "run-1", limit=3)
    rest, end = captures_of_run(index.database, "run-1", after=place or 0, limit=3)

    assert [one.url[-1] for one in (*first, *rest)] == ["0", "1", "2", "3", "4"]
    assert (len(first), end) == (3, None)


def test_a_run_without_captures_is_distinguished_from_one_with(index: Index) -> None:
    index.add([capture_of()])

    assert has_captures(index.database, "run-1")
    assert not has_captures(index.database, "run-2")


def test_what_a_browser_drew_is_neither_a_page_nor_received(index: Index) -> None:
    page = capture_of(f"{SITE}/1", payload=b"12345")
    drawn = capture_of(f"{SITE}/1", number=1, kind="conversion", status=None, payload_length=700)
    picture = capture_of(
        f"urn:view:{SITE}/1", number=2, kind="resource", status=None, mime="image/webp", payload_length=9_000
    )
    again = revisit_of(page, minute=5)
    index.add([page, drawn, picture, again])

    found, _ = captures_of_run(index.database, "run-1")
    there = tallied(index.database, "run-1")

    assert [one.kind for one in found] == ["response", "revisit"]
    assert (there.pages, there.captures, there.revisits, there.bytes) == (2, 4, 1, 10)
    assert isinstance(there.bytes, int)


def test_captures_are_counted_by_equal_intervals_from_the_first_to_the_last_empty_ones_too(index: Index) -> None:
    index.add([capture_of(f"{SITE}/{n}", minute=minute, number=n) for n, minute in enumerate((0, 0, 1, 7))])
    index.add([capture_of(f"{SITE}/other", minute=99, number=9, run="another")])
    found = counted_by_time(index.database, "run-1")

    assert [count for _, count in found if count] == [2, 1, 1]
    assert len({after - before for (before, _), (after, _) in pairwise(found)}) == 1
    assert 2 < len(found) <= 60
    assert found[0][0] == NOON and found[-1][0] <= NOON + timedelta(minutes=7)
    assert counted_by_time(index.database, "nothing") == []


def test_a_run_of_years_is_counted_in_few_intervals(index: Index) -> None:
    index.add([capture_of(f"{SITE}/{n}", minute=n * 60 * 24 * 300, number=n) for n in range(5)])
    found = counted_by_time(index.database, "run-1")

    assert sum(count for _, count in found) == 5 and len(found) <= 60


def test_the_intervals_of_an_active_run_reach_to_the_present(index: Index) -> None:
    index.add([capture_of(f"{SITE}/{n}", minute=n, number=n) for n in range(3)])
    until = counted_by_time(index.database, "run-1")[-1][0] + timedelta(hours=3)
    found = counted_by_time(index.database, "run-1", until)

    assert found[-1][0] <= until < found[-1][0] + (found[1][0] - found[0][0])
    assert sum(count for _, count in found) == sum(count for _, count in counted_by_time(index.database, "run-1"))
    assert found[-1][1] == 0 and len(found) <= 60
    assert counted_by_time(index.database, "run-1", until - timedelta(days=9)) == counted_by_time(
        index.database, "run-1"
    )
