"""The marks of unreadable captures: their effects, and when they are removed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from specimens.captures import NOON, capture_of, reference_to, revisit_of
from specimens.indexes import LATER, SEGMENT, in_segment, opened
from specimens.manifests import manifest_of

from archive.index.cdx.engine import Cdx
from archive.index.cdx.query import CdxQuery
from archive.index.index import Index
from archive.index.pages import Pages, PageState
from archive.values.capture import Capture

URL = capture_of().url
FIRST = capture_of(etag='"1"', payload=b"first")
SECOND = capture_of(minute=60, number=1, etag='"2"', payload=b"second")


def damage(index: Index, *captures: Capture) -> None:
    for capture in captures:
        index.damages.mark(capture.location.segment, [capture.location.offset], "damaged", "a bit is wrong")


def mended(index: Index, *captures: Capture) -> None:
    for capture in captures:
        index.damages.unmark(capture.location.segment, [capture.location.offset])


def kept(index: Index, url: str = URL) -> dict[str, bool]:
    """Return, by record id, whether each capture can be read."""
    return {one.record_id: one.damaged is None for one in index.captures(url)}


@pytest.fixture
def two(index: Index) -> Index:
    index.add([FIRST, SECOND])
    return index


def test_a_capture_can_be_read_before_it_is_marked_and_after_it_is_unmarked(two: Index) -> None:
    before = list(two.captures(URL))
    damage(two, FIRST)

    marked, other = two.captures(URL)
    assert marked.damaged and (marked.damaged.state, marked.damaged.reason) == ("damaged", "a bit is wrong")
    assert marked.damaged.found_at == LATER
    assert other == SECOND
    assert (two.damaged_count(), two.damages.segments()) == (1, {SEGMENT})
    assert two.damages.of(SEGMENT, FIRST.location.offset) == marked.damaged

    mended(two, FIRST)
    assert list(two.captures(URL)) == before
    assert (two.damaged_count(), two.damages.segments()) == (0, frozenset())
    assert two.damages.of(SEGMENT, FIRST.location.offset) is None


def test_marking_again_changes_nothing(two: Index) -> None:
    assert two.damages.mark(SEGMENT, [FIRST.location.offset], "damaged", "once") == 1
    assert two.damages.mark(SEGMENT, [FIRST.location.offset], "missing", "twice") == 0
    assert two.damages.mark("another", [FIRST.location.offset], "missing", "elsewhere") == 0
    [reason] = [one.damaged.reason for one in two.captures(URL) if one.damaged]
    assert reason == "once"


def test_a_marked_capture_is_not_used_as_an_original(two: Index) -> None:
    digests = [str(FIRST.sha256), str(SECOND.sha256)]
    assert set(two.originals("default", digests)) == set(digests)
    damage(two, FIRST)

    assert two.originals("default", digests) == {SECOND.sha256: reference_to(SECOND)}
    assert two.damages.marked([FIRST.record_id, SECOND.record_id]) == {FIRST.record_id}


def test_the_next_complete_response_with_the_payload_becomes_the_original(index: Index) -> None:
    again = capture_of("http://a.org/2", minute=9, number=5, payload=b"first")
    index.add([FIRST, again])
    damage(index, FIRST)

    assert index.originals("default", [str(FIRST.sha256)]) == {FIRST.sha256: reference_to(again)}


def test_a_marked_capture_gives_no_validators_and_its_page_counts_as_never_archived(two: Index) -> None:
    latest, many = two.latest("default", URL), two.latest_many("default", [URL])
    assert latest == many[URL] == SECOND
    damage(two, FIRST)
    assert two.latest("default", URL) == SECOND  # earlier captures don't matter
    damage(two, SECOND)

    assert two.latest("default", URL) is None
    assert two.latest_many("default", [URL]) == {}


def test_a_304_for_a_marked_capture_gives_no_validators(index: Index) -> None:
    index.add([FIRST, revisit_of(FIRST, minute=5, kind="not-modified")])
    assert index.latest("default", URL) == FIRST
    damage(index, FIRST)

    assert index.latest("default", URL) is None
    assert index.latest_many("default", [URL]) == {}


def test_the_closest_readable_capture_is_returned(two: Index) -> None:
    assert two.closest(URL, SECOND.at) == SECOND
    damage(two, SECOND)
    assert two.closest(URL, SECOND.at) == FIRST
    damage(two, FIRST)

    found = two.closest(URL, SECOND.at)
    assert found and found.record_id == SECOND.record_id


def test_a_readable_capture_is_found_among_any_number_of_marked_ones(index: Index) -> None:
    many = [capture_of(minute=n, number=n, payload=b"%d" % n) for n in range(1, 60)]
    index.add([FIRST._replace(location=capture_of(number=99).location), *many])
    index.damages.mark(SEGMENT, [one.location.offset for one in many], "missing", "gone")

    found = index.closest(URL, NOON + timedelta(days=1))
    assert found and found.record_id == FIRST.record_id


def test_lists_for_other_programs_leave_out_marked_captures(two: Index) -> None:
    cdx = Cdx(two.database)

    def listed(**query: object) -> list[str]:
        return [row.record_id for row in cdx.rows(CdxQuery(URL, **query))]  # type: ignore[arg-type]

    assert (len(listed()), cdx.count(CdxQuery(URL))) == (2, 2)
    damage(two, FIRST)

    assert listed() == listed(order="reverse") == listed(order="closest") == [SECOND.record_id]
    assert (listed(offset=1), cdx.count(CdxQuery(URL))) == ([], 1)


def test_revisits_of_a_marked_capture_are_marked_and_unmarked_with_it(index: Index) -> None:
    same, unchanged = revisit_of(FIRST, minute=5), revisit_of(FIRST, minute=9, kind="not-modified")
    other = capture_of("http://a.org/", minute=7, number=7, payload=b"first")
    elsewhere = revisit_of(FIRST, minute=11)._replace(url=other.url, urlkey=other.urlkey)
    index.add([FIRST, same, unchanged, elsewhere, revisit_of(SECOND, minute=20)])
    damage(index, FIRST)

    assert sum(not readable for readable in kept(index).values()) == 3
    assert not kept(index, other.url)[elsewhere.record_id]
    assert index.damaged_count() == 4
    assert {one.damaged.state for one in index.captures(other.url) if one.damaged} == {"original"}

    mended(index, FIRST)
    assert index.damaged_count() == 0


def test_a_new_revisit_of_a_marked_capture_is_marked(two: Index) -> None:
    fine, late = revisit_of(SECOND, minute=70), revisit_of(FIRST, minute=80, kind="not-modified")
    damage(two, FIRST)
    two.add([fine, late])

    assert kept(two)[fine.record_id]
    assert [one.damaged.state for one in two.captures(URL, since=late.at) if one.damaged] == ["original"]


def test_a_later_response_with_the_same_payload_makes_revisits_readable(index: Index) -> None:
    same, unchanged = revisit_of(FIRST, minute=5), revisit_of(FIRST, minute=9, kind="not-modified")
    index.add([FIRST, same, unchanged])
    damage(index, FIRST)
    again = capture_of(minute=90, number=90, payload=b"first")
    index.add([again._replace(collection="other", location=capture_of(number=91).location)])
    assert index.damaged_count() == 3  # a capture in another collection does not count
    index.add([again])

    assert kept(index) | {again.record_id: True} == kept(index)
    assert index.damaged_count() == 1
    assert index.original_of(same) == index.original_of(unchanged) == again


def test_revisits_stay_unmarked_where_another_response_has_their_payload(index: Index) -> None:
    again = capture_of("http://a.org/2", minute=1, number=1, payload=b"first")
    same = revisit_of(FIRST, minute=5)
    index.add([FIRST, again, same])
    damage(index, FIRST)

    assert index.damaged_count() == 1
    assert index.original_of(same) == again


def test_the_page_of_a_marked_capture_is_due_unless_it_was_archived_since(index: Index) -> None:
    pages, week = Pages(index.database), timedelta(days=7)
    index.add([FIRST, SECOND])
    pages.store_states("example", [PageState(URL, SECOND.at, LATER + week, week, "unchanged", signature="s")])
    pages.store_states("other", [PageState(URL, SECOND.at, LATER + week, week, "unchanged")])
    damage(index, FIRST)
    assert pages.of(URL)["example"].next_at == LATER + week
    damage(index, SECOND)

    due = pages.of(URL)["example"]
    assert (due.next_at, due.last, due.interval, due.signature) == (LATER, "failed", week, "s")
    assert pages.of(URL)["other"].next_at == LATER + week


def test_the_page_of_a_lost_capture_is_due_even_if_the_index_never_had_it(two: Index) -> None:
    pages, week = Pages(two.database), timedelta(days=7)
    never = capture_of("http://a.org/never", minute=3, number=3)
    pages.store_states("example", [PageState(never.url, never.at, LATER + week, week, "new")])

    assert two.damages.lose([SECOND, in_segment(never, "gone")]) == 1
    assert pages.of(never.url)["example"].next_at == LATER
    [lost] = [one.damaged for one in two.captures(URL) if one.damaged]
    assert lost.state == "quarantined"


def test_a_marked_row_is_deleted_when_its_record_is_ingested_elsewhere(two: Index) -> None:
    two.add([revisit_of(FIRST, minute=5)])
    damage(two, FIRST)
    opened(two, "tail")
    opened(two, "tail of another", "other")
    two.add([in_segment(FIRST, "tail of another")._replace(collection="other")])
    assert two.damaged_count() == 2
    two.add([in_segment(FIRST, "tail")])

    assert two.damaged_count() == 0
    found = [one for one in two.captures(URL, collection="default") if one.record_id == FIRST.record_id]
    assert found == [in_segment(FIRST, "tail")]


def test_a_revisit_that_only_lacks_its_original_keeps_its_row_when_it_is_ingested_elsewhere(two: Index) -> None:
    revisit = revisit_of(FIRST, minute=5)
    two.add([revisit])
    damage(two, FIRST)
    opened(two, "tail")
    two.add([in_segment(revisit, "tail")])

    assert sum(one.record_id == revisit.record_id for one in two.captures(URL)) == 2
    assert two.damaged_count() == 3


def test_without_a_mark_a_record_that_is_ingested_again_has_two_rows(two: Index) -> None:
    opened(two, "copy")
    two.add([in_segment(FIRST, "copy")])

    assert sum(one.record_id == FIRST.record_id for one in two.captures(URL)) == 2


def test_captures_that_a_segment_was_shipped_without_are_marked(two: Index) -> None:
    two.commit(manifest_of(SEGMENT), [SECOND], [])

    assert kept(two) == {FIRST.record_id: False, SECOND.record_id: True}


def test_captures_that_a_segment_was_shipped_with_are_not_marked(two: Index) -> None:
    two.commit(manifest_of(SEGMENT), [FIRST, SECOND, capture_of(kind="failed", number=8)], [])

    assert two.damaged_count() == 0
