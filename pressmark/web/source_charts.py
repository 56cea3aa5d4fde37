"""The charts on the pages of sources and runs: a year of captures, the last runs, and what was listed and archived."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pressmark.views.run_log import AnswerTimes
from pressmark.views.run_shapes import CompletenessShape, RunShape
from pressmark.web.charts import WEEKS, BarChart, HeatMap, bar_chart, heat_map, shares
from scheduler.ledger.totals import Day


@dataclass(frozen=True, slots=True)
class Year:
    """The captures of a source by day."""

    map: HeatMap
    captures: int

    @staticmethod
    def since(now: datetime) -> datetime:
        """Return the earliest time that a heat map up to now can show."""
        return now - timedelta(weeks=WEEKS)

    @classmethod
    def of(cls, days: Sequence[Day], now: datetime) -> Year:
        counts = {day.day: day.captures for day in days}
        return cls(heat_map(counts, now.date()), sum(counts.values()))


@dataclass(frozen=True, slots=True)
class LastRuns:
    """The last finished runs of a source, oldest first, and a bar for each in several charts."""

    runs: Sequence[RunShape]
    changed: BarChart
    bytes: BarChart
    seconds: BarChart
    answers: BarChart
    """The mean seconds that an answer of the site took."""
    times: Sequence[AnswerTimes | None]
    """How long answers took, of each run; None where that is not known."""

    @classmethod
    def of(cls, newest_first: Sequence[RunShape], times: Mapping[str, AnswerTimes | None] | None = None) -> LastRuns:
        runs = [run for run in reversed(newest_first) if run.status == "over" and run.url is None]
        found = [(times or {}).get(run.id) for run in runs]
        return cls(
            runs,
            bar_chart([run.captures - run.revisits for run in runs]),
            bar_chart([run.bytes for run in runs]),
            bar_chart([seconds_of(run) for run in runs]),
            bar_chart([one.mean_ms / 1000 if one else 0.0 for one in found]),
            found,
        )

    @property
    def has_times(self) -> bool:
        """Whether it is known of any run how long answers took."""
        return any(self.times)


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the site's own lists named in a run: fetched now, archived before, missing."""

    had: int
    known: int
    missing: int
    shares: tuple[float, ...]

    @classmethod
    def of(cls, seen: CompletenessShape) -> Coverage:
        missing = sum(one.count for one in seen.missing.values())
        return cls(seen.had, seen.known, missing, shares((seen.had, seen.known, missing)))


def seconds_of(run: RunShape) -> float:
    """Return how long a run took; 0 for one that never started or is not over."""
    if run.started_at is None or run.ended_at is None:
        return 0.0
    return max((run.ended_at - run.started_at).total_seconds(), 0.0)
