"""Idempotent requests: an Idempotency-Key identifies a request for a day."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta

from archive.database.engine import Database
from archive.database.marks import Marks
from scheduler.ledger.runs import Runs
from scheduler.run import Run

_DAY = timedelta(days=1)
"""How long an Idempotency-Key is remembered."""


class KeyReused(Exception):
    """The same Idempotency-Key was used for two different requests."""

    def __init__(self) -> None:
        super().__init__("this Idempotency-Key was used for a different request")


class Requests:
    """Requests for runs, by their keys."""

    def __init__(self, database: Database, runs: Runs, *, now: Callable[[], datetime]) -> None:
        self._marks = Marks(database, "idempotency:")
        self._runs = runs
        self._now = now

    def once(self, key: str | None, what: str, ask: Callable[[], Run]) -> Run:
        """Return the run requested under this key before, otherwise the one that `ask` returns. Raises KeyReused.

        A key counts on the day (UTC) of its first use and on the day after.
        """
        if key is None:
            return ask()
        today, yesterday = (f"{day:%Y-%m-%d}:{_digest(key)}" for day in (self._now(), self._now() - _DAY))
        known = self._marks.get(today) or self._marks.get(yesterday)
        if known is None:
            self._marks.prune(f"{self._now() - _DAY:%Y-%m-%d}")
            run = ask()
            known = self._marks.put(today, json.dumps({"what": what, "run": run.id}))
        found = json.loads(known)
        if found["what"] != what:
            raise KeyReused
        return self._runs.get(found["run"])


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()
