"""When a page is requested again: the laws."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from crawling.crawls import source
from hypothesis import given
from hypothesis import strategies as st

from archive.index.pages import Last, PageState
from archive.values.capture import Capture, Location, Reference
from crawler.policy.revisit import Bounds, decide, next_interval, reference, seen
from crawler.run.page_memory import due_of

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
KEPT = Capture("web", "u", "u", NOW, "response", 200, None, None, None, 0, Location("w", 0, 0), 0, "r", "s", "r")
LASTS: tuple[Last, ...] = ("new", "changed", "unchanged", "barred", "gone", "failed", "moved")

spans = st.integers(60, 400 * 86_400).map(lambda seconds: timedelta(seconds=seconds))
bounds = st.builds(lambda one, other: Bounds(min(one, other), max(one, other)), spans, spans)


@given(spans, st.sampled_from(LASTS), bounds)
def test_the_interval_is_always_within_the_bounds(interval: timedelta, last: Last, within: Bounds) -> None:
    assert within.least <= next_interval(interval, last, within) <= within.most


@given(spans, spans, st.sampled_from(LASTS), bounds)
def test_the_page_with_the_longer_interval_keeps_it(
    one: timedelta, other: timedelta, last: Last, within: Bounds
) -> None:
    shorter, longer = sorted(
        (next_interval(min(one, other), last, within), next_interval(max(one, other), last, within))
    )

    assert next_interval(max(one, other), last, within) == longer
    assert next_interval(min(one, other), last, within) == shorter


@given(st.lists(st.sampled_from(LASTS), max_size=30), bounds)
def test_an_unchanged_answer_never_shortens_and_a_changed_one_never_lengthens(
    lasts: list[Last], within: Bounds
) -> None:
    state = seen(None, "http://a.example/", "new", NOW, within)
    for last in lasts:
        before, state = state, seen(state, state.url, last, NOW, within)
        if last == "unchanged":
            assert state.interval >= before.interval
        if last == "changed":
            assert state.interval <= before.interval
        assert state.next_at >= NOW + within.least


@given(bounds)
def test_an_unchanging_page_reaches_the_longest_interval_and_an_ever_changing_one_the_shortest(
    within: Bounds,
) -> None:
    interval = within.least
    for _ in range(60):
        interval = next_interval(interval, "unchanged", within)
    assert interval == within.most
    for _ in range(120):
        interval = next_interval(interval, "changed", within)
    assert interval - within.least <= timedelta(seconds=3)  # whole seconds: half a second is rounded up each time


def test_the_factors_are_those_of_the_rule() -> None:
    within = Bounds(HOUR, 30 * DAY)

    assert next_interval(10 * HOUR, "unchanged", within) == 15 * HOUR
    assert next_interval(10 * HOUR, "changed", within) == timedelta(hours=8.2)
    assert next_interval(10 * HOUR, "failed", within) == HOUR


def test_a_page_is_dead_after_three_404s_and_alive_when_it_returns() -> None:
    within = Bounds(HOUR, 30 * DAY)
    state = seen(None, "http://a.example/", "new", NOW, within)
    for _ in range(2):
        state = seen(state, state.url, "gone", NOW, within)
    assert state.next_at < NOW + DAY

    dead = seen(state, state.url, "gone", NOW, within)
    assert (dead.misses, dead.next_at) == (3, NOW + 30 * DAY)
    assert seen(dead, dead.url, "changed", NOW, within).misses == 0


def state(**facts: object) -> PageState:
    values = {"url": "u", "fetched_at": NOW, "next_at": NOW + DAY, "interval": DAY, "last": "unchanged"} | facts
    return PageState(**values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("known", "modified", "mark", "now", "rule"),
    [
        (None, 0.0, None, NOW, "never-had"),
        (state(), None, None, NOW, "unconditional"),
        (state(), 0.0, None, NOW + HOUR, "not-due"),
        (state(), 0.0, None, NOW + DAY, "due"),
        (state(), (NOW + HOUR).timestamp(), None, NOW + 2 * HOUR, "changed-since"),
        (state(), (NOW - HOUR).timestamp(), None, NOW + 2 * HOUR, "not-due"),
        (state(listed_at=NOW - HOUR), (NOW - HOUR).timestamp(), None, NOW + 2 * HOUR, "not-due"),
        (state(listed_at=NOW - DAY), (NOW - HOUR).timestamp(), None, NOW + 2 * HOUR, "changed-since"),
        (state(mark="17"), 0.0, "18", NOW + HOUR, "other-mark"),
        (state(mark="17"), 0.0, "17", NOW + HOUR, "not-due"),
        (state(last="gone", misses=3, next_at=NOW + 30 * DAY), 0.0, None, NOW + 2 * DAY, "gone"),
        (state(last="gone", changed_at=NOW - DAY), 0.0, None, NOW + HOUR, "not-due"),
        (state(last="barred", verdict="blocked"), 0.0, None, NOW + HOUR, "barred"),
        (state(last="barred", verdict="blocked"), 0.0, None, NOW + DAY, "due"),
        (state(last="failed"), 0.0, None, NOW, "never-had"),
    ],
)
def test_each_rule_decides_which_pages_are_requested(
    known: PageState | None, modified: float | None, mark: str | None, now: datetime, rule: str
) -> None:
    assert decide(None, known, now, modified=modified, mark=mark).rule == rule


@pytest.mark.parametrize(
    ("quiet", "most", "later", "rule"),
    [
        (10 * DAY, timedelta.max, 9 * DAY, "not-due"),
        (10 * DAY, timedelta.max, 10 * DAY, "due"),
        (10 * DAY, 5 * DAY, 5 * DAY, "due"),
        (HOUR, timedelta.max, 2 * HOUR, "not-due"),  # nor is it by its interval
        (HOUR, timedelta.max, DAY, "due"),
        (10 * DAY, None, 500 * DAY, "not-newer"),
    ],
)
def test_a_page_whose_list_shows_no_edits_is_requested_after_being_quiet_as_long_again(
    quiet: timedelta, most: timedelta | None, later: timedelta, rule: str
) -> None:
    modified = (NOW - quiet).timestamp()
    found = decide(KEPT, state(), NOW + later, modified=modified, trusted=True, quiet_at_most=most)

    assert found.rule == rule


@pytest.mark.parametrize("last", ["gone", "barred"])
@pytest.mark.parametrize("quiet_at_most", [None, timedelta.max])
def test_a_trusted_list_says_nothing_about_a_page_that_could_not_be_fetched(
    last: Last, quiet_at_most: timedelta | None
) -> None:
    modified = (NOW - 100 * DAY).timestamp()

    def found(state: PageState, now: datetime) -> str:
        return decide(KEPT, state, now, modified=modified, trusted=True, quiet_at_most=quiet_at_most).rule

    assert found(state(last=last, changed_at=NOW), NOW + HOUR) == "not-due"
    assert found(state(last=last, changed_at=NOW), NOW + DAY) == "due"
    assert found(state(), NOW + DAY) == ("not-newer" if quiet_at_most is None else "not-due")


def test_the_reported_due_time_equals_the_decided_one() -> None:
    kept = source("http://a.example/", timetable={"adaptive": {"min": "1h", "max": "90d"}})
    quiet = state(listed_at=NOW - 40 * DAY, mark="3 replies")

    assert due_of(kept, quiet, trusts_lists=False, edits=False) == NOW + DAY
    assert due_of(kept, quiet, trusts_lists=True, edits=False) is None
    assert due_of(kept, quiet, trusts_lists=True, edits=True) == NOW + 40 * DAY
    assert due_of(kept, state(listed_at=NOW - 400 * DAY), trusts_lists=True, edits=True) == NOW + 90 * DAY
    assert due_of(kept, state(mark="3 replies"), trusts_lists=True, edits=True) == NOW + DAY
    assert due_of(kept, state(), trusts_lists=True, edits=False) == NOW + DAY
    assert due_of(kept, state(last="gone", mark="3 replies"), trusts_lists=True, edits=False) == NOW + DAY


AHEAD = NOW + 5 * DAY
"""What the clock said while it was wrong."""


@pytest.mark.parametrize("modified", [0.0, (NOW - HOUR).timestamp()])
@pytest.mark.parametrize("trusted", [False, True])
def test_a_page_that_was_fetched_while_the_clock_was_ahead_is_due(modified: float, trusted: bool) -> None:
    ahead = state(fetched_at=AHEAD, next_at=AHEAD + DAY, listed_at=NOW - 2 * HOUR)
    kept = KEPT._replace(at=AHEAD)
    for capture, known in ((kept, ahead), (None, ahead), (kept, None)):
        assert decide(capture, known, NOW, modified=modified, trusted=trusted).ask


def test_a_page_that_was_fetched_again_by_a_right_clock_waits_although_its_capture_is_dated_later() -> None:
    """Captures are dated in their order, so those after a clock that was ahead are, too, for a while."""
    kept, known = KEPT._replace(at=AHEAD), state(fetched_at=NOW)
    assert decide(kept, known, NOW + HOUR, modified=0.0).rule == "not-due"
    assert decide(kept, known, NOW + DAY, modified=0.0).rule == "due"
    assert decide(kept, known, NOW + 2 * HOUR, modified=(NOW + HOUR).timestamp()).rule == "changed-since"
    assert decide(kept, known, NOW + 2 * HOUR, modified=(NOW - HOUR).timestamp(), trusted=True).rule == "not-newer"


@pytest.mark.parametrize(("named", "expected"), [("<urn:uuid:a>", "<urn:uuid:a>"), ("", KEPT.record_id)])
def test_a_304_refers_to_a_record_with_an_id(named: str, expected: str) -> None:
    """A purge sees by the id what needs a record. A revisit of another tool may name only a URL and a time."""
    assert reference(KEPT._replace(refers_to=Reference(named, "u", NOW))).record_id == expected
