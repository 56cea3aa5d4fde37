"""Count the steps of SQLite's virtual machine: a cost that does not depend on the machine."""

from __future__ import annotations

import sqlite3
import urllib.request
from collections.abc import Callable
from typing import Any

from sqlalchemy import event

from archive.database.engine import Database

_STEP = 5
"""Steps between two counts."""


class Steps:
    """Counts the steps of all connections of a database that are opened from now on."""

    def __init__(self, database: Database) -> None:
        self.count = 0
        engine = database.engine
        event.listen(engine, "do_connect", self._have_counted)
        event.listen(engine, "checkout", self._attach)
        engine.dispose()

    def _have_counted(self, _dialect: Any, _record: Any, _arguments: Any, options: dict[str, Any]) -> None:
        options["factory"] = _counting(self._note)

    def _attach(self, connection: Any, *_: object) -> None:
        connection.set_progress_handler(None, 0)

    def _note(self) -> None:
        self.count += 1


def traced(database: Database) -> list[str]:
    """Return the list of all statements from now on."""
    statements: list[str] = []
    event.listen(database.engine, "connect", lambda connection, _: connection.set_trace_callback(statements.append))
    database.engine.dispose()
    return statements


def _counting(note: Callable[[], None]) -> type[sqlite3.Connection]:
    """Return a kind of connection that counts: SQLite has one handler, which a limit of time needs, too."""

    class Counting(sqlite3.Connection):
        def set_progress_handler(self, handler: Callable[[], Any] | None, _steps: int) -> None:  # type: ignore[override]
            def both() -> Any:
                note()
                return handler() if handler else 0

            super().set_progress_handler(both, _STEP)

    return Counting


def steps_of(url: str, steps: Steps, path: str) -> int:
    """Return the least cost of three requests.

    The first may find what is remembered afterwards, and another thread of the service may add steps of its own.
    """
    return min(_steps_of_one(url + path, steps) for _ in range(3))


def _steps_of_one(url: str, steps: Steps) -> int:
    steps.count = 0
    with urllib.request.urlopen(url, timeout=60) as answer:
        assert answer.status == 200
        answer.read()
    return steps.count


def least_steps(steps: Steps, ask: Callable[[], object]) -> int:
    """Return the least cost of three times: another thread of the service may add steps of its own."""
    found = []
    for _ in range(3):
        steps.count = 0
        ask()
        found.append(steps.count)
    return min(found)
