"""Wrong passwords and tokens that all processes of a service count together; a restart forgets none.

Only a wrong attempt and the first right one write. Without the database, each process counts by itself. The clocks of
several machines differ a little, so attempts up to a window ahead of the clock count; those further ahead are of a
clock that was wrong.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

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


class WrongLogins:
    def __init__(self, database: Database, *, now: Callable[[], datetime]) -> None:
        self._rows = WrongLoginRows(database)
        self._known = Marks(database, "known-login/")
        self._now = now

    def add(self, address: str, kind: str, name: str, window: timedelta) -> None:
        """Count a wrong attempt for as long as `window`. `kind` says of what: each is counted by itself."""
        now = self._now()
        try:
            self._rows.add(network_of(address), _key(kind, name), now, since=now - window, until=now + window)
        except Exception as error:
            log.warning("a wrong login is counted by this process only", extra={"reason": str(error)})

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

    def left(
        self, address: str, kind: str, name: str, *, window: timedelta, most: int, of_address: int | None
    ) -> timedelta:
        """Return how long an address must wait: after `most` attempts with a name, or `of_address` with all names."""
        now = self._now()
        try:
            found = self._rows.of(network_of(address), since=now - window, until=now + window)
        except Exception as error:
            log.warning("the wrong logins of other processes are not known", extra={"reason": str(error)})
            return timedelta()
        of_kind = [(key, at) for key, at in found if key.startswith(f"{kind}:")]
        of_name = [at for key, at in of_kind if key == _key(kind, name)]
        waits = [_left(of_name, most, now, window)]
        if of_address is not None:
            waits.append(_left([at for _, at in of_kind], of_address, now, window))
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
