"""The statements that hand out runs. They are built once: to build them costs more than to run them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, Update, bindparam, func, select, text, update

from archive.database.schema import QUEUED_BY_HAND, pauses, runs
from scheduler.pauses import EVERYTHING

HEAD_START = timedelta(minutes=10)
"""A run by hand goes before those of the timetable that were queued up to this long before it, so that none of them
waits without end."""


def next_run(connection: Connection, only: Collection[str] | None, others: Collection[str]) -> Row[Any] | None:
    """Return the queued run that may start: of those in `only`, unless it is None; none of the sources `others`.

    A run that a person requested goes before one of the timetable that has not waited much longer; otherwise the oldest
    goes first. Its columns: id, source, tick, started_at, requested_at.
    """
    if only is not None:
        return connection.execute(_AMONG, {"ids": list(only)}).first()
    but = {"others": list(others)} if others else {}
    oldest = connection.execute(_BUT if others else _NEXT, but).first()
    if oldest is None or oldest.tick is None:
        return oldest
    by_hand = connection.execute(_BY_HAND_BUT if others else _BY_HAND, but).first()
    return by_hand if by_hand and by_hand.requested_at - oldest.requested_at <= HEAD_START else oldest


def mislaid_run(connection: Connection, epoch: int, held: Collection[str]) -> Row[Any] | None:
    """Return a run that an epoch has taken and is not among those that it holds."""
    return connection.execute(_MISLAID, {"of": epoch, "held": list(held)}).first()


def start_run(connection: Connection, run: str, worker: str, epoch: int, now: datetime) -> None:
    """Write that a worker has a run from now on."""
    connection.execute(_START, {"it": run, "by": worker, "of": epoch, "now": now})


def _next() -> Select[Any]:
    busy = select(runs.c.source).where(runs.c.status == "running")
    paused = select(pauses.c.source)
    nothing_goes = select(pauses.c.source).where(pauses.c.source == EVERYTHING).exists()
    free = (runs.c.status == "queued", runs.c.source.not_in(busy), runs.c.source.not_in(paused), ~nothing_goes)
    columns = runs.c.id, runs.c.source, runs.c.tick, runs.c.started_at, runs.c.requested_at
    return select(*columns).where(*free).order_by(runs.c.requested_at, runs.c.tick, runs.c.id).limit(1)


def _mislaid() -> Select[Any]:
    taken = (runs.c.epoch == bindparam("of"), runs.c.status == "running")
    return select(runs).where(*taken, runs.c.id.not_in(bindparam("held", expanding=True))).limit(1)


def _start() -> Update:
    now = bindparam("now", type_=runs.c.started_at.type)
    values = {"worker": bindparam("by"), "epoch": bindparam("of"), "seen_at": now}
    started = func.coalesce(runs.c.started_at, now)
    return update(runs).where(runs.c.id == bindparam("it")).values(status="running", started_at=started, **values)


_NEXT = _next()
_AMONG = _NEXT.where(runs.c.id.in_(bindparam("ids", expanding=True)))
_BY_HAND = _NEXT.where(text(QUEUED_BY_HAND))
_BUT = _NEXT.where(runs.c.source.not_in(bindparam("others", expanding=True)))
_BY_HAND_BUT = _BUT.where(text(QUEUED_BY_HAND))
_MISLAID, _START = _mislaid(), _start()
