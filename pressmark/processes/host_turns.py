"""Share the hosts of the crawls with the other workers of the database, where there may be any."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from archive.database.engine import Database
from archive.values.errors import DatabaseUnusable
from crawler.policy.host_leases import HostLeases, Offer
from crawler.policy.politeness import Politeness
from pressmark.processes.essential import ended, essential
from scheduler.workers.host_claims import HostClaims

_log = logging.getLogger(__name__)
_LOOK_EVERY = 0.1
"""Seconds between two looks for new wishes."""
_AGAIN_AFTER = 1.0


@asynccontextmanager
async def sharing_hosts(
    database: Database, worker: str, epoch: int, politeness: Politeness, stop: Callable[[], object]
) -> AsyncIterator[None]:
    """Share hosts with the other workers meanwhile. With SQLite there is one worker, so that costs nothing."""
    if not database.is_shared:
        yield
        return
    turns = HostTurns(HostClaims(database, worker, epoch), politeness)
    keeping = essential(turns.run(), stop)
    try:
        yield
    finally:
        await ended(keeping)
        await turns.close()


class HostTurns:
    """Keeps the leases of hosts of a worker, in its event loop."""

    def __init__(self, claims: HostClaims, politeness: Politeness) -> None:
        self._claims, self._clock = claims, politeness.clock
        self._leases = HostLeases(politeness)
        self._refused: str | None = None
        politeness.may_go = self._leases.may_go

    async def run(self) -> None:
        """Exchange leases until cancelled."""
        await self._forget()
        while True:
            offer = self._leases.offer()
            answered = offer is None or await self._exchange(offer)
            await asyncio.sleep(_LOOK_EVERY if answered else _AGAIN_AFTER)

    async def close(self) -> None:
        """Return all hosts. If the database can't be reached, others take them when the leases end."""
        self._leases.close()
        if (offer := self._leases.offer()) is not None:
            await self._exchange(offer)

    async def _exchange(self, offer: Offer) -> bool:
        sent = self._clock()
        try:
            answer = await asyncio.to_thread(self._claims.exchange, offer)
        except DatabaseUnusable as error:
            if str(error) != self._refused:
                _log.warning("the turns at hosts could not be agreed: %s", error)
            self._refused = str(error)
            return False
        self._refused = None
        self._leases.take(offer, answer, sent, self._clock())
        return True

    async def _forget(self) -> None:
        with suppress(DatabaseUnusable):
            await asyncio.to_thread(self._claims.forget)
