"""What is remembered of the pages of a source from run to run: when each was asked for, and when it is due again.

No part of what is kept: a page whose row is lost is asked for as one that was just found.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from sqlalchemy import Row, delete, insert, select

from archive.database.engine import Database
from archive.database.postgresql import has_room
from archive.database.schema import owed, pages
from archive.database.statements import insert_or_replace

Last = Literal["new", "changed", "unchanged", "barred", "gone", "failed", "moved"]
"""What came of asking for a page. barred: its answer was not the page, and `verdict` says what it was."""

_BATCH = 500


@dataclass(frozen=True, slots=True)
class PageState:
    """One page of one source."""

    url: str
    fetched_at: datetime
    next_at: datetime
    """When it is due, unless the site itself says that it changed."""
    interval: timedelta
    """To the second."""
    last: Last
    changed_at: datetime | None = None
    """When it was last seen changed, or for the first time."""
    misses: int = 0
    """How often in a row it was not there."""
    signature: str | None = None
    """Of what it said when it was last good, numbers left out."""
    verdict: str | None = None
    mark: str | None = None
    """What the list that names it said of it: a forum's count of replies."""
    listed_at: datetime | None = None
    """When it last changed, as a list had said when it was asked for."""


class Owed(NamedTuple):
    """A URL that a run found and did not have: for a limit, or because the server failed."""

    url: str
    role: int
    """What it is to the walk, by the crawl's own numbers."""
    depth: int
    mark: str | None = None


class Pages:
    def __init__(self, database: Database) -> None:
        self._database = database

    def recall(self, source: str, urls: Sequence[str]) -> dict[str, PageState]:
        """What is remembered of those URLs of which something is."""
        found: dict[str, PageState] = {}
        with self._database.reading() as connection:
            for some in _batches(urls):
                query = select(pages).where(pages.c.source == source, pages.c.url.in_(some))
                found |= {row.url: _state_of(row) for row in connection.execute(query)}
        return found

    def of(self, url: str) -> dict[str, PageState]:
        """What each source that knows a URL remembers of it, by the source."""
        with self._database.reading() as connection:
            query = select(pages).where(pages.c.url == url).order_by(pages.c.source)
            return {row.source: _state_of(row) for row in connection.execute(query)}

    def remember(self, source: str, states: Iterable[PageState]) -> None:
        """Write the states of pages, each in the place of what was remembered before. What has a URL that the database
        has no room for is found anew by each run.
        """
        rows = [_row_of(source, state) for state in states if has_room(self._database.engine, state.url)]
        if rows:
            with self._database.writing() as connection:
                connection.execute(insert_or_replace(connection, pages, "source", "url"), rows)

    def owed(self, source: str) -> list[Owed]:
        """What is left of the last run of a source, in its order."""
        columns = (owed.c.url, owed.c.role, owed.c.depth, owed.c.mark)
        query = select(*columns).where(owed.c.source == source).order_by(owed.c.rank)
        with self._database.reading() as connection:
            return [Owed(*row) for row in connection.execute(query)]

    def is_owed(self, source: str, url: str) -> bool:
        """Whether the last run of a source left a URL to the next one."""
        query = select(owed.c.url).where(owed.c.source == source, owed.c.url == url).limit(1)
        with self._database.reading() as connection:
            return connection.execute(query).first() is not None

    def owe(self, source: str, left: Sequence[Owed]) -> None:
        """Write what a run leaves, in the place of what the one before left."""
        rows = [{"source": source, "rank": rank, **one._asdict()} for rank, one in enumerate(left)]
        with self._database.writing() as connection:
            connection.execute(delete(owed).where(owed.c.source == source))
            if rows:
                connection.execute(insert(owed), rows)


def _row_of(source: str, state: PageState) -> dict[str, object]:
    return {**asdict(state), "source": source, "interval": round(state.interval.total_seconds())}


def _state_of(row: Row[tuple[object, ...]]) -> PageState:
    values = dict(row._mapping)
    del values["source"]
    return PageState(**{**values, "interval": timedelta(seconds=values["interval"])})


def _batches(urls: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(urls), _BATCH):
        yield urls[start : start + _BATCH]
