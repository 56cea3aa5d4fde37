"""Wrong passwords and tokens, counted by address and name: after many of them, only their sender waits.

A password counts before it is checked, in this process and in the database: so those that are sent at once, to whatever
process, are no more than those that are sent one after another. A right one is taken back; a wrong one counts for all
processes and after a restart. What was right is in the database, too, so that who has it waits in no process for what
others did.

A token of the settings is compared first, which costs nothing. A right one is not counted, and waits for no writer of
the database.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from threading import Lock

from starlette.concurrency import run_in_threadpool

from pressmark.service.access.networks import network_of
from pressmark.service.access.wrong_logins import Limit, WrongLogins
from pressmark.service.later import Later

TRIES, WINDOW = 10, timedelta(minutes=5)
"""Wrong attempts of one address with one name."""
TRIES_OF_ADDRESS = 50
"""Wrong passwords of one address, whatever the names. Each check takes 64 MiB and a tenth of a second."""
_MOST = 10_000


@dataclass(frozen=True, slots=True)
class Reserved:
    """An attempt that may be checked; or one that must not, since its address has to wait."""

    wait: timedelta = timedelta()
    """How long the address must wait before it tries that name."""
    entries: tuple[tuple[tuple[str, str], datetime], ...] = ()
    """What counts as wrong in this process until it is released."""
    row: int | None = None
    """The same, for all processes; None without the database."""


class SharedAttempts:
    """The attempts of this process, and the wrong ones of all processes."""

    def __init__(
        self,
        wrong: WrongLogins,
        kind: str,
        *,
        now: Callable[[], datetime],
        of_address: int | None = None,
        later: Later | None = None,
    ) -> None:
        """`kind` says of what: each is counted by itself. `of_address` is as for `Attempts`."""
        self._later = later or Later()
        self._own = Attempts(now=now, of_address=of_address)
        self._of_known = Attempts(now=now)
        self._wrong, self._kind, self._limit = wrong, kind, Limit(WINDOW, TRIES, of_address)

    async def reserve(self, address: str, name: str, known: str | None = None) -> Reserved:
        """Count an attempt as wrong before it is checked; `release` follows if it was not.

        Who would have to wait, but has what was right in another process, has tries of its own.
        """
        reserved = await self._of_all(address, name, known)
        if not reserved.wait or known is None:
            return reserved
        is_known = await run_in_threadpool(self._wrong.knows, address, self._kind, known)
        return self._of_known.reserve(address, known) if is_known else reserved

    async def _of_all(self, address: str, name: str, known: str | None) -> Reserved:
        reserved = self._own.reserve(address, name, known)
        if reserved.wait or not reserved.entries:
            return reserved
        try:
            wait, row = await run_in_threadpool(self._wrong.reserve, address, self._kind, name, self._limit)
        except BaseException:
            self._release_here(reserved)
            raise
        if not wait:
            return replace(reserved, row=row)
        self._release_here(reserved)
        return Reserved(wait)

    async def wait(self, address: str, name: str, known: str) -> timedelta:
        """Return how long something that is right must wait. It is not counted, so it does not wait for the writer."""
        if self._own.knows(address, known):
            return timedelta()
        wait = self._own.wait(address, name)
        wait = wait or await run_in_threadpool(self._wrong.wait, address, self._kind, name, self._limit)
        if not wait:
            return wait
        is_known = await run_in_threadpool(self._wrong.knows, address, self._kind, known)
        return self._of_known.wait(address, known) if is_known else wait

    async def release(self, reserved: Reserved) -> None:
        """Take an attempt back that was not wrong."""
        self._release_here(reserved)
        if reserved.row is not None:
            await run_in_threadpool(self._wrong.release, reserved.row)

    def _release_here(self, reserved: Reserved) -> None:
        for attempts in (self._own, self._of_known):
            attempts.release(reserved)

    async def succeeded(self, address: str, known: str) -> None:
        """Remember what the caller has, for all processes."""
        if self._own.succeeded(address, known):
            await run_in_threadpool(self._wrong.know, address, self._kind, known)

    def succeeds(self, address: str, known: str) -> None:
        """Remember what the caller has; the other processes know it a moment later."""
        if self._own.succeeded(address, known):
            self._later.do(partial(self._wrong.know, address, self._kind, known))

    def fails(self, address: str, name: str) -> None:
        """Count what was wrong; the other processes count it a moment later."""
        if not self._own.reserve(address, name).wait:
            self._later.do(partial(self._wrong.reserve, address, self._kind, name, self._limit))


class Attempts:
    def __init__(self, *, now: Callable[[], datetime], of_address: int | None = None) -> None:
        """`of_address` limits the wrong attempts of one address with all names together."""
        self._now = now
        self._of_address = of_address
        self._failed: OrderedDict[tuple[str, str], deque[datetime]] = OrderedDict()
        self._good: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._lock = Lock()

    def reserve(self, address: str, name: str, known: str | None = None) -> Reserved:
        """Count an attempt as wrong before it is checked; `release` takes that back.

        `known` is something that only who logged in before has. Who has it does not wait for what others did. Its
        attempts are not counted, so that it pushes no failure of others out.
        """
        keys = self._keys(address, name)
        with self._lock:
            if known is not None and (network_of(address), known) in self._good:
                return Reserved()
            if wait := self._wait(keys):
                return Reserved(wait)
            at = self._now()
            for key, most in keys:
                self._add(key, most, at)
            return Reserved(entries=tuple((key, at) for key, _ in keys))

    def wait(self, address: str, name: str) -> timedelta:
        """Return how long the next attempt must wait; nothing is counted."""
        with self._lock:
            return self._wait(self._keys(address, name))

    def knows(self, address: str, known: str) -> bool:
        """Return whether something was right at an address."""
        with self._lock:
            return (network_of(address), known) in self._good

    def release(self, reserved: Reserved) -> None:
        """Take an attempt back that was not wrong."""
        with self._lock:
            for key, at in reserved.entries:
                with suppress(KeyError, ValueError):  # pushed out meanwhile
                    self._failed[key].remove(at)

    def succeeded(self, address: str, known: str) -> bool:
        """Remember what the caller has, so that others at the same address can't make it wait.

        Return whether it is new.
        """
        with self._lock:
            new = (network_of(address), known) not in self._good
            self._good[network_of(address), known] = None
            self._good.move_to_end((network_of(address), known))
            while len(self._good) > _MOST:
                self._good.popitem(last=False)
            return new

    def _keys(self, address: str, name: str) -> list[tuple[tuple[str, str], int]]:
        network = network_of(address)
        of_address = [((network, ""), self._of_address)] if self._of_address else []
        return [((network, name), TRIES), *of_address]

    def _add(self, key: tuple[str, str], most: int, at: datetime) -> None:
        self._failed.setdefault(key, deque(maxlen=most)).append(at)
        self._failed.move_to_end(key)
        while len(self._failed) > _MOST:
            self._failed.popitem(last=False)

    def _wait(self, keys: list[tuple[tuple[str, str], int]]) -> timedelta:
        return max(self._left(key, most) for key, most in keys)

    def _left(self, key: tuple[str, str], most: int) -> timedelta:
        now = self._now()
        counted = [at for at in self._failed.get(key, ()) if now - WINDOW < at <= now]  # a wrong clock ran ahead
        return counted[0] + WINDOW - now if len(counted) >= most else timedelta()
