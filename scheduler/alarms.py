"""Sources that keep their pages from us: when each turned so, when it turned back, and who has been told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Select, select, update

from archive.database.engine import Database
from archive.database.schema import alarms
from archive.database.statements import insert_or_replace
from scheduler.events import note
from scheduler.run import Run

Turn = Literal["blocked", "free"]
_FREE = ("done", "unchanged", "partial", "limited")
"""Outcomes that tell that the site gives its pages. The others tell nothing."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """How a source stands since it last turned."""

    source: str
    state: Turn
    since: datetime
    reason: str
    run: str
    told: frozenset[str]
    """The notifiers that have passed it on."""


class Alarms:
    """The alarms of a database. A source that was never blocked has none."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> dict[str, Alarm]:
        return self._found(select(alarms))

    def blocked(self) -> dict[str, Alarm]:
        """Those that are blocked now."""
        return self._found(select(alarms).where(alarms.c.state == "blocked"))

    def _found(self, query: Select[Any]) -> dict[str, Alarm]:
        with self._database.reading() as connection:
            return {row.source: _alarm_of(row._asdict()) for row in connection.execute(query)}

    def passed_on(self, alarm: Alarm, notifier: str) -> None:
        """A notifier has told people of this turn."""
        told = " ".join(sorted({*alarm.told, notifier}))
        where = (alarms.c.source == alarm.source, alarms.c.state == alarm.state, alarms.c.since == alarm.since)
        with self._database.writing() as connection:
            connection.execute(update(alarms).where(*where).values(told=told))

    def tell(self, notifier: str, send: Callable[[Alarm], None]) -> None:
        """Give `send` every turn that this notifier has not passed on. What `send` raises ends it; the rest waits."""
        for alarm in self.all().values():
            if notifier not in alarm.told:
                send(alarm)
                self.passed_on(alarm, notifier)


def turn(connection: Connection, run: Run, now: datetime) -> None:
    """A run is over: write down whether its source turned by it, in the run's own transaction."""
    state: Turn | None = "blocked" if run.outcome == "blocked" else "free" if run.outcome in _FREE else None
    if state is None or run.url is not None:
        return
    before = connection.execute(select(alarms.c.state).where(alarms.c.source == run.source)).scalar_one_or_none()
    if (before or "free") == state:
        return
    reason = run.reason or state
    row = {"source": run.source, "state": state, "since": now, "reason": reason, "run": run.id, "told": ""}
    connection.execute(insert_or_replace(connection, alarms, "source"), row)
    note(connection, now, f"source.{state}", source=run.source, run=run.id, reason=reason)


def _alarm_of(row: dict[str, object]) -> Alarm:
    return Alarm(**{**row, "told": frozenset(str(row["told"]).split())})  # type: ignore[arg-type]
