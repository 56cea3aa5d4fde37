"""One run: its rules and its frontier, and the calls from the engine, the spider and the recorder."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from scrapy.exceptions import CloseSpider
from twisted.python.failure import Failure

from archive.values.errors import ArchiveError, DatabaseUnreachable
from archive.values.wrong_clocks import steady
from config.errors import ConfigError
from crawler.engine.drawing import Drawing
from crawler.engine.fetch_metrics import measure
from crawler.engine.host_load import note_load
from crawler.engine.login import LoggedOut, LoginFailed, log_in
from crawler.engine.media import MediaOfPages
from crawler.engine.refusals import Refusals
from crawler.engine.robots_fetch import RobotsFetches
from crawler.engine.run_recorder import RunRecorder
from crawler.engine.run_tools import RunTools
from crawler.engine.start import drop_outside, has_restored_urls, restore_urls
from crawler.engine.visits import Visits
from crawler.frontier.admission import Admission
from crawler.frontier.failures import FrontierUnwritable, continues, unwritable
from crawler.frontier.fetch_queue import FetchQueue, PolitenessSettings, RobotsWanted, Step
from crawler.frontier.frontier import Frontier
from crawler.frontier.host_queue import Leased
from crawler.frontier.page_fetch import Fetch, context_of
from crawler.frontier.result_writer import ResultWriter
from crawler.policy.backoff import patiently
from crawler.policy.order import Ending, Order
from crawler.policy.revisit import reference
from crawler.policy.robots import product
from crawler.policy.rows import Link
from crawler.policy.run_limits import byte_limit, page_limit
from crawler.policy.scope import Scope
from crawler.policy.shared import Parts
from crawler.run.knowledge import Knowledge
from crawler.run.requests import Requests
from crawler.run.run_log import RunLog
from crawler.run.verdicts import Verdicts
from crawler.spiders import SPIDERS
from crawler.spiders.requisites import Requisites
from extractor.values.urls import normalise

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

    from crawler.spiders.walk import Walk

_log = logging.getLogger(__name__)

_MOST_BACKLOG = 512
"""Above this number of exchanges waiting for the disk, nothing new is fetched."""


class Crawl:
    """The state of one run, in the loop of its process."""

    def __init__(self, order: Order, parts: Parts, wake: Callable[[], None], frontier: Frontier) -> None:
        """Set up the run. `wake` makes Scrapy's engine ask for the next request.

        Raises NotPermitted, SecretNotFound.
        """
        source = self.source = order.source
        self.order, self.parts, self.wake = order, parts, wake
        self.seeds = tuple(
            dict.fromkeys(filter(None, map(normalise, order.urls or source.urls_on(parts.now().date()))))
        )
        self.walk = SPIDERS["page" if order.urls else source.walked_as]
        identity = source.identity(contact=order.contact, user_agent=order.user_agent)
        self.requests = Requests(source, identity, self.seeds, order.permissions)
        self.log = RunLog(order.log, parts.now)
        self._wall = steady(parts.now, parts.politeness.clock)
        self.run_recorder = RunRecorder(order, parts)
        self.frontier = frontier
        self.scope = Scope(source, self.seeds, self.frontier.tally, self.run_recorder.secret_in)
        self.requisites = Requisites(frontier)
        self.admission = Admission(self.scope, self.frontier.tally, self._trapped)
        self.politeness_client = parts.politeness.politeness_client(self._host_free)
        self.knowledge = Knowledge(order, parts, self.walk, seeds=self.seeds, frontier=self.frontier)
        self.result_writer = ResultWriter(
            self.frontier,
            committed=self._committed,
            refused=self._refused,
            finished=self.knowledge.note_result,
            failed=self._unsettled,
        )
        self.visits = Visits(self, self.walk, self.knowledge)
        self.robots = RobotsFetches(self)
        self._agent = product(identity)
        self.fetch_queue = self._fetch_queue()
        self.verdicts = self._verdicts()
        tools = RunTools(order, parts, self.run_recorder, self.verdicts, self.requests, wake, self.log, frontier.tally)
        self.drawing, self.media = Drawing(tools, self.scope) if source.draws else None, MediaOfPages(tools)
        self.ending: Ending | None = None
        self.reason = ""  # why the run is ending, as a sentence
        self.refusal: Exception | None = None
        """What interrupted the run: a disk or a database that accepts nothing now."""
        self._seeded: list[Link] = []
        self._begun = False
        self._spider: Walk | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._refusals = Refusals(self.frontier.tally, wake=wake, give_up=partial(self.end, "failed"))

    async def prepare(self, spider: Walk) -> None:
        """Do what comes before the seeds: log in, and check what is left of a run that resumes.

        Raises CloseSpider if the run has to end.
        """
        self._spider = self.visits.spider = spider
        try:
            await log_in(spider, self.source, self.order.permissions)
            if has_restored_urls(self.frontier):
                await drop_outside(self.frontier, self.scope)
        except (LoginFailed, ConfigError) as error:
            self.log.event("login-failed", reason=str(error))
            self.end("blocked" if isinstance(error, LoggedOut) else "failed", str(error))
        except Exception as error:
            self.fail(error)
        self._close_if_ending()

    def plan(self, url: str, modified: float | None = None) -> None:
        self._seeded.append(Link(url, self.walk.seed_role, seed=True, modified=modified))

    async def begin(self) -> None:
        """Let the first requests go: those of the seeds, and of what earlier runs left. Raises CloseSpider."""
        try:
            self.frontier.add([*self._seeded, *self.admission.again(self.requisites.styles.restored())])
            with suppress(DatabaseUnreachable):  # it was ended while it waited, and has not taken up what was left
                owed = await patiently(lambda: asyncio.to_thread(self.knowledge.unfetched), lambda: not self.ending)
                await restore_urls(self.frontier, self.admission, owed)
        except Exception as error:
            self.fail(error)
        self._close_if_ending()
        self._begun = True
        self.fetch_queue.add(self.frontier.waiting())
        self.wake()

    def _close_if_ending(self) -> None:
        if self.ending:
            raise CloseSpider(self.ending)

    def next_request(self, spider: Walk) -> Request | None:
        """Return the next request; None when there is none, or when it must wait: the engine is woken in time."""
        if not self._begun or self.ending or self._refusals.full or self.parts.paused:
            return None
        if self.parts.recorder.backlog >= _MOST_BACKLOG:
            return None  # the next receipts wake the engine
        full = self.media.tasks.is_full or (self.drawing is not None and self.drawing.tasks.is_full)
        if (request := self.robots.next_request()) or full:
            return request  # None while pages wait for the browser or their media: each that is done wakes the engine
        if isinstance(step := self._step(), Leased):
            return self.visits.request(step, spider)
        if isinstance(step, RobotsWanted):
            return self.robots.request(step.origin)
        self._wake_in(self.fetch_queue.wait)
        return None

    def _step(self) -> Step | None:
        try:
            return self.fetch_queue.next()
        except Exception as error:
            self.fail(error)
            return None

    @property
    def pending(self) -> bool:
        """Whether there is anything left to do or to wait for."""
        reading = self._spider is not None and self._spider.is_reading
        busy = self.fetch_queue.pending or self.result_writer.busy or reading
        return not self.ending and (not self._begun or busy)

    async def save(self) -> None:
        """Save what the next run needs."""
        over = self.ending != "interrupted" and has_restored_urls(self.frontier)
        await self.knowledge.write(over=over, waits=lambda: over and self.ending != "interrupted")

    def limit_reached(self) -> str | None:
        """Return the limit of the source that kept the run from fetching more pages, as a sentence, or None."""
        return page_limit(self.source.limits, self.frontier.tally["pages"] + self.result_writer.open_pages)

    def end(self, ending: Ending, reason: str) -> None:
        """Start nothing more. The first call wins."""
        if not self.ending:
            self.ending, self.reason = ending, reason
            self.fetch_queue.close()

    def fail(self, error: Exception) -> None:
        """End the run because of an error: as interrupted, if the run continues by itself when the disk has space."""
        if isinstance(error, sqlite3.OperationalError):
            error = unwritable(self.frontier.path, error)
        waits = continues(error)
        _log.error("the run %s can't continue", self.order.run, exc_info=None if waits else error)
        if waits and not self.ending:
            self.refusal = error
        ours = isinstance(error, ArchiveError | FrontierUnwritable)
        self.end("interrupted" if waits else "failed", str(error) if ours else f"{type(error).__name__}: {error}")

    def close(self) -> None:
        """Release everything but the frontier and the log."""
        self.fetch_queue.close()
        self.robots.close()
        self.politeness_client.leave()
        self.result_writer.close()
        if self._timer is not None:
            self._timer.cancel()

    def fetch(
        self, host: str, leased: Leased | None = None, *, conditional: bool = False, secret: bool = False
    ) -> Fetch:
        """Begin a fetch, of a leased URL or of something outside the frontier."""
        row, capture = leased or (None, None)
        not_modified = reference(capture) if capture and conditional else None
        said = self.parts.robots.reservations(row.url, self._agent) if row else ()
        context = context_of(self.source, self.order.run, row, not_modified, said)
        fetch = Fetch(self.result_writer, host, context, self._left, row, capture, conditional=conditional)
        fetch.secret, fetch.sent = secret, self.politeness_client.sent
        self.result_writer.begin(fetch)
        return fetch

    # --- parts -------------------------------------------------------------------------------------------------------

    def _fetch_queue(self) -> FetchQueue:
        politeness = self.source.politeness
        delay, ignores = politeness.delay.total_seconds(), politeness.robots == "ignore"
        return FetchQueue(
            self.frontier,
            self.politeness_client,
            self.parts.robots,
            PolitenessSettings(delay, politeness.concurrency, self._agent, ignores, self.order.use),
            clock=self.parts.politeness.clock,
            wall=self._wall,
            known=self.visits.choose,
            drop=self.visits.drop,
            may_start_page=self._may_start_page,
            fate=self.knowledge.state_of,
            wake=self.wake,
        )

    def _verdicts(self) -> Verdicts:
        return Verdicts(
            self.result_writer,
            self.log,
            retries=self.source.politeness.retries,
            pause=self.parts.backoff,
            wall=self._wall,
            give_up=self.fetch_queue.give_up,
        )

    # --- callbacks of the parts ---------------------------------------------------------------------------------------

    def _may_start_page(self) -> bool:
        return self.limit_reached() is None

    def _committed(self, hosts: set[int]) -> None:
        if limit := byte_limit(self.source.limits, self.frontier.tally["bytes"]):
            self.end("limited", limit)
        self.fetch_queue.add(hosts)
        self.fetch_queue.reconsider()
        self.wake()

    def _unsettled(self, error: Exception) -> None:
        self.fail(error)
        self.wake()

    def _trapped(self, reason: str, url: str) -> None:
        self.log.event("trap", reason=reason, url=url[:500])

    def _refused(self, fetch: Fetch, error: ArchiveError) -> float:
        """Return when to retry the page of an exchange that the recorder could not write, in seconds since 1970."""
        self.log.event("not-kept", reason=str(error))
        self.knowledge.note_not_kept(fetch.url, error)
        self.admission.forget()
        return self._wall() + self._refusals.wait(error)

    def _left(self, fetch: Fetch, outcome: Response | Failure) -> None:
        """Count a download that is over, and pause its host from now on if the host is overloaded."""
        measure(self.parts.figures, fetch, outcome, self.frontier.tally)
        if not isinstance(outcome, Failure):
            note_load(fetch, outcome, self.politeness_client, pause=self.parts.backoff, now=self.parts.now())
        self.politeness_client.ended(fetch.host)

    def _host_free(self, host: str) -> None:
        self.fetch_queue.woken(host)
        self.wake()

    def _wake_in(self, seconds: float | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None if seconds is None else asyncio.get_running_loop().call_later(seconds, self.wake)
