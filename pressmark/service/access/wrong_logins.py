"""Wrong passwords and tokens that all processes of a service count together; a restart forgets none.

An attempt counts before it is checked, so that those that are sent to several processes at once are no more than those
that are sent one after another. A right one is taken back. Without the database, each process counts by itself. The
clocks of several machines differ a little, so attempts up to a window ahead of the clock count; those further ahead are
of a clock that was wrong.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from archive.database.access.wrong_login_rows import WrongLoginRows
from archive.database.engine import Database
from archive.database.marks import Marks
from pressmark.service.access.networks import network_of

log = logging.getLogger(__name__)
KNOWN = 1000
"""How many of those that were right are remembered; the oldest are forgotten."""
_DIGITS = 6
"""Hexadecimal digits of the SHA-256 of what was right: a guess matches once in 16 million times, and who reads the
database learns too little to find a token that a person chose."""


@dataclass(frozen=True, slots=True)
class Limit:
    """After how many wrong attempts within a window an address waits."""

    window: timedelta
    most: int
    """Attempts with one name."""
    of_address: int | None = None
    """Attempts with all names."""


class WrongLogins:
    def __init__(self, database: Database, *, now: Callable[[], datetime]) -> None:
        self._rows = WrongLoginRows(database)
        self._known = Marks(database, "known-login/")
        self._now = now

    def reserve(self, address: str, kind: str, name: str, limit: Limit) -> tuple[timedelta, int | None]:
        """Count an attempt as wrong for a window, unless it must wait; return the wait, and what releases it.

        `kind` says of what: each is counted by itself.
        """
        now = self._now()
        within = {"since": now - limit.window, "until": now + limit.window}
        try:
            return self._rows.add_unless(
                network_of(address), _key(kind, name), now, partial(_wait, kind, name, limit, now), **within
            )
        except Exception as error:
            log.warning("a wrong login is counted by this process only", extra={"reason": str(error)})
            return timedelta(), None

    def wait(self, address: str, kind: str, name: str, limit: Limit) -> timedelta:
        """Return how long the next attempt must wait. Nothing is counted, so nobody waits for the writer."""
        now = self._now()
        try:
            found = self._rows.of(network_of(address), since=now - limit.window, until=now + limit.window)
        except Exception as error:
            log.warning("the wrong logins of other processes are not known", extra={"reason": str(error)})
            return timedelta()
        return _wait(kind, name, limit, now, found)

    def release(self, row: int) -> None:
        """Take an attempt back that was not wrong."""
        try:
            self._rows.delete(row)
        except Exception as error:
            log.warning("a right login counts as a wrong one", extra={"reason": str(error)})

    def know(self, address: str, kind: str, known: str) -> None:
        """Remember what was right at an address, for other processes and after a restart."""
        try:
            self._known.set(_place(address, kind, known), self._now().isoformat())
            oldest_first = sorted(self._known.all().items(), key=lambda mark: mark[1])
            for place, _ in oldest_first[:-KNOWN]:
                self._known.delete(place)
        except Exception as error:
            log.warning("a login is known to this process only", extra={"reason": str(error)})

    def knows(self, address: str, kind: str, known: str) -> bool:
        """Return whether something was right at an address, in whatever process."""
        try:
            return self._known.get(_place(address, kind, known)) is not None
        except Exception as error:
            log.warning("the logins that other processes know are not known", extra={"reason": str(error)})
            return False


def _wait(kind: str, name: str, limit: Limit, now: datetime, found: list[tuple[str, datetime]]) -> timedelta:
    """Return how long an attempt must wait after those that were found, given by key and time."""
    of_kind = [(key, at) for key, at in found if key.startswith(f"{kind}:")]
    waits = [_left([at for key, at in of_kind if key == _key(kind, name)], limit.most, now, limit.window)]
    if limit.of_address is not None:
        waits.append(_left([at for _, at in of_kind], limit.of_address, now, limit.window))
    return max(waits)


def _left(failures: list[datetime], most: int, now: datetime, window: timedelta) -> timedelta:
    if len(failures) < most:
        return timedelta()
    return min(max(failures[-most] + window - now, timedelta()), window)


def _key(kind: str, name: str) -> str:
    return f"{kind}:{_digest(name)}"


def _place(address: str, kind: str, known: str) -> str:
    return f"{kind}/{network_of(address)}/{_digest(known)[:_DIGITS]}"


def _digest(said: str) -> str:
    return hashlib.sha256(said.encode("utf-8", "surrogateescape")).hexdigest()
