"""Which worker may visit a host, on a database of several workers: one row a host, by the clock of the database.

Until `until` its holder may start requests; once that has passed, it is when the latest request may have started.
No other worker visits the host before `next_at`, nor within `delay` after `until`. A holder that dies leaves `until` as
if it had made its last request at the very end. A time further ahead than any wait was written while that clock was
ahead: nobody waits longer for it than for the longest wait.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from archive.database.engine import Database
from archive.database.schema import host_claims
from archive.database.statements import shared_clock
from archive.values.wrong_clocks import is_due
from crawler.policy.answers import LONGEST_WAIT
from crawler.policy.host_leases import LEASE, Answer, Granted, Held, Offer, Returned

_SKIPPED_FOR = timedelta(seconds=3)
"""How long a host is left to the first worker that waits for it; that one repeats its wish every second."""
_FORGOTTEN = timedelta(seconds=60)
"""How long the delay of a former visitor is passed on."""
_KEPT = timedelta(days=1)
_LEASE = timedelta(seconds=LEASE)


class HostClaims:
    """The hosts of one worker in the database, under its epoch."""

    def __init__(self, database: Database, worker: str, epoch: int) -> None:
        self._database, self._worker, self._epoch = database, worker, epoch

    def exchange(self, offer: Offer) -> Answer:
        """Return hosts, renew the held ones and take those wanted that are free, in one transaction.

        Raises DatabaseUnusable.
        """
        names = sorted({*offer.wanted, *offer.held, *offer.returned})
        with self._database.claiming() as connection:
            now = shared_clock(connection)
            found = connection.execute(select(host_claims).where(host_claims.c.host.in_(names)))
            rows = {row.host: row for row in found}
            own = {host for host, row in rows.items() if row.epoch == self._epoch}
            for host in offer.returned.keys() & own:
                self._put(connection, host, _returned(offer.returned[host], now))
            renewed = dict[str, bool]()
            for host in offer.held.keys() & own:
                self._put(connection, host, _taken(offer.held[host], now))
                renewed[host] = self._is_waited_for(rows[host], now)
            granted = dict(self._grants(connection, offer.wanted, rows, now))
        return Answer(granted, renewed)

    def forget(self) -> None:
        """Delete the rows of hosts that nobody has visited for a day."""
        with self._database.claiming() as connection:
            connection.execute(delete(host_claims).where(host_claims.c.next_at < shared_clock(connection) - _KEPT))

    def _grants(
        self, connection: Connection, wanted: Mapping[str, float], rows: Mapping[str, Row[Any]], now: datetime
    ) -> Iterator[tuple[str, Granted]]:
        for host, delay in sorted(wanted.items()):
            row = rows.get(host)
            if row is None:
                connection.execute(insert(host_claims).values(host=host, **self._mine(), **_taken(Held(delay, 0), now)))
                yield host, Granted(0.0, 0.0)
            elif self._is_free(row, now):
                granted = self._granted(row, delay, now)
                held = Held(max(delay, granted.delay), granted.wait)
                values = _taken(held, now) | {"wanted_by": None, "wanted_at": None}
                self._put(connection, host, self._mine() | values)
                yield host, granted
            elif row.wanted_by in (None, self._epoch) or not self._is_waited_for(row, now):
                self._put(connection, host, {"wanted_by": self._epoch, "wanted_at": now})

    def _granted(self, row: Row[Any], delay: float, now: datetime) -> Granted:
        # a process of ours that has ended holds nothing now
        used = min(row.until, now) if row.worker == self._worker or row.until > now + _LEASE else row.until
        former = row.delay / 1e6
        longest = timedelta(seconds=max(delay, former, LONGEST_WAIT))
        following = min(max(row.next_at, used + timedelta(seconds=max(delay, former))), now + longest)
        passed_on = former if row.epoch != self._epoch and used > now - _FORGOTTEN else 0.0
        return Granted(max((following - now).total_seconds(), 0.0), passed_on)

    def _is_free(self, row: Row[Any], now: datetime) -> bool:
        over = is_due(row.until, now, _LEASE) or row.epoch == self._epoch or row.worker == self._worker
        return over and not self._is_waited_for(row, now)

    def _is_waited_for(self, row: Row[Any], now: datetime) -> bool:
        """Return whether another worker waits for a host now."""
        return row.wanted_by not in (None, self._epoch) and abs(now - row.wanted_at) < _SKIPPED_FOR

    def _mine(self) -> dict[str, Any]:
        return {"worker": self._worker, "epoch": self._epoch}

    def _put(self, connection: Connection, host: str, values: Mapping[str, Any]) -> None:
        connection.execute(update(host_claims).where(host_claims.c.host == host).values(**values))


def _taken(held: Held, now: datetime) -> dict[str, Any]:
    return {
        "until": now + timedelta(seconds=LEASE),
        "next_at": now + timedelta(seconds=held.pause),
        "delay": int(held.delay * 1e6),
    }


def _returned(returned: Returned, now: datetime) -> dict[str, Any]:
    return {
        "until": now - timedelta(seconds=returned.ago),
        "next_at": now + timedelta(seconds=returned.wait),
        "delay": int(returned.delay * 1e6),
    }
