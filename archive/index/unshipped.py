"""Segments that are not in the store yet, and not in this spool: another machine has them, or they are lost."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Row, exists, func, select

from archive.database.engine import Database
from archive.database.schema import captures, damaged, epochs, segments
from archive.database.statements import clock_of
from archive.database.tables_runs import is_alive
from archive.spool.sealed import find_segment

_UNSHIPPED = ("open", "sealed")


@dataclass(frozen=True, slots=True)
class UnshippedSegment:
    """A segment in the spool of another machine."""

    name: str
    worker: str
    host: str | None
    """The name of the machine; None for a worker of an earlier version."""
    captures: int
    seen_at: datetime | None
    """When its worker was last seen alive; None if that is not known."""
    is_gone: bool
    """Whether no worker with this spool is alive."""


def unshipped_elsewhere(
    database: Database, now: datetime, lease: timedelta, *, unindexed: bool = False, here: Collection[str] = ()
) -> Sequence[UnshippedSegment]:
    """Return the segments whose captures can only be read on another machine, oldest first.

    With `unindexed`, those of which the index has no capture count, too: their workers may have written some. In the
    spools with the ids `here`, they do not: who asks reads these.

    A worker is alive while it was seen within its `lease`. One of the same name with another spool does not count: the
    machine was replaced. The name decides only where the spool is unknown, as an earlier version did not note it.
    Without a shared database there are none.
    """
    if not database.is_shared:
        return ()
    count = select(func.count()).where(captures.c.segment_id == segments.c.id).scalar_subquery()
    columns = (segments.c.name, segments.c.path, segments.c.worker, epochs.c.host, epochs.c.seen_at, epochs.c.spool)
    query = select(*columns, count.label("captures")).outerjoin(epochs, epochs.c.id == segments.c.epoch)
    with database.reading() as connection:
        alive = is_alive(clock_of(connection, lambda: now), lease)
        living = connection.execute(select(epochs.c.worker, epochs.c.spool).where(alive)).all()
        rows = connection.execute(query.where(segments.c.state.in_(_UNSHIPPED)).order_by(segments.c.id)).all()
    names, spools = {row.worker for row in living}, {row.spool for row in living}
    return [
        UnshippedSegment(
            row.name,
            row.worker,
            row.host,
            row.captures,
            row.seen_at,
            row.spool not in spools if row.spool else row.worker not in names,
        )
        for row in rows
        if (_may_be_elsewhere(row, here) if unindexed else row.captures and not _is_here(row.path, row.name))
    ]


def _may_be_elsewhere(row: Any, here: Collection[str]) -> bool:
    """Return whether a segment may be in another spool than these, which may be one of this machine."""
    return row.spool not in here if row.spool else not _is_here(row.path, row.name)


@dataclass(frozen=True, slots=True)
class LostSegment:
    """A segment that is neither in the spool nor in the store."""

    name: str
    path: str
    """Where its file was."""
    captures: int
    """Its captures: all, or those that are not marked as out of reach yet."""


def lost_from_spool(database: Database, spools: Iterable[Path], *, with_marked: bool = False) -> Sequence[LostSegment]:
    """Return the segments whose file was deleted before it was shipped, oldest first.

    Those of which all captures are marked as out of reach are among them only `with_marked`.
    `spools` are all of this home, which may have moved. With a shared database, another machine may have the segments:
    see `unshipped_elsewhere`.
    """
    if database.is_shared:
        return ()
    elsewhere = [spool / "open" / "any" for spool in spools]
    gone = [
        row
        for row in _unshipped(database, with_marked)
        if not _is_here(row.path, row.name) and not any(find_segment(path, row.name) for path in elsewhere)
    ]
    # The others have been shipped meanwhile.
    still = {row.name for row in _unshipped(database, with_marked)} if gone else set()
    return [LostSegment(row.name, row.path, row.captures) for row in gone if row.name in still]


def _unshipped(database: Database, with_marked: bool) -> Sequence[Row[Any]]:
    """Return the segments with captures that are not in the store, and not marked as out of reach, if that counts."""
    columns = (segments.c.id, segments.c.name, segments.c.path)
    of_segment = captures.c.segment_id == segments.c.id
    query = select(*columns, func.count().label("captures")).join(captures, of_segment)
    counted = () if with_marked else (~exists().where(damaged.c.capture_id == captures.c.id),)
    with database.reading() as connection:
        query = query.where(segments.c.state.in_(_UNSHIPPED), *counted).group_by(*columns).order_by(segments.c.id)
        return connection.execute(query).all()


@dataclass(frozen=True, slots=True)
class Holder:
    """A worker whose spool has a segment."""

    worker: str
    host: str | None
    """The name of its machine; None for a worker of an earlier version."""

    def __str__(self) -> str:
        return f"the worker {self.worker} on the machine {self.host or '(unknown)'}"


@dataclass(frozen=True, slots=True)
class HeldSegment:
    """A segment that is only in a spool."""

    name: str
    state: str
    """`open` or `sealed`."""
    path: str | None
    """Where its file is, on the machine of its holder."""
    holder: Holder


def working_elsewhere(database: Database, now: datetime, lease: timedelta, here: Collection[str]) -> Sequence[Holder]:
    """Return the live workers whose spool has none of the ids `here`; without a shared database there are none."""
    if not database.is_shared:
        return ()
    with database.reading() as connection:
        alive = is_alive(clock_of(connection, lambda: now), lease)
        rows = connection.execute(select(epochs.c.worker, epochs.c.host, epochs.c.spool).where(alive)).all()
    return [Holder(row.worker, row.host) for row in rows if row.spool not in here]


def held_in_spools(database: Database) -> Sequence[HeldSegment]:
    """Return all segments that the store does not have, with who has them, oldest first."""
    columns = (segments.c.name, segments.c.state, segments.c.path, segments.c.worker, epochs.c.host)
    query = select(*columns).outerjoin(epochs, epochs.c.id == segments.c.epoch)
    with database.reading() as connection:
        rows = connection.execute(query.where(segments.c.state.in_(_UNSHIPPED)).order_by(segments.c.id)).all()
    return [HeldSegment(row.name, row.state, row.path, Holder(row.worker, row.host)) for row in rows]


def holder_of_segment(database: Database, segment: str) -> Holder | None:
    """Return whose spool has a segment; None if the database is not shared, or does not know the segment."""
    if not database.is_shared:
        return None
    query = select(segments.c.worker, epochs.c.host).outerjoin(epochs, epochs.c.id == segments.c.epoch)
    with database.reading() as connection:
        row = connection.execute(query.where(segments.c.name == segment)).one_or_none()
    return None if row is None else Holder(row.worker, row.host)


def _is_here(path: str | None, name: str) -> bool:
    return path is not None and (Path(path).exists() or find_segment(Path(path), name) is not None)
