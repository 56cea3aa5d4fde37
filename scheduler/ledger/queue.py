"""How a run enters the queue: requested by a person, or by a slot of the timetable. Within a transaction."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, false, func, insert, select

from archive.database import figures
from archive.database.schema import runs
from archive.database.statements import announce
from archive.values.counters import Figure
from archive.values.run_id import new_run_id
from scheduler import events, unsaved
from scheduler.pauses import why_paused
from scheduler.run import UNFINISHED, Run, counts_row, run_of
from scheduler.timetables import slots

CHANNEL = "pressmark_runs"
"""Where PostgreSQL announces new runs."""
REASONS = ("down", "busy", "paused", "no-room")
"""Why a slot has no run of its own, as it is counted. The first means that no service was running."""


def queue_manual(
    connection: Connection,
    source: str,
    url: str | None,
    now: datetime,
    *,
    everything: bool = False,
    in_full: bool = False,
) -> Run:
    """Queue a run that a person requested, and return it.

    When one of the same kind is queued already, return that one.
    """
    waiting = select(runs).where(runs.c.source == source, runs.c.status == "queued", runs.c.cancel.is_(False))
    same = runs.c.url.is_(None) if url is None else runs.c.url == url
    wanted = {runs.c.everything: everything, runs.c.in_full: in_full}
    as_much = [func.coalesce(column, false()).is_(value) for column, value in wanted.items()]
    row = connection.execute(waiting.where(same, *as_much).order_by(runs.c.requested_at, runs.c.id)).first()
    return run_of(row) if row else queue(connection, source, now, url=url, everything=everything, in_full=in_full)


def queue_slot(
    connection: Connection,
    source: str,
    at: datetime,
    now: datetime,
    *,
    stands_for: Iterable[datetime] = (),
    beside: Iterable[str] = (),
    held_back: str | None = None,
) -> Run | None:
    """Queue the run of a slot, which also stands for missed slots before it.

    Returns None when the slot is there already or is skipped: because it is paused or held back, or because the source
    has an unfinished run other than those in `beside`.
    """
    if slots.known(connection, source, at):
        return None
    if why := _why_not(connection, source, held_back, set(beside)):
        kind, sentence = why
        for each in (*stands_for, at):
            slots.note(connection, source, each, "skipped", now=now, reason=sentence)
        figures.add(connection, [((Figure.MISSED, (kind,)), 1.0)])
        return None
    run = queue(connection, source, now, tick=at)
    for each in (*stands_for, at):
        slots.note(connection, source, each, "queued", now=now, run=run.id)
    return run


def _why_not(connection: Connection, source: str, held_back: str | None, beside: set[str]) -> tuple[str, str] | None:
    """Return why a slot has no run now: a word for counting, and a sentence."""
    if paused := why_paused(connection, source):
        return "paused", paused
    if held_back:
        return "no-room", held_back
    unfinished = _unfinished(connection, source, beside)
    return ("busy", unfinished) if unfinished else None


def _unfinished(connection: Connection, source: str, beside: set[str]) -> str | None:
    open_runs = select(runs.c.id, runs.c.status).where(runs.c.source == source, runs.c.status.in_(UNFINISHED))
    for row in connection.execute(open_runs.order_by(runs.c.requested_at)):
        if row.id not in beside:
            return f"still {row.status}: {row.id}"
    return None


def queue(
    connection: Connection,
    source: str,
    now: datetime,
    *,
    tick: datetime | None = None,
    url: str | None = None,
    everything: bool = False,
    in_full: bool = False,
) -> Run:
    """Insert a new run."""
    run = Run(
        new_run_id(source, now), source, "queued", now, tick=tick, url=url, everything=everything, in_full=in_full
    )
    values = {
        "id": run.id,
        "source": source,
        "tick": tick,
        "url": url,
        "status": run.status,
        "attempt": run.attempt,
        "requested_at": now,
        "cancel": False,
        "everything": everything,
        "in_full": in_full,
        **counts_row(run.counts),
    }
    connection.execute(insert(runs).values(values))
    unsaved.note(connection, "run", [(run.id,)])
    announce(connection, CHANNEL)
    events.note(connection, now, "run.queued", source=source, run=run.id, tick=tick and tick.isoformat(), url=url)
    return run
