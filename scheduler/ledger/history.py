"""Past and present runs, for readers."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from functools import lru_cache, partial
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Dialect,
    Row,
    Select,
    String,
    TextualSelect,
    and_,
    bindparam,
    column,
    func,
    or_,
    select,
    text,
    values,
)

from archive.database.engine import Database
from archive.database.prepared import Query
from archive.database.schema import runs
from config.values.use import Use
from crawler.policy.order import Ending
from scheduler.ledger.answer_cache import RunAnswerCache
from scheduler.ledger.totals import among, over
from scheduler.run import LOOSE, UNFINISHED, Run, Status, UnknownRun, run_of


class Mark(NamedTuple):
    """A run that is over, as a strip of many shows it."""

    source: str
    outcome: Ending
    requested_at: datetime


_ONE = select(runs).where(runs.c.id == bindparam("it"))
_OF_A_MARK = tuple(runs.c[name] for name in Mark._fields)


class History:
    """Reads all runs of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._latest = RunAnswerCache(self._ask_latest)
        self._recent: dict[int, RunAnswerCache[Sequence[Mark]]] = {}
        self._last_use = [Query(database.engine, _select_last_use, loose=loose) for loose in (False, True)]

    def get(self, run: str) -> Run:
        """Return a run. Raises UnknownRun."""
        with self._database.reading() as connection:
            return get(connection, run)

    def list(
        self,
        *,
        source: str | None = None,
        status: Status | None = None,
        outcomes: Collection[Ending] = (),
        before: str | None = None,
        limit: int = 50,
    ) -> Sequence[Run]:
        """List runs, newest first; `before` is the id of the last run of the previous page.

        Raises UnknownRun for that id.
        """
        query = select(runs).order_by(runs.c.requested_at.desc(), runs.c.id.desc()).limit(limit)
        if source is not None:
            query = query.where(runs.c.source == source)
        if status is not None:
            query = query.where(runs.c.status == status)
        if outcomes:
            query = query.where(runs.c.outcome.in_(outcomes))
        with self._database.reading() as connection:
            if before is not None:
                query = query.where(_older_than(get(connection, before)))
            return [run_of(row) for row in connection.execute(query)]

    def unfinished(self, sources: Sequence[str] | None = None) -> Sequence[Run]:
        """Return queued and running runs, in the order of their requests."""
        query = select(runs).where(runs.c.status.in_(UNFINISHED)).order_by(runs.c.requested_at, runs.c.id)
        if sources is not None:
            query = among(query, runs.c.source, sources)
        with self._database.reading() as connection:
            return [run_of(row) for row in connection.execute(query)]

    def giving(self) -> dict[str, int]:
        """Return the finished runs of users' spiders that yielded items: the number of items by id."""
        query = select(runs.c.id, runs.c.spider).where(runs.c.spider.is_not(None), runs.c.status == "over")
        with self._database.reading() as connection:
            given = {row.id: int(json.loads(row.spider)["items"]) for row in connection.execute(query)}
        return {run: count for run, count in given.items() if count}

    def latest(self, sources: Iterable[str]) -> dict[str, Run]:
        """Return the newest finished run of each of these sources that has one.

        Runs of a single page are left out: they say nothing about their source.
        """
        names = list(sources)
        return self._latest.of(names, over(self._database, names))

    def recent(self, sources: Iterable[str], each: int) -> dict[str, Sequence[Mark]]:
        """Return the last finished runs of each source, oldest first, without runs of a single page."""
        names = list(sources)
        remembered = self._recent.setdefault(each, RunAnswerCache(partial(self._ask_recent, each)))
        return dict.fromkeys(names, ()) | remembered.of(names, over(self._database, names))

    def _ask_latest(self, sources: Sequence[str]) -> dict[str, Run]:
        return {row.source: run_of(row) for row in self._last(list(runs.c), sources, 1)}

    def _ask_recent(self, each: int, sources: Sequence[str]) -> dict[str, Sequence[Mark]]:
        found: dict[str, list[Mark]] = {name: [] for name in sources}
        for row in self._last(_OF_A_MARK, sources, each):
            found[row.source].append(Mark._make(row))
        return {name: tuple(marks) for name, marks in found.items()}

    def _last(self, columns: Sequence[ColumnElement[Any]], sources: Sequence[str], each: int) -> Sequence[Row[Any]]:
        if not sources:
            return ()
        statement, constants = _last(self._database.engine.dialect, tuple(columns), len(sources), each)
        names = zip(_names(len(sources)), sources, strict=True)
        with self._database.reading() as connection:
            return connection.execute(statement, {**constants, **dict(names)}).all()

    def last_use(self, source: str) -> Use | None:
        """Return the `use` of a source at its last run; None without such a run, or if the source had none.

        For LOOSE, it is the last one that was described: runs of single pages need no description.
        """
        rows = self._last_use[source == LOOSE].rows(source=source)
        return rows[0][0] if rows else None

    def received(self, source: str) -> int:
        """Return the bytes that all runs of a source have received so far: its quota is measured by them."""
        query = select(func.coalesce(func.sum(runs.c.bytes), 0)).where(runs.c.source == source)
        with self._database.reading() as connection:
            return int(connection.execute(query).scalar_one())


def get(connection: Connection, run: str) -> Run:
    """Return a run. Raises UnknownRun."""
    row = connection.execute(_ONE, {"it": run}).first()
    if row is None:
        raise UnknownRun(run)
    return run_of(row)


def _select_last_use(*, loose: bool) -> Select[Any]:
    described = runs.c.use if loose else runs.c.config_hash
    query = select(runs.c.use).where(runs.c.source == bindparam("source"), described.is_not(None))
    return query.order_by(runs.c.requested_at.desc()).limit(1)


def _older_than(run: Run) -> ColumnElement[bool]:
    same_moment = and_(runs.c.requested_at == run.requested_at, runs.c.id < run.id)
    return or_(runs.c.requested_at < run.requested_at, same_moment)


def _names(sources: int) -> list[str]:
    return [f"source_{number}" for number in range(sources)]


# SQLAlchemy does not cache a statement with VALUES: building this one takes longer than running it
@lru_cache(maxsize=16)
def _last(
    dialect: Dialect, columns: tuple[ColumnElement[Any], ...], sources: int, each: int
) -> tuple[TextualSelect, dict[str, Any]]:
    """Build the query for the last finished runs of many sources, without runs of a single page, oldest first.

    The second value has its parameters except the names.
    """
    names = [(bindparam(name, type_=String),) for name in _names(sources)]
    named = values(column("name", String), name="named").data(names).cte()
    run = runs.alias()
    of_source = (run.c.source == named.c.name, run.c.url.is_(None), run.c.status == "over")
    last = select(run.c.id).where(*of_source)
    last = last.order_by(run.c.requested_at.desc()).limit(each).correlate(named)
    found = select(*columns).select_from(named.join(runs, runs.c.id.in_(last)))
    named_ones = type(dialect)(paramstyle="named")  # type: ignore[call-arg]  # every dialect takes it
    written = found.order_by(runs.c.requested_at, runs.c.id).compile(dialect=named_ones)
    sql = str(written).replace("::", r" \:\:")  # PostgreSQL's casts, so that they are not read as names
    return text(sql).columns(*columns), written.params
