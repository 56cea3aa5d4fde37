"""What the runs of a process share."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NamedTuple, Protocol

from archive.values.capture import Capture, Context
from archive.values.counters import Figures
from archive.values.errors import ArchiveError
from archive.warc.derived import Derived
from archive.warc.exchange import Exchange
from crawler.policy.politeness import Politeness
from crawler.policy.revisit import Addresses, Captures, Memory
from crawler.policy.robots import Robots
from crawler.wire.guard import Resolver


class Recorder(Protocol):
    """What the crawl needs of the recorder."""

    @property
    def backlog(self) -> int: ...

    def record(self, exchange: Exchange | Derived, context: Context, token: object = None) -> None: ...


class Receipt(Protocol):
    """The recorder's report on an exchange: it is safe on disk, or could not be written."""

    @property
    def token(self) -> object: ...

    @property
    def capture(self) -> Capture | None: ...

    @property
    def error(self) -> ArchiveError | None: ...


@dataclass(frozen=True, slots=True)
class ChildLimits:
    """The limits and settings of the process of a user's spider."""

    memory: int = 0
    """Bytes; 0: no limit."""
    stalled_after: float = 30.0
    """Seconds that its event loop may be blocked; 0: no limit."""
    confined: Literal["auto"] | bool = "auto"
    """Whether it has no network, no files but its own, and no other programs; auto: as far as the kernel can."""
    scrapy: Mapping[str, Any] = field(default_factory=dict)
    """Settings of Scrapy, which those of the source override."""


class ArchivedBody(NamedTuple):
    """The archived body of a page."""

    body: bytes
    """With its content codings decoded."""
    content_type: str | None
    """The field as the server sent it, with its charset."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BrowserLimits:
    """The browser that draws pages, and what a page may take."""

    program: str = "chromium"
    seconds: float = 120.0
    """After this, the page is taken as it is."""
    quiet: float = 0.5
    """Seconds without a request after which a page is complete."""
    requests: int = 1_000
    bytes: int = 256 << 20
    """Of the bodies that a page receives, decoded; what it requests after that is refused."""
    blocked: tuple[str, ...] = ()
    """Hosts, as in `scope.hosts`, of which only their own pages may request anything."""
    markup: int = 32 << 20
    """Characters."""
    memory: int = 2 << 30
    """Bytes of all processes of the browser."""
    cpu: float = 300.0
    """CPU seconds of all its processes for one page."""
    answers: float = 20.0
    """Seconds that the scripts of a page may keep the browser from answering."""
    nuisances: int = 100
    """Dialogs and windows that a page may open; each is closed at once."""
    picture: Literal["webp", "png", "jpeg"] = "webp"
    scripts: str = ""
    """A directory with scripts for sites, ``example.org.js``; empty: none."""


Lost = Callable[[Collection[str]], Collection[str]]


@dataclass(slots=True)
class Parts:
    """What all runs share: the recorder, the index, the clock, and the tables of hosts and of robots.txt."""

    recorder: Recorder
    index: Captures
    now: Callable[[], datetime]
    reread: Callable[[Capture], ArchivedBody | None] | None = None
    """Returns the payload of a capture, None if there is none; called in a thread.

    With it, the links of an unchanged page are read from its archived copy. Without it, a page whose links are followed
    is fetched in full every time.
    """
    memory: Memory | None = None
    """What is remembered of pages from run to run; without it, every page that is found is requested."""
    addresses: Addresses | None = None
    """What is known of other addresses of pages."""
    resolver: Resolver | None = None
    backoff: float = 2.0
    """Seconds before the first retry of a page."""
    politeness: Politeness = field(default_factory=Politeness)
    robots: Robots = field(default_factory=Robots)
    figures: Figures = field(default_factory=Figures)
    """The metrics."""
    child: ChildLimits = ChildLimits()
    browser: BrowserLimits = BrowserLimits()
    paused: str | None = None
    """Why nothing may be fetched now; None if nothing prevents it."""
    lost: Lost = lambda _: ()
    """Returns which of these records can't be read, were purged, or are about to be: nothing may refer to them. Called
    in a thread.
    """
