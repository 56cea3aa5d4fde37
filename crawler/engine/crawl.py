"""One run: its rules and its frontier, and the calls from the engine, the spider and the recorder."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from scrapy.exceptions import CloseSpider
from twisted.python.failure import Failure

from archive.values.capture import Context
from archive.values.errors import ArchiveError, DatabaseUnreachable
from config.errors import ConfigError
from crawler.engine.fetch_metrics import measure
from crawler.engine.login import LoginFailed, log_in
from crawler.engine.refusals import Refusals
from crawler.engine.robots_fetch import RobotsFetches
from crawler.engine.run_recorder import RunRecorder
from crawler.engine.start import go_on, has_taken_up, take_up
from crawler.frontier.admission import Admission
from crawler.frontier.failures import FrontierUnwritable, unwritable
from crawler.frontier.fetch_queue import FetchQueue, PolitenessSettings, RobotsWanted, Step
from crawler.frontier.frontier import Frontier
from crawler.frontier.host_queue import Leased
from crawler.frontier.page_fetch import Fetch, page_id
from crawler.frontier.result_writer import ResultWriter
from crawler.policy.answers import CROWDED, backoff, meaning_of
from crawler.policy.backoff import patiently
from crawler.policy.order import Counts, Ending, Order
from crawler.policy.revisit import conditions, reference
from crawler.policy.robots import product
from crawler.policy.rows import FetchResult, Link, Row, State, host_of
from crawler.policy.scope import Scope
from crawler.policy.shared import Parts
from crawler.run.knowledge import Knowledge
from crawler.run.requests import Requests
from crawler.run.run_log import RunLog
from crawler.run.verdicts import Verdicts
from crawler.spiders import SPIDERS
from extractor.values.urls import normalise
from extractor.values.verdict import DRAWN

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

    from crawler.spiders.walk import Walk

_log = logging.getLogger(__name__)

_MOST_BACKLOG = 512
"""Above this number of exchanges waiting for the disk, nothing new is fetched."""


class Crawl:
    """The state of one run, in the loop of its process."""

    def __init__(self, order: Order, parts: Parts, wake: Callable[[], None]) -> None:
        """Set up the run. `wake` makes Scrapy's engine ask for the next request.

        Raises SecretNotFound, sqlite3.Error.
        """
        source = self.source = order.source
        self.order, self.parts, self.wake = order, parts, wake
        self.seeds = tuple(dict.fromkeys(filter(None, map(normalise, order.urls or source.seeds))))
        self.walk = SPIDERS["page" if order.urls else source.walked_as]
        identity = source.identity(contact=order.contact, user_agent=order.user_agent)
        self.requests = Requests(source, identity, self.seeds)
        self.log = RunLog(order.log, parts.now)
        self.run_recorder = RunRecorder(source, parts, order.frontier.parent)
        self.frontier = Frontier(order.frontier)
        self.scope = Scope(source, self.seeds, self.frontier.tally)
        self.admission = Admission(self.scope, self.frontier.tally, self._trapped)
        self.politeness_client = parts.politeness.politeness_client(self._host_free)
        self.knowledge = Knowledge(order, parts, self.walk, seeds=self.seeds, frontier=self.frontier)
        self.result_writer = ResultWriter(
            self.frontier,
            committed=self._committed,
            refused=self._refused,
            finished=self.knowledge.learn,
            failed=self._unsettled,
        )
        self.robots = RobotsFetches(self)
        self.fetch_queue = self._fetch_queue(product(identity) if source.politeness.robots == "obey" else "")
        self.verdicts = self._verdicts()
        self.ending: Ending | None = None
        self.reason = ""
        """Why the run is ending, as a sentence."""
        self._seeded: list[Link] = []
        self._begun = False
        self._spider: Walk | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._refusals = Refusals(self.frontier.tally, wake=wake, give_up=partial(self.end, "failed"))

    async def prepare(self, spider: Walk) -> None:
        """Do what comes before the seeds: log in, and check what is left of a run that resumes.

        Raises CloseSpider if the run has to end.
        """
        self._spider = spider
        try:
            if self.source.login is not None:
                await log_in(spider, self.source.login)
            if has_taken_up(self.frontier):
                await go_on(self.frontier, self.scope)
        except (LoginFailed, ConfigError) as error:
            self.log.event("login-failed", reason=str(error))
            self.end("failed", str(error))
        except Exception as error:
            self.fail(error)
        self._close_if_ending()

    def plan(self, url: str) -> None:
        """Take a seed that `start` yielded."""
        self._seeded.append(Link(url, self.walk.seed_role, seed=True))

    async def begin(self) -> None:
        """Let the first requests go: those of the seeds, and of what earlier runs left. Raises CloseSpider."""
        try:
            self.frontier.add(self._seeded)
            with suppress(DatabaseUnreachable):  # it was ended while it waited, and has not taken up what was left
                owed = await patiently(lambda: asyncio.to_thread(self.knowledge.owed), lambda: not self.ending)
                await take_up(self.frontier, self.admission, owed)
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
        """Return the next request.

        Returns None when there is none, or when it must wait; then the engine is woken in time.
        """
        if not self._begun or self.ending or self._refusals.full or self.parts.paused:
            return None
        if self.parts.recorder.backlog >= _MOST_BACKLOG:
            return None  # the next receipts wake the engine
        if request := self.robots.next_request():
            return request
        step = self._step()
        if isinstance(step, Leased):
            return self._request(step, spider)
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
        busy = (
            self.fetch_queue.pending
            or self.result_writer.busy
            or (self._spider is not None and self._spider.is_reading)
        )
        return not self.ending and (not self._begun or busy)

    async def remember(self) -> None:
        """Save what the next run needs."""
        over = self.ending != "interrupted" and has_taken_up(self.frontier)
        await self.knowledge.write(over=over, waits=lambda: over and self.ending != "interrupted")

    def limit_reached(self) -> str | None:
        """Return the limit of the source that kept the run from fetching more pages, as a sentence, or None."""
        most = self.source.limits.pages
        return None if self._may_start_page() else f"the limit of {most} pages was reached"

    def end(self, ending: Ending, reason: str) -> None:
        """Start nothing more. The first call wins."""
        if not self.ending:
            self.ending, self.reason = ending, reason
            self.fetch_queue.close()

    def fail(self, error: Exception) -> None:
        """End the run because of a permanent error.

        Scrapy would log the error, find nothing more to do, and report a normal end.
        """
        _log.error("the run %s can't continue", self.order.run, exc_info=error)
        if isinstance(error, sqlite3.OperationalError):
            error = unwritable(self.frontier.path, error)
        ours = isinstance(error, ArchiveError | FrontierUnwritable)
        self.end("failed", str(error) if ours else f"{type(error).__name__}: {error}")

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
        source = self.source
        context = Context(
            collection=source.keep.collection,
            source=source.name,
            run=self.order.run,
            page_id=page_id(self.order.run, row.page or row.id) if row else None,
            via=row.via if row else None,
            hops=row.depth if row else 0,
            record_auth=source.keep.record_auth,
            not_modified=reference(capture) if capture and conditional else None,
        )
        fetch = Fetch(
            self.result_writer, host, context, self._left, row, capture, conditional=conditional, secret=secret
        )
        self.result_writer.begin(fetch)
        return fetch

    def counts(self) -> Counts:
        tally, states = self.frontier.tally, self.frontier.states
        return Counts(
            pages=tally["pages"],
            captures=tally["captures"],
            revisits=tally["revisits"],
            failures=tally["failures"],
            bytes=tally["bytes"],
            queued=states[State.PENDING] + states[State.LEASED],
            drawn=tally[f"verdict:{DRAWN}"],
            tasks={state.name.lower(): states[state] for state in State},
        )

    # --- parts -------------------------------------------------------------------------------------------------------

    def _fetch_queue(self, agent: str) -> FetchQueue:
        politeness = self.source.politeness
        return FetchQueue(
            self.frontier,
            self.politeness_client,
            self.parts.robots,
            PolitenessSettings(politeness.delay.total_seconds(), politeness.concurrency, agent),
            clock=self.parts.politeness.clock,
            wall=self._wall,
            known=self._known,
            drop=self._drop,
            may_start_page=self._may_start_page,
            fate=self.knowledge.fate,
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

    def _request(self, leased: Leased, spider: Walk) -> Request:
        row, capture = leased
        comparable = self.knowledge.ask(row) and self._may_be_unchanged(row) and not self.order.in_full
        asked = conditions(capture) if capture and comparable else {}
        fetch = self.fetch(host_of(row.url), leased, conditional=bool(asked))
        return self.requests.of(fetch, row.url, spider.visit, spider.miss, conditions=asked)

    def _may_be_unchanged(self, row: Row) -> bool:
        """Return whether an answer without a body is enough. A page whose links are followed must be read."""
        if self.walk.needs_body(row, self.scope.depth):
            return self.parts.reread is not None
        return not (self.order.everything and self.walk.reads(row, self.scope.depth))

    # --- callbacks of the parts ---------------------------------------------------------------------------------------

    def _wall(self) -> float:
        return self.parts.now().timestamp()

    def _known(self, rows: Sequence[Row]) -> list[Leased]:
        """Return some URLs with their newest captures. URLs that need no request are skipped."""
        asked = []
        for leased, rule in self.knowledge.judge(rows):
            if rule is None:
                asked.append(leased)
            else:
                self._pass_over(leased, rule)
        return asked

    def _pass_over(self, leased: Leased, rule: str) -> None:
        """Pass over a page that is not requested now.

        If its links lead further, they are read from its newest capture.
        """
        row, capture = leased
        if capture is None or self._spider is None or not self.walk.leads_on(row, self.scope.depth):
            self._drop(row, rule)
        else:
            self._spider.reread(row, capture, lambda found: self._drop(row, rule, found))

    def _drop(self, row: Row, reason: str, links: Sequence[Link] = ()) -> None:
        page = row.page or row.id
        self.result_writer.drop(FetchResult(row.id, State.DROPPED, reason, links, page, modified=row.modified))

    def _may_start_page(self) -> bool:
        most = self.source.limits.pages
        return most is None or self.frontier.tally["pages"] + self.result_writer.open_pages < most

    def _committed(self, hosts: set[int]) -> None:
        most = self.source.limits.bytes
        if most is not None and self.frontier.tally["bytes"] >= most:
            self.end("limited", f"the limit of {most} bytes was reached")
        self.fetch_queue.add(hosts)
        self.fetch_queue.reconsider()
        self.wake()

    def _unsettled(self, error: Exception) -> None:
        self.fail(error)
        self.wake()

    def _trapped(self, reason: str, url: str) -> None:
        self.log.event("trap", reason=reason, url=url[:500])

    def _refused(self, error: ArchiveError) -> float:
        """Return when to retry the page of an exchange that the recorder could not write, in seconds since 1970."""
        self.log.event("not-kept", reason=str(error))
        self.admission.forget()
        return self._wall() + self._refusals.wait(error)

    def _left(self, fetch: Fetch, outcome: Response | Failure) -> None:
        """Count a download that is over, and pause its host from now on if the host is overloaded."""
        measure(self.parts.figures, fetch, outcome)
        if not isinstance(outcome, Failure):
            self._heed(fetch, outcome)
        self.politeness_client.ended(fetch.host)

    def _heed(self, fetch: Fetch, answer: Response) -> None:
        if answer.status not in CROWDED:
            self.politeness_client.welcome(fetch.host)
            return
        meaning = meaning_of(answer.status, answer.headers, answer.url, self.parts.now())
        attempts = fetch.row.attempts if fetch.row else 0
        wait = backoff(attempts, self.parts.backoff) if meaning.wait is None else meaning.wait
        self.politeness_client.pause(fetch.host, wait, page=answer.url)

    def _host_free(self, host: str) -> None:
        self.fetch_queue.woken(host)
        self.wake()

    def _wake_in(self, seconds: float | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None if seconds is None else asyncio.get_running_loop().call_later(seconds, self.wake)
