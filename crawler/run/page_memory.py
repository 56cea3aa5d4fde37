"""What a run learns of its pages, and what it knows of them from earlier runs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from archive.index.pages import Last, PageState, UnfetchedUrl
from archive.values.capture import Capture
from archive.values.errors import DatabaseUnreachable
from archive.values.wrong_clocks import is_ahead
from config.source import Source
from crawler.policy.backoff import forgone
from crawler.policy.revisit import (
    Bounds,
    Decision,
    decide,
    due_by_itself,
    gone_for_good,
    is_known_from_list,
    led_to,
    moment,
    seen,
)
from crawler.policy.rows import Link, Moved, Role, Row, State
from crawler.policy.shared import Parts
from extractor.html.page import Page
from extractor.links.signature import signature

if TYPE_CHECKING:
    from crawler.frontier.page_fetch import Fetch
    from crawler.policy.rows import FetchResult

_log = logging.getLogger(__name__)
_MANY = 200
"""States that are written at once."""
_GONE = ("404", "410")


class PageMemory:
    """The page memory of one run. Without a memory, each run requests every page that it finds."""

    def __init__(
        self,
        source: Source,
        parts: Parts,
        *,
        adaptive: bool,
        trusts_lists: bool,
        edits: bool,
        everything: bool = False,
    ) -> None:
        """Set up the memory.

        `adaptive`: pages are requested when they are due; `trusts_lists`: only once their list shows a change; `edits`:
        or when they may have been edited; `everything`: in any case.
        """
        self._source, self._parts = source.name, parts
        self._memory = parts.memory
        self.adaptive = adaptive and parts.memory is not None
        self._trusts_lists = trusts_lists
        self.everything = everything
        self.bounds = bounds_of(source)
        self._quiet_at_most = _quiet_at_most(source) if edits else None
        self._known: dict[str, PageState] = {}
        self._learnt: dict[str, PageState] = {}
        self._writing: asyncio.Task[None] | None = None

    def recall(self, urls: Sequence[str]) -> None:
        """Look up what is known of leased URLs."""
        if self._memory is not None and self.adaptive:
            missing = [url for url in urls if url not in self._learnt]
            self._known |= self._memory.recall(self._source, missing)

    def decide(self, row: Row | Link, capture: Capture | None) -> Decision:
        """Decide whether a URL is requested."""
        return decide(
            capture,
            self.of(row.url),
            self._parts.now(),
            modified=None if self.everything else row.modified,
            mark=row.mark,
            trusted=self._trusts_lists,
            quiet_at_most=self._quiet_at_most,
            remembers=self._memory is not None,
        )

    def of(self, url: str) -> PageState | None:
        return self._learnt.get(url) or self._known.get(url)

    def drop(self, url: str) -> None:
        """Forget what is known of a URL that is not requested."""
        self._known.pop(url, None)

    def sign(self, page: Page) -> str | None:
        """Return the signature that shows whether a page changed, where one is needed."""
        return signature(page) if self.adaptive else None

    def is_alike(self, fetch: Fetch) -> bool:
        """Return whether a page says the same as when it was last fetched."""
        before = self.of(fetch.url)
        return before is not None and before.signature is not None and before.signature == fetch.signature

    def note_result(self, fetch: Fetch, settled: FetchResult) -> None:
        """Note that a fetch is over and acknowledged."""
        row = fetch.row
        if not self.adaptive or row is None or row.role == Role.REQUISITE or settled.state is State.PENDING:
            return
        before = self._known.pop(row.url, None) or self._learnt.get(row.url)
        self._learnt[row.url] = self._state(before, fetch, settled, row)
        if len(self._learnt) >= _MANY and self._writing is None:
            self._writing = asyncio.get_running_loop().create_task(self._write_some())

    def unfetched(self) -> Sequence[UnfetchedUrl]:
        """Return the pages that earlier runs found and did not fetch."""
        return self._memory.unfetched(self._source) if self._memory is not None and self.adaptive else ()

    async def flush(self) -> None:
        """Save what was learnt. A disk that refuses only costs requests of the next run.

        Raises DatabaseUnreachable: then it may be called again, like `follow` and `store_unfetched`.
        """
        if self._writing is not None:
            await self._writing
        await self._write()

    async def follow(self, moved: Sequence[Moved]) -> None:
        """Save, for pages that redirected, the result of their final target. What was learnt is flushed before."""
        with forgone(_log, "the results of %d redirects could not be written", len(moved)):
            for start in range(0, len(moved), _MANY):
                await asyncio.to_thread(self._follow, moved[start : start + _MANY])

    async def store_unfetched(self, left: Sequence[UnfetchedUrl]) -> None:
        """Leave to the next run the pages that this one found and did not fetch."""
        with forgone(_log, "%d URLs for the next run could not be written", len(left)):
            if self._memory is not None and self.adaptive:
                await asyncio.to_thread(self._memory.store_unfetched, self._source, left)

    def _state(self, before: PageState | None, fetch: Fetch, settled: FetchResult, row: Row) -> PageState:
        now = self._parts.now()
        at = fetch.kept.at if fetch.kept is not None and not is_ahead(fetch.kept.at, now) else now
        state = seen(
            before,
            row.url,
            _last(before, fetch, settled),
            at,
            self.bounds,
            signature=fetch.signature,
            verdict=fetch.verdict.kind if fetch.verdict else None,
            mark=fetch.mark or row.mark,
            listed=row.modified,
        )
        return self._for(settled.reason, state)

    def _for(self, reason: str | None, state: PageState) -> PageState:
        """Return what is remembered of a page that was not fetched, for a reason."""
        return gone_for_good(state, self.bounds) if reason is not None and reason.startswith("410") else state

    def _follow(self, moved: Sequence[Moved]) -> None:
        if self._memory is None or not self.adaptive:
            return
        known = self._memory.recall(self._source, list({url for one in moved for url in (one.url, one.end)}))
        ended = {
            url: self._for(reason, led_to(known[url], known[end], self.bounds))
            for url, end, reason in moved
            if {url, end} <= known.keys()
        }
        self._memory.store_states(self._source, [state for url, state in ended.items() if state != known[url]])

    async def _write_some(self) -> None:
        with suppress(DatabaseUnreachable):  # saved with the next learnt state, or by `flush`
            await self._write()

    async def _write(self) -> None:
        learnt, self._learnt = self._learnt, {}
        try:
            with forgone(_log, "the states of %d pages could not be written", len(learnt)):
                if learnt and self._memory is not None:
                    await asyncio.to_thread(self._memory.store_states, self._source, list(learnt.values()))
        except DatabaseUnreachable:
            self._learnt = learnt | self._learnt
            raise
        finally:
            self._writing = None


def bounds_of(source: Source) -> Bounds:
    """Return the bounds of the intervals at which the pages of a source are requested again."""
    adaptive = source.timetable.adaptive if source.timetable else None
    return Bounds() if adaptive is None else Bounds(adaptive.min, adaptive.max)


def due_of(source: Source, state: PageState, *, trusts_lists: bool, edits: bool) -> datetime | None:
    """Return when a page is requested if its lists show no change until then; None: never.

    The arguments are those of `PageMemory`.
    """
    if not (trusts_lists and is_known_from_list(state)):
        return state.next_at
    if not edits:
        return None
    return due_by_itself(state, state.fetched_at, moment(state.listed_at), _quiet_at_most(source))


def _quiet_at_most(source: Source) -> timedelta:
    adaptive = source.timetable.adaptive if source.timetable else None
    return timedelta.max if adaptive is None else adaptive.max


def _last(before: PageState | None, fetch: Fetch, settled: FetchResult) -> Last:
    if fetch.verdict is not None and not fetch.verdict.is_page:
        return "gone" if fetch.verdict.kind == "soft-404" else "barred"
    if settled.state is State.REDIRECTED:
        return "moved"
    if settled.reason is not None:
        return "gone" if settled.state is State.DONE and settled.reason.startswith(_GONE) else "failed"
    if fetch.kept is not None and fetch.kept.kind == "not-modified":
        return "unchanged"
    if fetch.capture is None and before is None:
        return "new"
    same = fetch.kept is not None and fetch.capture is not None and fetch.kept.sha256 == fetch.capture.sha256
    alike = before is not None and before.signature is not None and before.signature == fetch.signature
    return "unchanged" if same or alike else "changed"
