"""Fencing: a worker writes under an epoch, and an epoch that was declared dead never writes again.

A worker that hangs past its lease (stopped, swapped out, asleep) may wake up long after its runs went to another
worker. So every write about a run first checks, in its own transaction, whether the epoch is alive.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, insert, or_, select, update

from archive.database.engine import Database
from archive.database.schema import epochs
from archive.database.statements import clock_of
from archive.database.tables_runs import is_alive
from archive.database.writers import retried
from archive.index.unshipped import Holder
from archive.values.errors import ArchiveError, SpoolLocked
from scheduler.run import StaleEpoch

_FENCE = select(epochs.c.ended_at, epochs.c.seen_at).where(epochs.c.id == bindparam("it")).with_for_update()


class WorkerNameTaken(SpoolLocked):
    """A worker of the same name is alive, with another spool."""

    def __init__(self, worker: str, host: str | None) -> None:
        there = f" on the machine {host}" if host else ""
        ArchiveError.__init__(self, f"another worker named {worker} is alive{there}, with a spool of its own")


class SpoolInUse(SpoolLocked):
    """A live worker of another name has this spool: what is at hand is a copy of it."""

    def __init__(self, worker: str, host: str | None) -> None:
        there = f" on the machine {host}" if host else ""
        ArchiveError.__init__(self, f"the crawling process {worker}{there} still works with this spool")


class Epochs:
    """The epochs of all workers on one database."""

    def __init__(
        self, database: Database, *, now: Callable[[], datetime], lease: timedelta, by_database: bool = False
    ) -> None:
        """A worker silent for longer than `lease` is dead: the setting `worker.lease`.

        `by_database`: leases are timed by the clock that the machines share, if the database has one.
        """
        self._by_database = by_database
        self._database = database
        self._now = now
        self.lease = lease

    def begin(self, worker: str, *, host: str | None = None, spool: str | None = None) -> int:
        """Begin a new epoch for a worker. This ends its earlier ones: its spool has space for one process only.

        `host` is the name of the machine, `spool` identifies the spool. Raises WorkerNameTaken when a worker of this
        name is alive with another spool: two machines with workers of one name would end each other's runs. Raises
        SpoolInUse when a worker of another name is alive with this spool.
        """
        self.reap()
        with self._database.writing() as connection:
            now = self._at(connection)
            earlier = (epochs.c.worker == worker, epochs.c.ended_at.is_(None))
            if spool is not None:
                self._check_name(connection, worker, spool, now)
            connection.execute(update(epochs).where(*earlier).values(ended_at=now))
            values = {"worker": worker, "started_at": now, "seen_at": now, "host": host, "spool": spool}
            return int(connection.execute(insert(epochs).values(**values).returning(epochs.c.id)).scalar_one())

    def _check_name(self, connection: Connection, worker: str, spool: str, now: datetime) -> None:
        others = select(epochs.c.worker, epochs.c.host).where(is_alive(now, self.lease))
        named = others.where(epochs.c.worker == worker, epochs.c.spool != spool)
        if (row := connection.execute(named).first()) is not None:
            raise WorkerNameTaken(worker, row.host)
        using = others.where(epochs.c.worker != worker, epochs.c.spool == spool)
        if (row := connection.execute(using).first()) is not None:
            raise SpoolInUse(row.worker, row.host)

    def end(self, epoch: int) -> None:
        """End the epoch of a worker that stops normally."""
        with self._database.writing() as connection:
            alive = (epochs.c.id == epoch, epochs.c.ended_at.is_(None))
            connection.execute(update(epochs).where(*alive).values(ended_at=self._at(connection)))

    @retried
    def beat(self, epoch: int) -> None:
        """Renew the lease of a worker that writes no other beat. Raises StaleEpoch when that comes too late."""
        with self._database.beside() as connection:
            self.renew(connection, epoch)

    def place_of(self, epoch: int) -> Holder | None:
        """Return the worker of an epoch and its machine; None for an epoch that the database does not know."""
        with self._database.reading() as connection:
            row = connection.execute(select(epochs.c.worker, epochs.c.host).where(epochs.c.id == epoch)).first()
        return None if row is None else Holder(row.worker, row.host)

    def now(self) -> datetime:
        """Return the time by the clock that leases are timed by."""
        with self._database.reading() as connection:
            return self._at(connection)

    def is_any_alive(self, *, but: str | None) -> bool:
        """Return whether a worker of another spool than `but` is alive. Workers of two machines may have one name."""
        other = epochs.c.spool.is_distinct_from(but)
        with self._database.reading() as connection:
            others = select(epochs.c.id).where(is_alive(self._at(connection), self.lease), other)
            return connection.execute(others.limit(1)).first() is not None

    def alive(self) -> set[str]:
        """Return the names of the workers that are alive."""
        with self._database.reading() as connection:
            query = select(epochs.c.worker).where(is_alive(self._at(connection), self.lease))
            return set(connection.execute(query).scalars())

    def reap(self) -> list[int]:
        """End the epochs whose lease has expired, and return them.

        An epoch last seen in the future, because the clock was set back since, gets a new lease from now.
        """
        alive = epochs.c.ended_at.is_(None)
        with self._database.reading() as connection:
            now = self._at(connection)
            dead, ahead = epochs.c.seen_at < now - self.lease, epochs.c.seen_at > now + self.lease
            if connection.execute(select(epochs.c.id).where(alive, or_(dead, ahead)).limit(1)).first() is None:
                return []
        with self._database.writing() as connection:
            connection.execute(update(epochs).where(alive, ahead).values(seen_at=now))
            ended = update(epochs).where(alive, dead).values(ended_at=now).returning(epochs.c.id)
            return sorted(connection.execute(ended).scalars())

    def fence(self, connection: Connection, epoch: int) -> None:
        """Raise StaleEpoch unless the epoch is alive. Call it in the transaction of the write that it protects."""
        row = connection.execute(_FENCE, {"it": epoch}).first()
        if row is None:
            raise StaleEpoch(epoch, "it was never started")
        if row.ended_at is not None:
            raise StaleEpoch(epoch, f"it ended at {row.ended_at:%Y-%m-%dT%H:%M:%SZ}")
        if self._at(connection) - row.seen_at > self.lease:
            raise StaleEpoch(epoch, f"it was last seen at {row.seen_at:%Y-%m-%dT%H:%M:%SZ}, longer ago than its lease")

    def renew(self, connection: Connection, epoch: int) -> None:
        """Renew the lease of a live worker. Raises StaleEpoch when that comes too late."""
        self.fence(connection, epoch)
        connection.execute(update(epochs).where(epochs.c.id == epoch).values(seen_at=self._at(connection)))

    def _at(self, connection: Connection) -> datetime:
        return clock_of(connection, self._now) if self._by_database else self._now()
