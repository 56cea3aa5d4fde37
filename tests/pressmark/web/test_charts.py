from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressmark.web.charts import LEVELS, WEEKS, Span, bar_chart, heat_map, shares, timeline

SATURDAY = date(2026, 11, 28)


def test_a_heat_map_ends_with_its_day_and_begins_on_a_monday_a_year_before() -> None:
    found = heat_map({SATURDAY: 3}, SATURDAY)

    assert found.cells[0].day.weekday() == 0
    assert (found.cells[-1].day, found.cells[-1].count, found.cells[-1].level) == (SATURDAY, 3, LEVELS)
    assert len({cell.x for cell in found.cells}) == WEEKS
    assert (found.cells[0].x, found.cells[-1].x + found.size <= found.width) == (0, True)
    assert all(cell.y + found.size <= found.height for cell in found.cells)


def test_a_day_without_captures_has_no_shade_and_each_shade_is_a_quarter_of_the_highest_count() -> None:
    counts = {SATURDAY - timedelta(days=n): count for n, count in enumerate((100, 76, 75, 26, 25, 1, 0))}
    levels = [cell.level for cell in heat_map(counts, SATURDAY).cells[-7:]]

    assert levels == [0, 1, 1, 2, 3, 4, 4]


def test_months_are_named_where_they_begin() -> None:
    months = [day for _, day in heat_map({}, SATURDAY).months]

    assert months[0] == date(2025, 12, 1) and months[-1] == date(2026, 11, 1)
    assert len(months) == 12


@given(st.lists(st.integers(0, 10**12), max_size=400))
def test_bars_stay_in_their_chart_do_not_overlap_and_keep_the_order_of_their_values(values: list[int]) -> None:
    found = bar_chart(values)

    assert [bar.value for bar in found.bars] == values
    assert all(0 <= bar.y <= found.height and abs(bar.y + bar.height - found.height) < 0.011 for bar in found.bars)
    assert all(one.x + one.width <= other.x + 0.011 for one, other in zip(found.bars, found.bars[1:], strict=False))
    assert all((bar.height > 0) == (bar.value > 0) for bar in found.bars)
    if found.bars:
        assert found.bars[-1].x + found.bars[-1].width <= found.width
        assert max(bar.height for bar in found.bars) == (found.height if found.highest else 0)


def test_shares_of_nothing_are_zero_and_others_sum_up_to_a_hundred() -> None:
    assert shares((0, 0)) == (0.0, 0.0)
    assert shares((1, 3)) == (25.0, 75.0)
    assert sum(shares((1, 1, 1))) == pytest.approx(100, abs=0.02)


NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
MOMENTS = st.integers(0, 10**7).map(lambda seconds: NOON + timedelta(seconds=seconds))


@given(st.lists(st.tuples(MOMENTS, MOMENTS, st.lists(MOMENTS, max_size=3)), min_size=1, max_size=20))
def test_lanes_stay_in_their_timeline_in_order_and_each_can_be_seen(
    facts: list[tuple[datetime, datetime, list[datetime]]],
) -> None:
    spans = [Span(number, min(one, two), max(one, two), marks) for number, (one, two, marks) in enumerate(facts)]
    found = timeline(spans)

    assert (found is None) == (len({at for one in spans for at in (one.begins, one.ends)}) == 1)
    for lane in found.lanes if found else ():
        assert found is not None and lane.x >= 0 and lane.x + lane.width <= found.width + 0.02 and lane.width >= 7.9
        assert all(0 <= x <= found.width for x in lane.marks)
        assert lane.y + 10 <= found.height


def test_what_ends_later_has_a_longer_lane_and_a_mark_is_where_it_changed() -> None:
    hours = [NOON + timedelta(hours=n) for n in range(5)]
    found = timeline([Span(1, hours[0], hours[4], [hours[2]]), Span(2, hours[2], hours[3], ended=True)])

    assert found is not None and (found.begins, found.ends) == (hours[0], hours[4])
    assert [(lane.number, lane.x, lane.ended) for lane in found.lanes] == [(1, 0, False), (2, 316, True)]
    assert (found.lanes[0].width, found.lanes[1].width) == (640, 166)
    assert found.lanes[0].marks == (320,)
    assert timeline([]) is None
