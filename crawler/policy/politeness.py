"""Whose turn it is at a host: one table for all runs of the process, so that together they respect the host's limits.

Several processes that share hosts also need a lease of a host each: `crawler.policy.host_leases`.

Among the runs that visit a host, the longest delay and the lowest concurrency apply to all. Runs take turns: a run that
was asked to wait comes before one that asks later, unless it does not return.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf

_PATIENCE = 0.25
"""Seconds that a ready host is reserved for the first in turn."""
MOST_BY_ONE_PAGE = 60.0
"""The longest time in seconds that one page can pause its whole host; from a second page on, the host is trusted."""
_MANY_PAGES = 2
_FORGOTTEN_AFTER = 600.0
"""Seconds without a request after which a host is forgotten."""
_MANY = 10_000


@dataclass(frozen=True, slots=True)
class Claim:
    """What one run demands of a host: seconds between two requests, and requests at the same time."""

    delay: float
    concurrency: int


@dataclass(slots=True)
class _Host:
    claims: dict[PolitenessClient, Claim] = field(default_factory=dict)
    waiting: dict[PolitenessClient, None] = field(default_factory=dict)
    """The runs that were asked to wait, in order of arrival."""
    active: int = 0
    ready_at: float = 0.0
    """When the next request may start, as far as delays are concerned; inf while one has started and is not sent."""
    paused_until: float = 0.0
    crowded: set[str] = field(default_factory=set)
    """At most two pages that were answered with a pause since the last good answer."""
    started_at: float = 0.0
    ended_at: float = 0.0
    delay: float = 0.0
    concurrency: int = 1

    def claim(self, politeness_client: PolitenessClient, claim: Claim) -> None:
        if self.claims.get(politeness_client) != claim:
            self.claims[politeness_client] = claim
            self._agree()

    def leave(self, politeness_client: PolitenessClient) -> None:
        self.waiting.pop(politeness_client, None)
        if self.claims.pop(politeness_client, None):
            self._agree()

    def wake(self, name: str) -> None:
        """Wake the runs that wait for the host, which has this name."""
        for politeness_client in tuple(self.waiting):
            politeness_client.wake(name)

    def _agree(self) -> None:
        self.delay = max((claim.delay for claim in self.claims.values()), default=0.0)
        self.concurrency = min((claim.concurrency for claim in self.claims.values()), default=1)
        if self.ready_at != inf:
            self.ready_at = self.started_at + self.delay if self.started_at else 0.0


class Politeness:
    """The hosts that the runs of this process visit. Not thread-safe: all runs live in one event loop."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.hosts: dict[str, _Host] = {}
        self.may_go: Callable[[str, float], bool] = lambda name, delay: True
        """Whether this process may visit a host, with its delay in seconds. If not, the runs are woken once it may."""

    def politeness_client(self, wake: Callable[[str], None]) -> PolitenessClient:
        """Register a run that visits hosts. `wake(host)` is called when a busy host is free again."""
        return PolitenessClient(self, wake)

    def host(self, name: str) -> _Host:
        found = self.hosts.get(name)
        if found is None:
            if len(self.hosts) >= _MANY:
                self._forget()
            found = self.hosts[name] = _Host()
        return found

    def _forget(self) -> None:
        """Forget hosts that no run visits."""
        before = self.clock() - _FORGOTTEN_AFTER
        for name in [n for n, h in self.hosts.items() if not h.claims and max(h.started_at, h.paused_until) < before]:
            del self.hosts[name]


class PolitenessClient:
    """One run, as the table knows it."""

    __slots__ = ("_table", "wake")

    def __init__(self, table: Politeness, wake: Callable[[str], None]) -> None:
        self._table = table
        self.wake = wake

    def wait_for(self, name: str, *, delay: float, concurrency: int) -> float:
        """Return the seconds to wait before a request to a host; 0: it may start now; inf: `wake` will be called."""
        host = self._table.host(name)
        host.claim(self, Claim(delay, concurrency))
        now = self._table.clock()
        wait = max(host.ready_at, host.paused_until) - now
        if host.active >= host.concurrency:
            wait = inf
        elif wait <= 0:
            free_for = now - max(host.ready_at, host.paused_until, host.ended_at)
            if host.waiting and next(iter(host.waiting)) is not self and free_for <= _PATIENCE:
                wait = _PATIENCE
            elif self._table.may_go(name, host.delay):
                return 0.0
            else:
                wait = inf
        host.waiting.setdefault(self)
        return wait

    def started(self, name: str) -> None:
        """Note that a request to a host starts."""
        host = self._table.host(name)
        host.waiting.pop(self, None)
        host.active += 1
        host.started_at = self._table.clock()
        host.ready_at = inf if host.delay else host.started_at

    def sent(self, name: str) -> None:
        """Note that the bytes of a request have just left: the delay begins now, not before a connection is made."""
        host = self._table.host(name)
        host.started_at = self._table.clock()
        woken, host.ready_at = host.ready_at == inf, host.started_at + host.delay
        if woken and host.active < host.concurrency:
            host.wake(name)

    def ended(self, name: str) -> None:
        """Note that a request to a host is over, whatever its result."""
        host = self._table.host(name)
        host.active -= 1
        host.ended_at = self._table.clock()
        if host.ready_at == inf:  # it was never sent
            host.ready_at = host.started_at + host.delay
        host.wake(name)

    def pause(self, name: str, seconds: float, *, page: str) -> None:
        """Pause a host that requests a pause in the answer to a page (429, 503 with Retry-After)."""
        host = self._table.host(name)
        if len(host.crowded) < _MANY_PAGES:
            host.crowded.add(page)
        if len(host.crowded) < _MANY_PAGES:
            seconds = min(seconds, MOST_BY_ONE_PAGE)
        host.paused_until = max(host.paused_until, self._table.clock() + seconds)

    def note_success(self, name: str) -> None:
        """Note that the host gave a good answer for another page."""
        self._table.host(name).crowded.clear()

    def leave(self) -> None:
        """Remove the run: it is over."""
        for name, host in list(self._table.hosts.items()):
            busy = self in host.claims
            host.leave(self)
            if busy:
                host.wake(name)
