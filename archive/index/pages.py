"""Remember the pages of a source between runs: when each was requested, and when it is due again.

This is not archived: a page with a lost row is requested like a new one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from sqlalchemy import Row, delete, insert, select

from archive.database.engine import Database
from archive.database.marks import Marks
from archive.database.postgresql import has_room
from archive.database.schema import owed, pages
from archive.database.statements import batches, insert_or_replace
from archive.database.writers import retried

Last = Literal["new", "changed", "unchanged", "barred", "gone", "failed", "moved"]
"""The result of requesting a page. barred: the response was not the page; `verdict` says what it was."""

_BATCH = 500


@dataclass(frozen=True, slots=True)
class PageState:
    """The state of a page of a source."""

    url: str
    fetched_at: datetime
    next_at: datetime
    """When it is due, unless the site announces a change."""
    interval: timedelta
    """To the second."""
    last: Last
    changed_at: datetime | None = None
    """When it was last seen changed, or for the first time."""
    misses: int = 0
    """How often in a row it was missing."""
    signature: str | None = None
    """The signature of its last valid text, without numbers."""
    verdict: str | None = None
    mark: str | None = None
    """A value from the list that names it, such as a forum's count of replies."""
    listed_at: datetime | None = None
    """When it last changed, by a list, at the time of the request."""


class UnfetchedUrl(NamedTuple):
    """A URL that a run found and did not fetch, because of a limit or a failing server."""

    url: str
    role: int
    """Its role in the walk, as the crawl's own number."""
    depth: int
    mark: str | None = None


@dataclass(frozen=True, slots=True)
class FetchPattern:
    """What the browser brought to the pages of one URL pattern of a source."""

    pattern: str
    at: datetime
    """When one of its pages was drawn the last time."""
    gained: int = 0
    """Pages in a row to which the browser brought text."""
    nothing: int = 0
    """Pages in a row to which it brought none."""
    passed: int = 0
    """Pages since then that were not drawn for that."""


class Pages:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._patterns = Marks(database, "fetch-patterns:")
        self._accounts = Marks(database, "mail-accounts:")

    def recall(self, source: str, urls: Sequence[str]) -> dict[str, PageState]:
        """Return the states of these URLs, as far as known."""
        found: dict[str, PageState] = {}
        with self._database.reading() as connection:
            for some in batches(urls, _BATCH):
                query = select(pages).where(pages.c.source == source, pages.c.url.in_(some))
                found |= {row.url: _state_of(row) for row in connection.execute(query)}
        return found

    def of(self, url: str) -> dict[str, PageState]:
        """Return the states of a URL, by source."""
        with self._database.reading() as connection:
            query = select(pages).where(pages.c.url == url).order_by(pages.c.source)
            return {row.source: _state_of(row) for row in connection.execute(query)}

    @retried
    def _store_rows(self, source: str, rows: Sequence[Mapping[str, object]]) -> None:
        with self._database.beside(_lock(source)) as connection:
            connection.execute(insert_or_replace(connection, pages, "source", "url"), rows)

    def store_states(self, source: str, states: Iterable[PageState]) -> None:
        """Store the states of pages, replacing earlier ones. A page with a URL too long for the database is new in each
        run.
        """
        rows = [_row_of(source, state) for state in states if has_room(self._database.engine, state.url)]
        if rows:
            self._store_rows(source, rows)

    def unfetched(self, source: str) -> list[UnfetchedUrl]:
        """Return the URLs that the last run of a source left, in order."""
        columns = (owed.c.url, owed.c.role, owed.c.depth, owed.c.mark)
        query = select(*columns).where(owed.c.source == source).order_by(owed.c.rank)
        with self._database.reading() as connection:
            return [UnfetchedUrl(*row) for row in connection.execute(query)]

    def is_unfetched(self, source: str, url: str) -> bool:
        """Return whether the last run of a source left a URL to the next one."""
        query = select(owed.c.url).where(owed.c.source == source, owed.c.url == url).limit(1)
        with self._database.reading() as connection:
            return connection.execute(query).first() is not None

    @retried
    def store_unfetched(self, source: str, left: Sequence[UnfetchedUrl]) -> None:
        """Store the URLs that a run leaves, replacing those of the run before."""
        rows = [{"source": source, "rank": rank, **one._asdict()} for rank, one in enumerate(left)]
        with self._database.beside(_lock(source)) as connection:
            connection.execute(delete(owed).where(owed.c.source == source))
            if rows:
                connection.execute(insert(owed), rows)

    def patterns(self, source: str) -> dict[str, FetchPattern]:
        """Return what is known of the URL patterns of a source, by pattern."""
        found = self._patterns.all(f"{source}/").values()
        return {known.pattern: known for known in map(_pattern_in, found)}

    def store_patterns(self, source: str, patterns: Iterable[FetchPattern]) -> None:
        """Store what is known of some URL patterns, replacing what was known before.

        A pattern too long for the database is not remembered.
        """
        some = {f"{source}/{one.pattern}": one for one in patterns if has_room(self._database.engine, one.pattern)}
        rows = {name: json.dumps(asdict(one), default=datetime.isoformat) for name, one in some.items()}
        if rows:
            self._patterns.set_all(rows)

    def mail_account(self, source: str) -> str | None:
        """Return what was stored of the user whose mailbox a source reads; None if nothing was."""
        return self._accounts.get(source)

    def note_mail_account(self, source: str, account: str) -> None:
        """Store whose mailbox a source reads, as a digest, and since when."""
        self._accounts.set(source, account)


def _lock(source: str) -> str:
    return f"pages {source}"


def _pattern_in(value: str) -> FetchPattern:
    facts = json.loads(value)
    return FetchPattern(**{**facts, "at": datetime.fromisoformat(facts["at"])})


def _row_of(source: str, state: PageState) -> dict[str, object]:
    return {**asdict(state), "source": source, "interval": round(state.interval.total_seconds())}


def _state_of(row: Row[tuple[object, ...]]) -> PageState:
    values = dict(row._mapping)
    del values["source"]
    return PageState(**{**values, "interval": timedelta(seconds=values["interval"])})
