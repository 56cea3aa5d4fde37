"""Queries about what a run brought: new and changed pages, and responses that are not the page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, func, or_, select

from archive.database.engine import Database
from archive.database.packed_text import NO_TEXT, PageText
from archive.database.schema import captures, texts, worded, wordings
from archive.index.changes import former_text
from archive.index.run_captures import IS_SITE_FILE
from archive.texts.text_version import NEWS, Novelty

_GONE = (404, 410)


@dataclass(frozen=True, slots=True)
class Brought:
    """A capture of a run that brought something new, or something else than the page."""

    url: str
    at: datetime
    record_id: str
    status: int | None
    title: str | None = None
    language: str | None = None
    verdict: str | None = None
    """What it is instead of the page, such as a login; see `extractor.links.verdict`."""
    text: PageText = NO_TEXT
    before: PageText = NO_TEXT
    """The last text that the page had before, of whatever capture; none for a page that never had one."""


class RunReview:
    """What one run brought. Each list has at most `limit` items, in the order of capture."""

    def __init__(self, database: Database, run: str, limit: int) -> None:
        self._database = database
        self._run = run
        self._limit = limit

    def counts(self) -> dict[Novelty, int]:
        """Count the new and the changed pages."""
        query = self._of_run(wordings.c.novelty, func.count(captures.c.urlkey.distinct())).where(
            wordings.c.novelty.in_(NEWS), _FIRST
        )
        with self._database.reading() as connection:
            rows = connection.execute(query.group_by(wordings.c.novelty))
            return {novelty: int(count) for novelty, count in rows}

    def new(self) -> list[Brought]:
        """Return new pages, without texts."""
        with self._database.reading() as connection:
            query = self._news("new", texts.c.title)
            return [_brought(row) for row in connection.execute(query)]

    def changed(self) -> Iterator[Brought]:
        """Yield changed pages with their texts, now and before."""
        query = self._news("changed", texts.c.title, texts.c.content)
        with self._database.reading() as connection:
            for row in connection.execute(query):
                yield _brought(row, before=former_text(connection, row, row.at))

    def other_than_pages(self) -> list[Brought]:
        """Return responses that are something else than the page: a login, a block, a page without any text."""
        verdicts = self._of_run(*_FACTS, wordings.c.verdict).where(wordings.c.verdict.is_not(None))
        empty = (
            select(*_FACTS)
            .join(texts, texts.c.record_id == captures.c.record_id)
            .where(captures.c.run == self._run, captures.c.status == 200, texts.c.state == "none", _is_html())
            .where(~select(worded.c.record_id).where(worded.c.record_id == captures.c.record_id).exists())
        )
        with self._database.reading() as connection:
            found = [row for query in (verdicts, empty) for row in connection.execute(self._first(query))]
            return [_brought(row, before=former_text(connection, row, row.at)) for row in found]

    def gone(self) -> list[Brought]:
        """Return the responses with status 404 or 410."""
        query = select(*_FACTS).where(captures.c.run == self._run, captures.c.status.in_(_GONE))
        with self._database.reading() as connection:
            return [_brought(row) for row in connection.execute(self._first(query.where(~IS_SITE_FILE)))]

    def _news(self, novelty: Novelty, *columns: Any) -> Select[Any]:
        query = self._of_run(*_FACTS, wordings.c.language, *columns)
        query = query.join(texts, texts.c.record_id == captures.c.record_id)
        return self._first(query.where(wordings.c.novelty == novelty, _FIRST))

    def _of_run(self, *columns: Any) -> Select[Any]:
        return (
            select(*columns)
            .select_from(captures)
            .join(worded, worded.c.record_id == captures.c.record_id)
            .join(wordings, wordings.c.id == worded.c.wording_id)
            .where(captures.c.run == self._run)
        )

    def _first(self, query: Select[Any]) -> Select[Any]:
        return query.order_by(captures.c.id).limit(self._limit)


_FACTS = tuple(captures.c[name] for name in ("urlkey", "url", "at", "record_id", "status", "collection", "source"))
_FIRST = wordings.c.record_id == captures.c.record_id
"""Only the first capture of a text counts."""


def _is_html() -> Any:
    return or_(captures.c.mime.like("text/html%"), captures.c.mime.like("application/xhtml%"))


def _brought(row: Row[Any], before: PageText = NO_TEXT) -> Brought:
    facts = row._mapping
    return Brought(
        url=row.url,
        at=row.at,
        record_id=row.record_id,
        status=row.status,
        title=facts.get("title"),
        language=facts.get("language"),
        verdict=facts.get("verdict"),
        text=facts.get("content") or NO_TEXT,
        before=before,
    )
