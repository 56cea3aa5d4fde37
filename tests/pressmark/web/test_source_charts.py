from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from pressmark.views.run_log import AnswerTimes
from pressmark.views.run_shapes import CompletenessShape, MissingShape, RunShape
from pressmark.web.source_charts import Coverage, LastRuns, Year, seconds_of
from scheduler.ledger.totals import Day

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)


def run(number: int, **more: Any) -> RunShape:
    facts: dict[str, Any] = {
        "id": str(number), "source": "gazette", "status": "over", "requested_at": NOW, "started_at": NOW,
        "ended_at": NOW + timedelta(seconds=number), "attempt": 1, "pages": 1, "captures": 10 * number, "revisits": 1,
        "failures": 0, "bytes": 100 * number, "queued": 0,
    }  # fmt: skip
    return RunShape(**{**facts, **more})


def test_the_last_runs_are_shown_from_the_oldest_on_with_a_bar_each() -> None:
    found = LastRuns.of([run(3), run(2), run(1)])

    assert [one.id for one in found.runs] == ["1", "2", "3"]
    assert [bar.value for bar in found.changed.bars] == [9, 19, 29]
    assert [bar.value for bar in found.bytes.bars] == [100, 200, 300]
    assert [bar.value for bar in found.seconds.bars] == [1, 2, 3]


def test_the_times_of_answers_are_those_of_their_runs_and_nothing_where_they_are_not_known() -> None:
    found = LastRuns.of([run(3), run(2), run(1)], {"3": AnswerTimes(9, 1500, 4000), "1": AnswerTimes(1, 250, 250)})

    assert [bar.value for bar in found.answers.bars] == [0.25, 0, 1.5]
    assert found.times == [AnswerTimes(1, 250, 250), None, AnswerTimes(9, 1500, 4000)]
    assert found.has_times and not LastRuns.of([run(1)]).has_times


def test_runs_under_way_and_runs_of_single_pages_have_no_bar() -> None:
    assert LastRuns.of([run(3, status="running"), run(2, url="http://a.example/"), run(1)]).runs == [run(1)]


def test_a_run_that_never_started_took_no_time_nor_does_one_whose_clock_went_back() -> None:
    assert seconds_of(run(1, started_at=None)) == seconds_of(run(1, ended_at=None)) == 0
    assert seconds_of(run(1, ended_at=NOW - timedelta(hours=1))) == 0


def test_a_year_counts_the_captures_of_its_days() -> None:
    day = date(2026, 11, 27)
    found = Year.of([Day(day, runs=1, captures=3, changed=2, bytes=100)], NOW)

    assert found.captures == 3
    assert {cell.day: cell.count for cell in found.map.cells}[day] == 3


def test_a_coverage_adds_up_what_is_missing_for_any_reason() -> None:
    missing = {"robots": MissingShape(count=2), "depth": MissingShape(count=3)}
    found = Coverage.of(CompletenessShape(listed=20, had=5, known=10, missing=missing))

    assert (found.had, found.known, found.missing) == (5, 10, 5)
    assert len(found.shares) == 3 and found.shares[0] == found.shares[2] and found.shares[1] == 2 * found.shares[0]
