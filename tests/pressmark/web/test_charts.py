from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressmark.web.charts import LEVELS, WEEKS, bar_chart, heat_map, shares

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
