"""Wait for what direct requests depend on: receipts of the recorder, and rules of robots.txt."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence

from archive.values.capture import Capture
from crawler.frontier.page_fetch import Fetch
from crawler.policy.shared import Receipt


class FetchReceipts:
    """Waits for the receipts of fetches. It is the `FetchListener` of a `Fetch` and of the worker."""

    def __init__(self) -> None:
        self._waiting: dict[Fetch, asyncio.Future[None]] = {}
        self._captures: defaultdict[Fetch, list[Capture]] = defaultdict(list)

    def acknowledged(self, fetch: Fetch, receipt: Receipt) -> None:
        fetch.acknowledged += 1
        if receipt.error is not None:
            fetch.error = receipt.error
        if receipt.capture is not None:
            self._captures[fetch].append(receipt.capture)
        self._check(fetch)

    async def of(self, fetch: Fetch) -> Sequence[Capture]:
        """Return the captures of a finished fetch, once they are all on disk."""
        waiting = self._waiting[fetch] = asyncio.get_running_loop().create_future()
        self._check(fetch)
        try:
            await waiting
        finally:
            del self._waiting[fetch]
        return self._captures.pop(fetch, [])

    def finish(self, fetch: Fetch) -> None:
        """Ignore fetches that are not waited for: robots.txt."""

    def commit(self) -> None:
        """Do nothing: no frontier holds these fetches."""

    def failed(self, error: Exception) -> None:
        raise error

    def _check(self, fetch: Fetch) -> None:
        waiting = self._waiting.get(fetch)
        if waiting is not None and not waiting.done() and fetch.acknowledged >= fetch.recorded:
            waiting.set_result(None)


class RobotsWaiters:
    """What robots.txt notifies when it is learnt."""

    def __init__(self) -> None:
        self.learnt_of: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)

    def rules_known(self, origin: str) -> None:
        self.learnt_of.pop(origin, asyncio.Event()).set()
