"""What to fetch next, and when: the frontier's URLs host by host, as politeness and robots.txt allow."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from math import inf
from typing import NamedTuple

from archive.values.errors import DatabaseUnreachable
from config.values.use import Use
from crawler.frontier.canonical_pages import Fate
from crawler.frontier.frontier import Frontier
from crawler.frontier.host_queue import HostQueue, Leased, QueuedHost
from crawler.policy import backoff as patience
from crawler.policy.answers import LONGEST_WAIT
from crawler.policy.politeness import PolitenessClient
from crawler.policy.robots import Robots, Rules, origin_of
from crawler.policy.rows import Role, Row
from crawler.policy.skip_reasons import RESERVED
from crawler.policy.uses import not_kept

BATCH = 32
_MOST_AT_ONCE = 128
"""URLs that are written off before the event loop gets its turn again."""
_SOON = 0.1
"""Seconds until a page is checked again that is being requested under another address."""

_log = logging.getLogger(__name__)


class RobotsWanted(NamedTuple):
    """The rules of an origin must be fetched first."""

    origin: str
    host: str


Step = Leased | RobotsWanted


@dataclass(frozen=True, slots=True)
class PolitenessSettings:
    """The politeness settings of the source."""

    delay: float
    concurrency: int
    agent: str
    """The product token for robots.txt."""
    ignores_rules: bool = False
    """Whether its rules and Crawl-delay are ignored. What the site reserves is obeyed anyway."""
    use: Use | None = None
    """Why the pages are archived."""


class FetchQueue:
    """Gives out one URL after another. Hosts take turns; within a host the most urgent URL comes first."""

    def __init__(
        self,
        frontier: Frontier,
        politeness_client: PolitenessClient,
        robots: Robots,
        politeness_settings: PolitenessSettings,
        *,
        clock: Callable[[], float],
        wall: Callable[[], float],
        known: Callable[[list[Row]], list[Leased]],
        drop: Callable[[Row, str], None],
        may_start_page: Callable[[], bool],
        fate: Callable[[Row], Fate] = lambda row: "free",
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        """Set up the queue.

        `known` returns what the index has of leased URLs; `drop` writes off a URL that is not fetched, with the reason;
        `fate` returns whether a page was fetched under another address. `clock` is the clock of `politeness_client`;
        `wall` is the clock of the frontier, in seconds since 1970.
        """
        self._frontier = frontier
        self._politeness_client = politeness_client
        self._robots = robots
        self._politeness_settings = politeness_settings
        self._clock, self._wall = clock, wall
        self._known, self._drop, self._may_start_page = known, drop, may_start_page
        self._fate, self._wake = fate, wake
        self._places = HostQueue(clock=clock, name=frontier.host)
        self._wanted: dict[str, QueuedHost] = {}
        self._busy: dict[str, QueuedHost] = {}
        self._began = robots.clock()
        """A robots.txt that failed before this time is requested again."""
        self._pages_wait = False
        self._away_until = -inf
        with suppress(sqlite3.OperationalError):  # a full disk, mostly: nothing is lost
            frontier.shorten_waits(wall(), LONGEST_WAIT)
        self.add(frontier.waiting())

    def add(self, hosts: Iterable[int]) -> None:
        """Note that these hosts may have URLs to lease."""
        for number in hosts:
            self._places.queue(self._places.of(number))

    def next(self) -> Step | None:
        """Return what to fetch now; None when there is nothing, or not yet (see `wait`)."""
        for place in self._places.ready():
            if step := self._step(place):
                return step
        return None

    @property
    def wait(self) -> float | None:
        """Seconds until `next` may have something; None when only an event will change that."""
        return self._places.wait

    @property
    def pending(self) -> bool:
        """Whether URLs are left that will be given out sooner or later."""
        return not self._places.closed and bool(self._places.pending or self._wanted or self._busy)

    def woken(self, host: str) -> None:
        """Note that a busy host is free again."""
        if place := self._busy.pop(host, None):
            self._places.queue(place)

    def rules_known(self, origin: str) -> None:
        """Note that the rules of an origin are in the table now."""
        if place := self._wanted.pop(origin, None):
            self._places.queue(place)

    def _rules_fetched(self, origin: str) -> None:
        """Note that another run has fetched the rules of an origin, or has stopped."""
        self.rules_known(origin)
        self._wake()

    def reconsider(self) -> None:
        """Look at every host again if pages had to wait for fetches, some of which are over now."""
        if self._pages_wait and self._may_start_page():
            self._pages_wait = False
            for place in self._places:
                self._places.queue(place)

    def give_up(self, host: str) -> int:
        """Write off the remaining URLs of a host and return their number."""
        given_up = 0
        for place in self._places:
            if place.name == host:
                self._frontier.release([one.row for one in place.leased])
                place.leased.clear()
                given_up += self._frontier.give_up(place.number, "host-unreachable")
        return given_up

    def close(self) -> None:
        """Give out nothing more, and return the URLs leased in advance."""
        self._places.close()
        with suppress(sqlite3.OperationalError):  # a full disk, mostly: they return when the file is opened again
            self._frontier.release([one.row for place in self._places for one in place.leased])
        for place in self._places:
            place.leased.clear()

    def _step(self, place: QueuedHost) -> Step | None:
        """Return the next step for the first URL of a host; None when the host has no URL or must wait."""
        agent = self._politeness_settings.agent
        for _ in range(_MOST_AT_ONCE):
            if not self._lease(place):
                return None
            first = place.leased[0]
            if (fate := self._fate(first.row)) == "had":
                self._drop(place.leased.popleft().row, "alias")
                continue
            if fate == "asked":
                self._places.sleep(place, _SOON)
                return None
            rules = self._rules(first.row.url)
            if rules is None:
                return self._want_robots(place, origin_of(first.row.url))
            if rules.allow(first.row.url, agent):
                if self._is_reserved(rules, first.row.url):
                    self._drop(place.leased.popleft().row, RESERVED)
                    continue
                if not self._may_go(place, rules.delay(agent)):
                    return None
                self._places.queue(place)
                return place.leased.popleft()
            self._drop(place.leased.popleft().row, rules.word)
        self._places.sleep(place, 0.0)
        return None

    def _lease(self, place: QueuedHost) -> bool:
        """Make sure that a URL of this host that may start is leased; return False when there is none."""
        if self._places.closed:
            return False
        requisites_only = not self._may_start_page()
        self._pages_wait = self._pages_wait or requisites_only
        if requisites_only and any(one.row.role != Role.REQUISITE for one in place.leased):
            self._frontier.release([one.row for one in place.leased])
            place.leased.clear()
        for _ in range(_MOST_AT_ONCE // BATCH):
            if place.leased:
                return True
            if not self._lease_some(place, requisites_only):
                return False
        self._places.sleep(place, 0.0)
        return bool(place.leased)

    def _lease_some(self, place: QueuedHost, requisites_only: bool) -> bool:
        """Lease URLs of a host that need to be requested. Return False when there are none, or they must wait.

        An unreachable database gets a query for one host only, not for each: every query may block the event loop.
        """
        if (away := self._away_until - self._clock()) > 0:
            self._places.sleep(place, away)
            return False
        try:
            rows = self._frontier.lease(place.number, BATCH, self._wall(), requisites_only=requisites_only)
        except sqlite3.OperationalError as error:  # usually a full disk
            _log.warning("no URL of %s can be leased: %s", place.name, error)
            self._places.sleep(place, patience.AGAIN)
            return False
        if not rows:
            self._sleep_until_due(place, requisites_only)
            return False
        try:
            place.leased.extend(self._known(rows))
        except DatabaseUnreachable as error:
            _log.warning("the captures of %d URLs could not be looked up: %s", len(rows), error)
            self._frontier.release(rows)
            self._away_until = self._clock() + patience.AGAIN
            self._places.sleep(place, patience.AGAIN)
            return False
        return True

    def _sleep_until_due(self, place: QueuedHost, requisites_only: bool) -> None:
        due = self._frontier.next_due(place.number, now := self._wall(), requisites_only=requisites_only)
        if due is not None:
            self._places.sleep(place, due - now)

    def _rules(self, url: str) -> Rules | None:
        settings = self._politeness_settings
        if settings.ignores_rules and settings.use is None:
            return _NO_RULES
        rules = self._robots.of(origin_of(url), since=self._began, complete=settings.use is not None)
        return replace(_NO_RULES, site=rules.site) if rules and settings.ignores_rules else rules

    def _is_reserved(self, rules: Rules, url: str) -> bool:
        """Return whether the site reserves a page whatever its answer says: it is not requested."""
        settings = self._politeness_settings
        return not_kept(settings.use, rules.site.of(url, settings.agent)) is not None

    def _want_robots(self, place: QueuedHost, origin: str) -> RobotsWanted | None:
        if origin in self._wanted:
            return None
        if self._robots.wait(origin, self._rules_fetched):
            self._wanted[origin] = place
            return None
        if not self._may_go(place, 0.0):
            return None
        self._wanted[origin] = place
        return RobotsWanted(origin, place.name)

    def _may_go(self, place: QueuedHost, delay: float) -> bool:
        politeness_settings = self._politeness_settings
        wait = self._politeness_client.wait_for(
            place.name, delay=max(delay, politeness_settings.delay), concurrency=politeness_settings.concurrency
        )
        if wait <= 0:
            self._politeness_client.started(place.name)
            return True
        if wait == inf:
            self._busy[place.name] = place
        else:
            self._places.sleep(place, wait)
        return False


_NO_RULES = Rules("allow", "robots.txt is ignored")
