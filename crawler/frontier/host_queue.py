"""Hosts with URLs to fetch: hosts that may be ready stand in a queue, the others sleep until their time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from heapq import heappop, heappush
from math import inf
from typing import NamedTuple

from archive.values.capture import Capture
from crawler.policy.rows import Row

_LONGEST_SLEEP = 3_600.0


class Leased(NamedTuple):
    """A URL that may be fetched, and its newest capture."""

    row: Row
    capture: Capture | None = None


@dataclass(slots=True)
class QueuedHost:
    """A host with URLs to fetch."""

    number: int
    name: str
    leased: deque[Leased] = field(default_factory=deque)
    queued: bool = False
    """Whether it stands in the queue of hosts that may be ready."""
    wakes: float = inf
    """When it returns by itself, at the earliest."""


class HostQueue:
    """The hosts of a run, in no order."""

    def __init__(self, *, clock: Callable[[], float], name: Callable[[int], str]) -> None:
        """`name` returns the name of the host with a number."""
        self._clock, self._name = clock, name
        self._places: dict[int, QueuedHost] = {}
        self._ready: deque[QueuedHost] = deque()
        self._sleeping: list[tuple[float, int]] = []
        self.closed = False

    def __iter__(self) -> Iterator[QueuedHost]:
        return iter(self._places.values())

    @property
    def pending(self) -> bool:
        """Whether a host is ready, or will be by itself."""
        return bool(self._ready or self._sleeping)

    def of(self, number: int) -> QueuedHost:
        place = self._places.get(number)
        if place is None:
            place = self._places[number] = QueuedHost(number, self._name(number))
        return place

    def ready(self) -> Iterator[QueuedHost]:
        """Yield the hosts that are in the queue now; each leaves it."""
        self._wake()
        for _ in range(len(self._ready)):
            place = self._ready.popleft()
            place.queued = False
            yield place

    @property
    def wait(self) -> float | None:
        """Return the seconds until the next host wakes; None when all sleeping hosts wait for an event."""
        return max(self._sleeping[0][0] - self._clock(), 0.0) if self._sleeping else None

    def queue(self, place: QueuedHost) -> None:
        if not place.queued and not self.closed:
            place.queued = True
            self._ready.append(place)

    def sleep(self, place: QueuedHost, seconds: float) -> None:
        wakes = self._clock() + min(seconds, _LONGEST_SLEEP)
        if wakes < place.wakes:
            place.wakes = wakes
            heappush(self._sleeping, (wakes, place.number))

    def close(self) -> None:
        """Make no host ready again."""
        self.closed = True
        self._ready.clear()
        self._sleeping.clear()

    def _wake(self) -> None:
        if not self._sleeping:
            return
        now = self._clock()
        while self._sleeping and self._sleeping[0][0] <= now:
            wakes, number = heappop(self._sleeping)
            place = self._places[number]
            if wakes >= place.wakes:
                place.wakes = inf
            self.queue(place)
