from __future__ import annotations

from datetime import date

from pressmark.web.calendar import months_of, neighbours, years_of
from pressmark.web.timetable import monday

DAYS = {date(2024, 2, 29): 1, date(2026, 1, 1): 40, date(2026, 1, 31): 60}


def test_years_have_no_gap_from_the_first_to_the_last() -> None:
    found = [(year.year, year.count, year.share) for year in years_of(DAYS)]

    assert found == [(2024, 1, 2), (2025, 0, 0), (2026, 100, 100)]
    assert list(years_of({})) == []


def test_a_month_has_all_its_days_in_weeks_from_monday_on() -> None:
    [january] = months_of(DAYS, 2026)
    cells = [cell for week in january.weeks for cell in week if cell]

    assert [cell[0].day for cell in cells] == list(range(1, 32))
    assert january.weeks[0][:3] == (None, None, None)
    assert (cells[0][1], cells[1][1], cells[30][1]) == (40, 0, 60)
    assert (january.name, january.count) == ("2026-01", 100)
    assert list(months_of(DAYS, 2025)) == []


def test_a_month_links_to_the_nearest_months_with_captures() -> None:
    assert neighbours(DAYS, "2026-01") == ("2024-02", None)
    assert neighbours(DAYS, "2025-07") == ("2024-02", "2026-01")
    assert neighbours(DAYS, "2024-02") == (None, "2026-01")
    assert neighbours({}, "2024-02") == (None, None)


def test_a_week_begins_on_monday_and_there_are_weeks_for_any_day() -> None:
    assert monday(date(2026, 11, 29)) == date(2026, 11, 23)
    assert monday(date(2026, 11, 23)) == date(2026, 11, 23)
    assert monday(date.min).year == 1971
    assert monday(date.max).year == 9000
