"""The hosts that this process may visit, when several processes share them: each host has one visitor at a time.

A lease is taken and renewed in batches, never for a single request. Its holder starts requests until a deadline of its
own clock, which is before the end that the other processes see. So a process that stands still, or can't reach the
table of leases, stops by itself. Of a host that others wait for, a holder keeps the lease for a turn only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from crawler.policy.politeness import Claim, Politeness

LEASE = 20.0
"""Seconds for which a host is taken."""
TURN = 10.0
"""Seconds after which a holder gives a host to others that wait for it."""
_MARGIN = 2.0
"""Seconds before its end at which the holder of a lease starts no more requests: some are slow to leave."""
_RENEW_EVERY = 5.0
_ASK_AGAIN_AFTER = 1.0
_IDLE = 3.0
"""Seconds without a request or a waiting run after which a host is returned."""
_FORGOTTEN = 60.0
"""Seconds for which the delay of another visitor applies to us, too."""
_ANY_NUMBER = 1 << 30


class Held(NamedTuple):
    """A host that we keep. Seconds."""

    delay: float
    pause: float
    """How long the host has asked not to be visited, from now."""


class Returned(NamedTuple):
    """A host that we return. Seconds."""

    ago: float
    """Since our latest request."""
    wait: float
    """Until the next request of anyone may start."""
    delay: float


class Granted(NamedTuple):
    """A host that we got. Seconds."""

    wait: float
    """Until our first request may start."""
    delay: float
    """The delay of the visitor before us; 0 if that was long ago."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a process wants of the table of leases, all at once."""

    wanted: Mapping[str, float] = field(default_factory=dict)
    """Hosts, each with our delay in seconds."""
    held: Mapping[str, Held] = field(default_factory=dict)
    returned: Mapping[str, Returned] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the table of leases said to an offer. A held host that is not among the `renewed` is lost."""

    granted: Mapping[str, Granted] = field(default_factory=dict)
    renewed: Mapping[str, bool] = field(default_factory=dict)
    """Each with whether another process waits for it."""


@dataclass(slots=True)
class _Lease:
    since: float
    deadline: float
    inherited_until: float
    delay: float = 0.0
    """At the latest request. The host itself forgets it with the run."""
    ending: bool = False
    """Whether no more requests start, so that it can be returned."""


class HostLeases:
    """The leases of one process. All times are of the clock of its politeness. Not thread-safe."""

    def __init__(self, table: Politeness) -> None:
        self._table, self._clock = table, table.clock
        self._others = table.politeness_client(lambda host: None)
        """Stands for the visitors before us: their delay applies for a while."""
        self._held: dict[str, _Lease] = {}
        self._wanted: dict[str, float] = {}
        self._asked_at: dict[str, float] = {}
        self._renewed_at = 0.0
        self._closing = False

    def may_go(self, host: str, delay: float) -> bool:
        """Return whether a request to a host may start. If not, the next offer
        wants the host, and its runs are woken once it is granted."""
        lease = self._held.get(host)
        if lease and not lease.ending and self._clock() < lease.deadline:
            lease.delay = delay
            return True
        if not self._closing:
            self._wanted[host] = max(delay, self._wanted.get(host, 0.0))
        return False

    def offer(self) -> Offer | None:
        """Return what to ask the table now; None when nothing needs to be asked."""
        now = self._clock()
        returned = {host: self._returned(host, lease, now) for host, lease in self._held.items() if self._ends(host)}
        wanted = {h: delay for h, delay in self._wishes(now).items() if h not in self._held or h in returned}
        if not (wanted or returned or (self._held and now - self._renewed_at >= _RENEW_EVERY)):
            return None
        held = {host: self._kept(host, now) for host in self._held if host not in returned}
        return Offer(wanted, held, returned)

    def take(self, offer: Offer, answer: Answer, sent: float, received: float) -> None:
        """Take the answer to an offer that was sent, and answered, at these times of the clock."""
        self._renewed_at = sent
        self._asked_at.update(dict.fromkeys(offer.wanted, sent))
        for host in offer.returned:
            self._drop(host)
        for host in offer.held:
            if host in answer.renewed:
                self._renew(host, answer.renewed[host], sent)
            else:
                self._drop(host)
        for host, granted in answer.granted.items():
            self._begin(host, granted, sent, received)

    def close(self) -> None:
        """Ask for nothing more, and return what is held with the next offers."""
        self._closing = True
        self._wanted.clear()
        for lease in self._held.values():
            lease.ending = True

    def _wishes(self, now: float) -> dict[str, float]:
        """Return the hosts to ask for now, without those that no run waits for any more."""
        for host in [host for host in self._wanted if not self._table.host(host).waiting]:
            del self._wanted[host]
        self._asked_at = {host: at for host, at in self._asked_at.items() if host in self._wanted}
        before = now - _ASK_AGAIN_AFTER
        return {host: delay for host, delay in self._wanted.items() if self._asked_at.get(host, before) <= before}

    def _ends(self, name: str) -> bool:
        host, lease, now = self._table.host(name), self._held[name], self._clock()
        if host.active:
            return False
        used = max(host.started_at, host.ended_at, lease.since)
        idle = now - used > (_IDLE if not host.waiting else max(LEASE, 3 * lease.delay))
        lease.ending = lease.ending or idle
        return lease.ending

    def _returned(self, name: str, lease: _Lease, now: float) -> Returned:
        host = self._table.host(name)
        ago = now - host.started_at if host.started_at >= lease.since else 0.0
        return Returned(ago, max(lease.delay - ago, host.paused_until - now, 0.0), lease.delay)

    def _kept(self, name: str, now: float) -> Held:
        host, lease = self._table.host(name), self._held[name]
        if now >= lease.inherited_until:
            host.leave(self._others)
        return Held(max(host.delay, lease.delay), max(host.paused_until - now, 0.0))

    def _renew(self, name: str, waited_for: bool, sent: float) -> None:
        host, lease = self._table.host(name), self._held[name]
        lease.deadline = sent + LEASE - _MARGIN
        used = host.started_at >= lease.since
        lease.ending = lease.ending or (waited_for and used and sent - lease.since >= TURN)
        if not lease.ending and self._wanted.pop(name, None) is not None:  # refused after the former deadline
            host.wake(name)

    def _begin(self, name: str, granted: Granted, sent: float, received: float) -> None:
        self._wanted.pop(name, None)
        self._held[name] = _Lease(received, sent + LEASE - _MARGIN, received + _FORGOTTEN, granted.delay, self._closing)
        host = self._table.host(name)
        if granted.delay:
            host.claim(self._others, Claim(granted.delay, _ANY_NUMBER))
        host.paused_until = max(host.paused_until, received + granted.wait)
        host.wake(name)

    def _drop(self, name: str) -> None:
        self._held.pop(name, None)
        self._table.host(name).leave(self._others)
