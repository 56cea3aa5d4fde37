"""Whose turn it is at a host: one table for all runs of the process, so that they share what a host bears.

Of the runs that visit a host, the longest delay and the smallest concurrency hold for all. Runs take turns: one that
was told to wait comes before one that asks later, unless it does not come.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf

_PATIENCE = 0.25
"""Seconds that the first in turn is waited for, once the host is ready."""
MOST_BY_ONE_PAGE = 60.0
"""Seconds that a single page can have its whole host left alone; with a second one, the host is taken at its word."""
_MANY_PAGES = 2
_FORGOTTEN_AFTER = 600.0
_MANY = 10_000


@dataclass(frozen=True, slots=True)
class _Claim:
    delay: float
    concurrency: int


@dataclass(slots=True)
class _Host:
    claims: dict[Guest, _Claim] = field(default_factory=dict)
    waiting: dict[Guest, None] = field(default_factory=dict)
    """Who was told to wait, the first come first."""
    active: int = 0
    ready_at: float = 0.0
    """When the next request may start, as far as delays go."""
    paused_until: float = 0.0
    crowded: set[str] = field(default_factory=set)
    """At most two pages that were put off since the host last answered well."""
    started_at: float = 0.0
    ended_at: float = 0.0
    delay: float = 0.0
    concurrency: int = 1

    def claim(self, guest: Guest, claim: _Claim) -> None:
        if self.claims.get(guest) != claim:
            self.claims[guest] = claim
            self._agree()

    def leave(self, guest: Guest) -> None:
        self.waiting.pop(guest, None)
        if self.claims.pop(guest, None):
            self._agree()

    def _agree(self) -> None:
        self.delay = max((claim.delay for claim in self.claims.values()), default=0.0)
        self.concurrency = min((claim.concurrency for claim in self.claims.values()), default=1)
        self.ready_at = self.started_at + self.delay if self.started_at else 0.0


class Politeness:
    """The hosts that the runs of this process visit. Not for threads: all runs live in one loop."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.hosts: dict[str, _Host] = {}

    def guest(self, wake: Callable[[str], None]) -> Guest:
        """A run that visits hosts; `wake(host)` is called when a host that was busy has become free."""
        return Guest(self, wake)

    def host(self, name: str) -> _Host:
        found = self.hosts.get(name)
        if found is None:
            if len(self.hosts) >= _MANY:
                self._forget()
            found = self.hosts[name] = _Host()
        return found

    def _forget(self) -> None:
        """Hosts that nobody visits."""
        before = self.clock() - _FORGOTTEN_AFTER
        for name in [n for n, h in self.hosts.items() if not h.claims and max(h.started_at, h.paused_until) < before]:
            del self.hosts[name]


class Guest:
    """One run, as the table knows it."""

    __slots__ = ("_table", "wake")

    def __init__(self, table: Politeness, wake: Callable[[str], None]) -> None:
        self._table = table
        self.wake = wake

    def ask(self, name: str, *, delay: float, concurrency: int) -> float:
        """Seconds to wait before a request to a host; 0 when it may start now; inf when `wake` will tell."""
        host = self._table.host(name)
        host.claim(self, _Claim(delay, concurrency))
        now = self._table.clock()
        wait = max(host.ready_at, host.paused_until) - now
        if host.active >= host.concurrency:
            wait = inf
        elif wait <= 0:
            free_for = now - max(host.ready_at, host.paused_until, host.ended_at)
            if not host.waiting or next(iter(host.waiting)) is self or free_for > _PATIENCE:
                return 0.0
            wait = _PATIENCE
        host.waiting.setdefault(self)
        return wait

    def started(self, name: str) -> None:
        """A request to a host starts."""
        host = self._table.host(name)
        host.waiting.pop(self, None)
        host.active += 1
        host.started_at = self._table.clock()
        host.ready_at = host.started_at + host.delay

    def ended(self, name: str) -> None:
        """A request to a host is over, whatever came of it."""
        host = self._table.host(name)
        host.active -= 1
        host.ended_at = self._table.clock()
        for guest in tuple(host.waiting):
            guest.wake(name)

    def pause(self, name: str, seconds: float, *, page: str) -> None:
        """The host asked, in the answer to a page, to be left alone (429, 503 with Retry-After)."""
        host = self._table.host(name)
        if len(host.crowded) < _MANY_PAGES:
            host.crowded.add(page)
        if len(host.crowded) < _MANY_PAGES:
            seconds = min(seconds, MOST_BY_ONE_PAGE)
        host.paused_until = max(host.paused_until, self._table.clock() + seconds)

    def welcome(self, name: str) -> None:
        """The host answered another page well."""
        self._table.host(name).crowded.clear()

    def leave(self) -> None:
        """The run is over."""
        for name, host in list(self._table.hosts.items()):
            busy = self in host.claims
            host.leave(self)
            if busy:
                for guest in tuple(host.waiting):
                    guest.wake(name)
