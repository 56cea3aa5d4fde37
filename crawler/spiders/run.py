"""What a walk needs of its run. The engine's `Crawl` implements it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from archive.values.capture import Capture
from config.source import Source
from crawler.frontier.admission import Admission
from crawler.frontier.fetch_queue import FetchQueue
from crawler.frontier.frontier import Frontier
from crawler.frontier.page_fetch import Fetch
from crawler.policy.answers import Answered
from crawler.policy.order import Ending
from crawler.policy.rows import Link
from crawler.policy.scope import Scope
from crawler.policy.shared import Parts
from crawler.policy.skip_reasons import RESERVED, WITHHELD, count_dropped
from crawler.run.knowledge import Knowledge
from crawler.run.requests import Requests
from crawler.run.run_log import RunLog
from crawler.run.verdicts import Verdicts
from crawler.spiders.requisites import Requisites
from crawler.spiders.undecoded import DrawnAnswer, UndecodedAnswer
from extractor.html.page import Page
from extractor.values.verdict import Verdict

Then = Callable[[Sequence[Link]], None]


class NotShown(Exception):
    """A page could not be drawn; the message says why."""


class Drawing(Protocol):
    """A browser that draws pages. `crawler.engine.drawing` implements it."""

    def wants(self, url: str, verdict: Verdict | None, body: bytes) -> bool:
        """Return whether the page of a URL, whose answer has that verdict, is drawn."""
        ...

    def draw(self, fetch: Fetch, page: Answered, then: Callable[[str], None]) -> None:
        """Draw the page of an answer, and give its markup to `then`."""
        ...

    async def look(self, fetch: Fetch, url: str, served: Answered) -> str | None:
        """Return the document of an answer if the storage of the source's session is what scripts log in with.

        Only what it requests is recorded. Raises NotShown.
        """
        ...


class MediaOfPages(Protocol):
    """The video and audio of pages. `crawler.engine.media` implements it."""

    def first(self, fetch: Fetch, answer: UndecodedAnswer | DrawnAnswer, then: Then) -> Then:
        """Return what to do with the links of a page: archive its media, if it has any, and then call `then`."""
        ...

    def first_of_unchanged(self, fetch: Fetch, readings: Readings, then: Callable[[Fetch], None]) -> None:
        """Archive the media of an unchanged page that are missing, and then call `then`."""
        ...


class Readings(Protocol):
    """What reads archived pages. `crawler.spiders.background_readings` implements it."""

    async def archived(self, url: str, capture: Capture) -> Page: ...
    def read(self, what: Fetch, found: Callable[[], Awaitable[Sequence[Link]]], then: Then) -> None: ...


class Run(Protocol):
    """One run, as its walk sees it."""

    source: Source
    seeds: Sequence[str]
    """URLs in their normal form."""
    scope: Scope
    parts: Parts
    frontier: Frontier
    fetch_queue: FetchQueue
    admission: Admission
    knowledge: Knowledge
    requests: Requests
    verdicts: Verdicts
    log: RunLog
    drawing: Drawing | None
    """None for a source that does without a browser."""
    media: MediaOfPages
    requisites: Requisites
    ending: Ending | None

    def wake(self) -> None:
        """Make the engine ask for the next request."""

    def fail(self, error: Exception) -> None:
        """End the run because of a permanent error."""


def ended_unkept(run: Run, fetch: Fetch) -> bool:
    """End a fetch whose answer is not kept; return whether it is one."""
    if fetch.reserved is not None:
        count_dropped(run.frontier.tally, RESERVED)
        run.verdicts.done(fetch, reason=f"{RESERVED} ({fetch.reserved})")
    elif fetch.withheld is not None:
        count_dropped(run.frontier.tally, WITHHELD)
        run.verdicts.failed(fetch, fetch.withheld)
    return fetch.reserved is not None or fetch.withheld is not None
