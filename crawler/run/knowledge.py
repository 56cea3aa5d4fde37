"""What a run knows of its URLs before it requests them: captures, states from earlier runs, other addresses."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from functools import partial
from math import inf
from typing import ClassVar, Protocol

from archive.index.pages import UnfetchedUrl
from archive.values.capture import Capture
from archive.values.errors import ArchiveError, DatabaseUnusable
from archive.warc.exchange_records import OriginalGone
from crawler.frontier.canonical_pages import CanonicalPages, Fate
from crawler.frontier.frontier import Frontier
from crawler.frontier.host_queue import Leased
from crawler.frontier.page_fetch import Fetch
from crawler.policy.backoff import patiently
from crawler.policy.order import Order
from crawler.policy.rows import FetchResult, Link, Role, Row, State
from crawler.policy.shared import Parts
from crawler.policy.skip_reasons import count_dropped
from crawler.policy.slices import SLICE
from crawler.run.page_memory import PageMemory

_log = logging.getLogger(__name__)
_MOST_OWED = 50_000
"""URLs that one run leaves to the next."""
_MOST_ALIASES = 100_000
"""Addresses of pages that one run saves."""


class WalkNeeds(Protocol):
    """What a kind of walk wants to know; see `crawler.spiders.walk.Walk`."""

    adaptive: ClassVar[bool]
    trusts_lists: ClassVar[bool]
    edits: ClassVar[bool]


class Knowledge:
    """The knowledge of one run, and what it leaves to the next."""

    def __init__(
        self, order: Order, parts: Parts, wants: type[WalkNeeds], *, seeds: Sequence[str], frontier: Frontier
    ) -> None:
        source, timetable = order.source, order.source.timetable
        adaptive = wants.adaptive or (timetable is not None and timetable.adaptive is not None)
        self.page_memory = PageMemory(
            source,
            parts,
            adaptive=adaptive,
            trusts_lists=wants.trusts_lists,
            edits=wants.edits,
            everything=order.everything,
        )
        self.canonical_pages = CanonicalPages(parts.addresses, seeds)
        self._index, self._collection = parts.index, source.keep.collection
        self._frontier = frontier
        self._alone = bool(order.urls)
        self._lost: set[str] = set()

    def captured(self, urls: Sequence[str]) -> Mapping[str, Capture]:
        """Return the newest good capture of each URL that has one."""
        return self._index.latest_many(self._collection, urls)

    def judge(self, rows: Sequence[Row]) -> Iterator[tuple[Leased, str | None]]:
        """Return leased URLs with their captures; and for those that need no request, the rule that says so."""
        urls = [row.url for row in rows]
        captures = self.captured(urls)
        self.page_memory.recall(urls)
        self.canonical_pages.recall([row.url for row in rows if row.role != Role.REQUISITE])
        for row in rows:
            capture = captures.get(row.url)
            decision = self.page_memory.decide(row, capture)
            if not decision.ask:
                self.page_memory.drop(row.url)
            yield Leased(row, capture), None if decision.ask else decision.rule

    def wanted(self, links: Sequence[Link]) -> bool:
        """Return whether one of the URLs was not seen in this run and will be requested."""
        urls = [link.url for link in links]
        fresh = set(urls) - self._frontier.seen(urls)
        captures = self.captured(sorted(fresh))
        self.page_memory.recall(sorted(fresh))
        return any(link.url in fresh and self.page_memory.decide(link, captures.get(link.url)).ask for link in links)

    def unfetched(self) -> Sequence[UnfetchedUrl]:
        """Return the pages that the previous run left."""
        return () if self._alone else self.page_memory.unfetched()

    def state_of(self, row: Row) -> Fate:
        """Return whether the page of a leased URL was fetched meanwhile under another address, or may be soon."""
        return "free" if row.role == Role.REQUISITE else self.canonical_pages.state_of(row.url)

    def note_request(self, row: Row) -> bool:
        """Note that a URL is being requested; return False when our capture of it may not be the page, or was lost."""
        if row.role != Role.REQUISITE:
            self.canonical_pages.note_request(row.url)
        if row.url in self._lost:
            return False
        known = self.page_memory.of(row.url)
        return known is None or known.verdict is None

    def note_unreadable(self, url: str, capture: Capture) -> bool:
        """Note that the bytes of a page's newest capture can't be read; return whether they are lost.

        The reader marks a lost capture, which is then no longer the newest good one. A store that does not answer
        loses nothing.
        """
        lost = self.captured([url]).get(url) != capture
        if lost:
            self._lost.add(url)
        return lost

    def note_not_kept(self, url: str, error: ArchiveError) -> None:
        """Note why an answer was not kept: a page whose capture is being purged is requested in full."""
        if isinstance(error, OriginalGone):
            self._lost.add(url)

    def note_result(self, fetch: Fetch, settled: FetchResult) -> None:
        """Note that a fetch is over and acknowledged."""
        self.page_memory.note_result(fetch, settled)
        if fetch.is_page:
            self.canonical_pages.over(fetch.url, had=settled.state is State.DONE and settled.reason is None)

    async def drop_unjudged(self) -> None:
        """Pass over URLs that a limit kept from being judged, where they would not have been requested.

        Works in slices, between which other runs get their turn.
        """
        unfetched: list[Sequence[Row]] = []
        for host in self._frontier.waiting():
            while rows := self._frontier.lease(host, SLICE, inf):
                unfetched.append(await patiently(partial(self._pass_over, rows)))
                await asyncio.sleep(0)
        for left in unfetched:
            self._frontier.release(left)
            await asyncio.sleep(0)

    async def _pass_over(self, rows: Sequence[Row]) -> Sequence[Row]:
        """Drop the leased URLs that need no request; return the others."""
        unfetched, passed = [], []
        for leased, rule in self.judge(rows):
            if rule is None:
                unfetched.append(leased.row)
            else:
                count_dropped(self._frontier.tally, rule)
                passed.append(FetchResult(leased.row.id, State.DROPPED, rule))
        self._frontier.write_results(passed)
        return unfetched

    async def write(self, *, over: bool, waits: Callable[[], bool]) -> None:
        """Save what the next run needs; while the database is unreachable, wait for it as long as `waits` returns true.

        A run that is not `over` will be resumed itself and leaves nothing. If the database refuses, nothing is saved:
        that only costs requests.
        """
        try:
            for step in self._steps(over=over):
                await patiently(step, waits)
        except DatabaseUnusable as error:
            _log.warning("page states could not be written: %s", error)

    def _steps(self, *, over: bool) -> Iterator[Callable[[], Awaitable[None]]]:
        yield self.page_memory.flush
        if over:
            yield self._follow
        if over and not self._alone:  # a page alone says nothing about the source
            yield self.drop_unjudged
            yield self._store_unfetched
        yield self._spell

    async def _follow(self) -> None:
        await self.page_memory.follow(await self._frontier.moved())

    async def _store_unfetched(self) -> None:
        await self.page_memory.store_unfetched(await self._frontier.unfetched(_MOST_OWED))

    async def _spell(self) -> None:
        await self.canonical_pages.flush(await self._frontier.aliases(_MOST_ALIASES))
