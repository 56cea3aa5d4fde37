"""Workers that have paused their crawling, and why, for readers in other processes.

A halt belongs to a worker and its epoch. Its runs show the reason while they wait.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, select, update

from archive.database.engine import Database
from archive.database.schema import epochs, marks, microseconds, moment, runs
from archive.database.statements import begins_with, insert_or_replace

_PREFIX = "halted/"


@dataclass(frozen=True, slots=True)
class Halt:
    """Since when, and why, a worker fetches nothing although it has runs."""

    worker: str
    since: datetime
    reason: str


class Halts:
    """The halts of a database."""

    def __init__(self, database: Database, *, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    def set(self, worker: str, epoch: int, reason: str) -> None:
        """Note that a worker fetches nothing, also as the reason of its runs. Raises DatabaseUnusable."""
        value = json.dumps({"epoch": epoch, "since": microseconds(self._now()), "reason": reason})
        with self._database.writing() as connection:
            row = {"name": _PREFIX + worker, "value": value}
            connection.execute(insert_or_replace(connection, marks, "name").values(**row))
            connection.execute(update(runs).where(*_waiting(epoch)).values(reason=reason))

    def lift(self, worker: str, epoch: int, reason: str) -> None:
        """Note that it fetches again. Raises DatabaseUnusable."""
        with self._database.writing() as connection:
            connection.execute(delete(marks).where(marks.c.name == _PREFIX + worker))
            connection.execute(update(runs).where(*_waiting(epoch), runs.c.reason == reason).values(reason=None))

    def all(self) -> list[Halt]:
        """Return the halts of live workers, by name."""
        with self._database.reading() as connection:
            rows = connection.execute(select(marks).where(begins_with(marks.c.name, _PREFIX)).order_by(marks.c.name))
            told = {row.name.removeprefix(_PREFIX): json.loads(row.value) for row in rows}
            wanted = [halt["epoch"] for halt in told.values()]
            alive = select(epochs.c.id).where(epochs.c.id.in_(wanted), epochs.c.ended_at.is_(None))
            living = set(connection.execute(alive).scalars()) if told else set()
        return [
            Halt(worker, moment(halt["since"]), halt["reason"])
            for worker, halt in told.items()
            if halt["epoch"] in living
        ]


def _waiting(epoch: int) -> tuple[ColumnElement[bool], ...]:
    return runs.c.epoch == epoch, runs.c.status == "running", runs.c.cancel.is_(False)
