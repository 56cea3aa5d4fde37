"""Sources that refuse to give us their pages: when each became blocked, when it recovered, and who was notified."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Select, select, update

from archive.database.engine import Database
from archive.database.schema import alarms
from archive.database.statements import insert_or_replace
from scheduler import unsaved
from scheduler.events import note
from scheduler.run import Run

Turn = Literal["blocked", "free"]
_FREE = ("done", "unchanged", "partial", "limited")
"""Outcomes that show that the site serves its pages. The others show nothing."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """The state of a source since its last change."""

    source: str
    state: Turn
    since: datetime
    reason: str
    run: str
    told: frozenset[str]
    """The notifiers that have delivered it."""


class Alarms:
    """The alarms of a database. A source that was never blocked has none."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> dict[str, Alarm]:
        return self._found(select(alarms))

    def blocked(self) -> dict[str, Alarm]:
        """Return the alarms of the sources that are blocked now."""
        return self._found(select(alarms).where(alarms.c.state == "blocked"))

    def _found(self, query: Select[Any]) -> dict[str, Alarm]:
        with self._database.reading() as connection:
            return {row.source: _alarm_of(row._asdict()) for row in connection.execute(query)}

    def passed_on(self, alarm: Alarm, notifier: str) -> None:
        """Note that a notifier has delivered this change of state."""
        told = " ".join(sorted({*alarm.told, notifier}))
        where = (alarms.c.source == alarm.source, alarms.c.state == alarm.state, alarms.c.since == alarm.since)
        with self._database.writing() as connection:
            connection.execute(update(alarms).where(*where).values(told=told))
            unsaved.note(connection, "alarm", [(alarm.source,)])

    def begin(self, notifier: str) -> None:
        """Let a new notifier deliver the sources that are blocked now, and none that became free before."""
        for alarm in self.all().values():
            if alarm.state == "free" and notifier not in alarm.told:
                self.passed_on(alarm, notifier)

    def send_pending(self, notifier: str, send: Callable[[Alarm], None]) -> None:
        """Give `send` every change of state that this notifier has not delivered yet.

        While another service of a shared database does the same, this one sends nothing. An exception of `send` ends
        the call; the rest is sent next time.
        """
        if not any(notifier not in alarm.told for alarm in self.all().values()):
            return
        with self._database.alone("alarms") as mine:
            for alarm in self.all().values() if mine else ():
                if notifier not in alarm.told:
                    send(alarm)
                    self.passed_on(alarm, notifier)


def turn(connection: Connection, run: Run, now: datetime) -> None:
    """Note, in the transaction of a run that is over, whether it changed the state of its source."""
    state: Turn | None = "blocked" if run.outcome == "blocked" else "free" if run.outcome in _FREE else None
    if state is None or run.url is not None:
        return
    before = connection.execute(select(alarms.c.state).where(alarms.c.source == run.source)).scalar_one_or_none()
    if (before or "free") == state:
        return
    reason = run.reason or state
    row = {"source": run.source, "state": state, "since": now, "reason": reason, "run": run.id, "told": ""}
    connection.execute(insert_or_replace(connection, alarms, "source"), row)
    unsaved.note(connection, "alarm", [(run.source,)])
    note(connection, now, f"source.{state}", source=run.source, run=run.id, reason=reason)


def _alarm_of(row: dict[str, object]) -> Alarm:
    return Alarm(**{**row, "told": frozenset(str(row["told"]).split())})  # type: ignore[arg-type]
