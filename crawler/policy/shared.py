"""What the runs of a process share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from archive.values.capture import Capture, Context
from archive.values.counters import Figures
from archive.values.errors import ArchiveError
from archive.warc.exchange import Exchange
from crawler.policy.politeness import Politeness
from crawler.policy.revisit import Addresses, Captures, Memory
from crawler.policy.robots import Robots
from crawler.wire.guard import Resolver


class Recorder(Protocol):
    """What the crawl asks of the recorder."""

    @property
    def backlog(self) -> int: ...

    def record(self, exchange: Exchange, context: Context, token: object = None) -> None: ...


class Receipt(Protocol):
    """What the recorder says of an exchange, once it is on the disk for good or could not be put there."""

    @property
    def token(self) -> object: ...

    @property
    def capture(self) -> Capture | None: ...

    @property
    def error(self) -> ArchiveError | None: ...


@dataclass(frozen=True, slots=True)
class ChildLimits:
    """What the process of a user's spider may take."""

    memory: int = 0
    """Bytes; 0 is no limit."""
    stalled_after: float = 30.0
    """Seconds that its event loop may stand still; 0 is no limit."""


@dataclass(slots=True)
class Parts:
    """The recorder, the index, the clock; the tables of hosts and of robots.txt."""

    recorder: Recorder
    index: Captures
    now: Callable[[], datetime]
    reread: Callable[[Capture], bytes | None] | None = None
    """Gives the payload of a capture, out of its content-codings; called in a thread. With it, a page that is unchanged
    is followed through its kept copy; without it, a page whose links are followed is fetched whole each time."""
    memory: Memory | None = None
    """What is remembered of pages from run to run; without it, every page that is found is asked for."""
    addresses: Addresses | None = None
    """What is known of the other addresses of pages."""
    resolver: Resolver | None = None
    backoff: float = 2.0
    """Seconds before a page is tried again for the first time."""
    politeness: Politeness = field(default_factory=Politeness)
    robots: Robots = field(default_factory=Robots)
    figures: Figures = field(default_factory=Figures)
    """What is counted for those who measure."""
    child: ChildLimits = ChildLimits()
    paused: str | None = None
    """Why nothing is to be fetched now; None when nothing stands against it."""
