"""How sources stand: what each is doing, how its last run ended, and whether a run is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from archive.database.engine import Database
from config.values.timetable import Timed
from scheduler.ledger.history import History
from scheduler.notices.alarms import Alarm, Alarms
from scheduler.pauses import EVERYTHING, Pause, Pauses
from scheduler.run import Run
from scheduler.timetables.timetable import entry_of, first_due

LATE = timedelta(minutes=10)
"""A source is late when it was due this long ago without a run."""
_BAD = frozenset({"error", "failed", "blocked", "empty"})


class SourceRank(NamedTuple):
    """Where a source stands in lists that begin with those that need attention."""

    name: str
    state: str
    late: datetime | None
    """Since when a run is missing."""
    late_at: datetime | None
    """When it will be late unless a run begins; None when it is late, or nothing is expected."""

    @property
    def is_well(self) -> bool:
        return self.late is None and self.state not in _BAD

    @property
    def key(self) -> str:
        """Lists are in the order of keys: the sources that need attention, then the others, each by name."""
        return f"{'well' if self.is_well else 'unwell'} {self.name}"


class SourceStates(NamedTuple):
    """How sources stand, by their names."""

    problems: Mapping[str, str]
    """What is wrong with their files."""
    latest: Mapping[str, Run]
    unfinished: Mapping[str, Run]
    """Like `latest`, without runs of a single page."""
    pauses: Mapping[str, Pause]
    alarms: Mapping[str, Alarm]

    def run(self, name: str) -> Run | None:
        """The active run, or the last finished one."""
        return self.unfinished.get(name) or self.latest.get(name)

    def pause(self, name: str) -> Pause | None:
        return self.pauses.get(name) or self.pauses.get(EVERYTHING)

    def state(self, name: str) -> str:
        if name in self.problems:
            return "error"
        status = self.unfinished[name].status if name in self.unfinished else None
        if self.pause(name) and status != "running":
            return "paused"
        if status:
            return status
        last = self.latest.get(name)
        return last.outcome or "new" if last else "new"

    def place(self, source: Timed, zone: str, now: datetime) -> SourceRank:
        """`zone` is whose local time is meant by a timetable that names none."""
        due = self._due(source, zone)
        late = due if due and due < now - LATE else None
        return SourceRank(source.name, self.state(source.name), late, due + LATE if due and not late else None)

    def _due(self, source: Timed, zone: str) -> datetime | None:
        """When it fell due, or will, after its last run; None while that is active, or when nothing is expected."""
        last = self.run(source.name)
        if last is None or last.status != "over" or self.pause(source.name):
            return None
        entry = entry_of(source, zone)
        return first_due(entry, last.tick or last.requested_at) if entry else None


def standing_of(
    database: Database, runs: History, pauses: Pauses, names: Sequence[str], problems: Mapping[str, str]
) -> SourceStates:
    """Return how these sources stand now."""
    return SourceStates(
        problems=problems,
        latest=runs.latest(names),
        unfinished={run.source: run for run in runs.unfinished(names) if run.url is None},
        pauses=pauses.all(),
        alarms=Alarms(database).blocked(),
    )
