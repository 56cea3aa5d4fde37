"""Which roles the running services on a database have: each service notes its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from archive.database.engine import Database
from archive.database.marks import Marks
from archive.database.schema import microseconds, moment

NOTE_EVERY = timedelta(minutes=2)
"""The time between two notes of a service."""
MISSED_AFTER = timedelta(minutes=10)
"""How long a role may be without a service before it is missed: a service may be restarted, or moved."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """A time in which some service had a role."""

    since: datetime
    at: datetime
    """When a service last noted it."""

    def text(self) -> str:
        return json.dumps({"since": microseconds(self.since), "at": microseconds(self.at)})


class RolesSeen:
    """The notes of all services. `now` is the clock that they share."""

    def __init__(self, database: Database, *, now: Callable[[], datetime]) -> None:
        self._marks, self._now = Marks(database, "role/"), now

    def note(self, roles: Collection[str]) -> None:
        """Note that a service has these roles now. Raises DatabaseUnusable."""
        now, known = self._now(), self._all()
        lasting = {role: known[role].since for role in roles if role in known and _is_near(known[role].at, now)}
        self._marks.set_all({role: _Seen(lasting.get(role, now), now).text() for role in roles})

    def has(self, role: str) -> bool:
        """Return whether a running service has a role. Raises DatabaseUnusable."""
        seen = self._all().get(role)
        return seen is not None and _is_near(seen.at, self._now())

    def missed_since(self, role: str) -> datetime | None:
        """Return since when services have been running of which none has a role.

        None while one has it, while none is running, and for the first ten minutes. Raises DatabaseUnusable.
        """
        now, known = self._now(), self._all()
        running = [seen.since for seen in known.values() if _is_near(seen.at, now)]
        if not running:
            return None
        had = role in known and known[role].at <= now  # the clock may have been set back since
        since = max(min(running), known[role].at) if had else min(running)
        return None if _is_near(since, now) else since

    def _all(self) -> dict[str, _Seen]:
        return {role: _seen_of(text) for role, text in self._marks.all().items()}


def _is_near(at: datetime, now: datetime) -> bool:
    return abs(now - at) < MISSED_AFTER


def _seen_of(text: str) -> _Seen:
    told = json.loads(text)
    return _Seen(moment(told["since"]), moment(told["at"]))
