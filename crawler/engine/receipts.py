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
        self._captures: defaultdict[Fetch, list[Capture]] = defaultdict(list)

    def acknowledged(self, fetch: Fetch, receipt: Receipt) -> None:
        fetch.acknowledge(receipt)
        if receipt.capture is not None:
            self._captures[fetch].append(receipt.capture)

    async def of(self, fetch: Fetch) -> Sequence[Capture]:
        """Return the captures of a finished fetch, once they are all on disk."""
        await fetch.written()
        return self._captures.pop(fetch, [])

    def finish(self, fetch: Fetch) -> None:
        """Ignore fetches that are not waited for: robots.txt."""

    def commit(self) -> None:
        """Do nothing: no frontier holds these fetches."""

    def failed(self, error: Exception) -> None:
        raise error


class RobotsWaiters:
    """What robots.txt notifies when it is learnt."""

    def __init__(self) -> None:
        self.learnt_of: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)

    def rules_known(self, origin: str) -> None:
        self.learnt_of.pop(origin, asyncio.Event()).set()
