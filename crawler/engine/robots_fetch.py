"""Fetch robots.txt for a run, and the files beside it, through the same handler as every request, recorded like it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from math import inf
from typing import TYPE_CHECKING

from crawler.engine.fetch_context import FetchContext
from crawler.frontier.page_fetch import Stopped
from crawler.policy.answers import Kind, body_of, meaning_of
from crawler.policy.backoff import backoff
from crawler.policy.robots import (
    LARGEST,
    MOST_REDIRECTS,
    RECEIVED,
    Rules,
    robots_url,
    rules_of,
    too_many_redirects,
    unreachable,
    with_file,
)
from crawler.policy.rows import host_of
from crawler.policy.site_reservations import WELL_KNOWN, WellKnown
from crawler.wire.guard import AddressForbidden

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response
    from twisted.python.failure import Failure

_LATE = 0.05
"""Seconds that a request may be late, so that the timer is not replaced for a rounding error."""


@dataclass(frozen=True, slots=True)
class _Ask:
    origin: str
    url: str
    hops: int = 0
    attempts: int = 0
    file: WellKnown | None = None
    """The file beside robots.txt that is requested; None for robots.txt."""
    rules: Rules | None = None
    """What is known already: the rules of robots.txt, and the files before this one."""


class RobotsFetches:
    """The robots.txt requests that a run has in progress, with their redirects and retries."""

    def __init__(self, crawl: FetchContext) -> None:
        self._crawl = crawl
        self._ready: deque[_Ask] = deque()
        self._timers: set[asyncio.TimerHandle] = set()
        self._waking: asyncio.TimerHandle | None = None
        """Wakes the run when the first of the ready requests may be sent."""
        self._fetching: set[str] = set()

    def request(self, origin: str) -> Request:
        """Return the first request for the rules of an origin. Its host is asked and counted as started."""
        self._fetching.add(origin)
        self._crawl.parts.robots.begin(origin)
        return self._request(_Ask(origin, robots_url(origin)))

    def next_request(self) -> Request | None:
        """Return a redirect or retry that is due, once its host may be requested."""
        for ask in tuple(self._ready):
            wait = self._wait_for(host := host_of(ask.url))
            if wait <= 0:
                self._ready.remove(ask)
                self._crawl.politeness_client.started(host)
                return self._request(ask)
            if wait != inf:  # else the host wakes the run
                self._wake_in(wait)
        return None

    def close(self) -> None:
        """Send nothing more, and leave the rules that are not there yet to other runs."""
        self._ready.clear()
        for timer in (*self._timers, self._waking):
            if timer is not None:
                timer.cancel()
        for origin in tuple(self._fetching):
            self._end(origin)

    def _request(self, ask: _Ask) -> Request:
        fetch = self._crawl.fetch(host_of(ask.url))
        request = self._crawl.requests.of(fetch, ask.url, partial(self._answered, ask), partial(self._missed, ask))
        request.meta.update(download_maxsize=RECEIVED, download_prefix=True)  # regardless of the limits for pages
        fetch.says_what_is_reserved = True
        return request

    def _answered(self, ask: _Ask, response: Response) -> None:
        self._crawl.result_writer.finish(response.meta["fetch"])
        meaning = meaning_of(response.status, response.headers, ask.url, self._crawl.parts.now())
        if meaning.kind is Kind.MOVED and meaning.target:
            self._follow(ask, meaning.target)
        elif meaning.kind is Kind.LATER and ask.file is None and ask.attempts < self._retries:
            self._retry(ask, meaning.wait)
        elif ask.file is None:
            self._learn(ask, _rules(ask.origin, response))
        else:
            self._learn(ask, _with_file(ask, response))

    def _missed(self, ask: _Ask, failure: Failure) -> None:
        fetch = failure.request.meta["fetch"]  # type: ignore[attr-defined]  # set by Scrapy
        self._crawl.result_writer.finish(fetch)
        if isinstance(failure.value, Stopped):
            return
        if ask.rules is not None:  # a file that can't be fetched says nothing, and the pages need not wait for it
            self._learn(ask, ask.rules)
        elif ask.attempts < self._retries and not isinstance(failure.value, AddressForbidden):
            self._retry(ask, None)
        else:
            why, guarded = str(failure.value), _guard_of(failure.value)
            self._store_rules(ask, unreachable(ask.origin, why, guarded=guarded, silent=True))

    @property
    def _retries(self) -> int:
        return self._crawl.source.politeness.retries

    def _follow(self, ask: _Ask, target: str) -> None:
        if ask.hops >= MOST_REDIRECTS:
            self._learn(ask, ask.rules or too_many_redirects(ask.origin))
        else:
            self._queue(replace(ask, url=target, hops=ask.hops + 1))

    def _retry(self, ask: _Ask, wait: float | None) -> None:
        seconds = backoff(ask.attempts, self._crawl.parts.backoff) if wait is None else wait
        again = replace(ask, attempts=ask.attempts + 1)
        self._later(seconds, partial(self._queue, again))

    def _wait_for(self, host: str) -> float:
        politeness = self._crawl.source.politeness
        delay, concurrency = politeness.delay.total_seconds(), politeness.concurrency
        return self._crawl.politeness_client.wait_for(host, delay=delay, concurrency=concurrency)

    def _wake_in(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        if self._waking is not None:
            if self._waking.when() <= loop.time() + seconds + _LATE:
                return
            self._waking.cancel()
        self._waking = loop.call_later(seconds, self._wake)

    def _wake(self) -> None:
        self._waking = None
        self._crawl.wake()

    def _later(self, seconds: float, call: Callable[[], None]) -> None:
        now = asyncio.get_running_loop().time()
        self._timers = {timer for timer in self._timers if timer.when() > now}
        self._timers.add(asyncio.get_running_loop().call_later(seconds, call))

    def _queue(self, ask: _Ask) -> None:
        self._ready.append(ask)
        self._crawl.wake()

    def _learn(self, ask: _Ask, rules: Rules) -> None:
        """Ask for the next file beside robots.txt, if the run obeys what they reserve; store the rules after the last.

        Nothing more is asked of a site that forbids everything.
        """
        rest = WELL_KNOWN[WELL_KNOWN.index(ask.file) + 1 :] if ask.file else WELL_KNOWN
        if self._crawl.order.use is None or rules.verdict == "forbid":
            self._store_rules(ask, rules)
        elif rest:
            self._queue(_Ask(ask.origin, ask.origin + rest[0], file=rest[0], rules=rules))
        else:
            self._store_rules(ask, replace(rules, site=replace(rules.site, complete=True)))

    def _store_rules(self, ask: _Ask, rules: Rules) -> None:
        self._crawl.parts.robots.store(ask.origin, rules)
        self._crawl.log.event("robots", origin=ask.origin, verdict=rules.verdict, reason=rules.reason)
        self._crawl.fetch_queue.rules_known(ask.origin)
        self._end(ask.origin)
        self._crawl.wake()

    def _end(self, origin: str) -> None:
        self._fetching.discard(origin)
        self._crawl.parts.robots.end(origin)


def _guard_of(error: BaseException | None) -> str | None:
    return error.reason if isinstance(error, AddressForbidden) else None


def _with_file(ask: _Ask, response: Response) -> Rules:
    """Return the rules with a file beside robots.txt. One that does not exist or can't be read says nothing."""
    assert ask.file is not None and ask.rules is not None
    if not 200 <= response.status < 300:
        return ask.rules
    try:
        return with_file(ask.rules, ask.file, body_of(response, LARGEST))
    except Exception:  # any exception that a hostile file causes in the parser
        return ask.rules


def _rules(origin: str, response: Response) -> Rules:
    try:
        return rules_of(origin, response.status, body_of(response, LARGEST))
    except Exception as error:  # any exception that a hostile file causes in the parser
        return unreachable(origin, f"it can't be read: {error}")
