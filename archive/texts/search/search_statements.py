"""Search the index of words, filtered by metadata of the pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, select

from archive.database.engine import Database
from archive.database.packed_text import unpack_text
from archive.database.prepared import Query as Prepared
from archive.database.prepared import Row
from archive.database.schema import microseconds, moment, texts, wordings
from archive.database.time_limit import default_time_limit
from archive.texts.search.lexemes import WORDINGS, Indexed
from archive.texts.search.query import Query
from archive.texts.search.word_rows import candidates
from archive.texts.snapshot_notes import OF_TAGGED_RECORDS, OF_TAGGED_TEXTS
from archive.values.urlkey import key_ranges

CANDIDATES = 5_000
"""Maximum number of ranked texts, the latest of those that match: this limits the cost of a common word."""
SECONDS = 30.0
"""How long a search may take in the database, which ends one that takes longer."""

Place = tuple[float, int, int]
"""The place of a row in the order: score (lower is better), time, id of the text."""


@dataclass(frozen=True, slots=True)
class SearchFilters:
    """Filters of a search. The default is all texts of pages."""

    language: str | None = None
    """ISO 639-1; ``zh`` covers ``zh-Hans``."""
    source: str | None = None
    collection: str | None = None
    site: str | None = None
    """A host with its subdomains: ``example.org`` covers ``www.example.org`` and ``forum.example.org``."""
    since: datetime | None = None
    until: datetime | None = None
    """Texts that their pages had at any time between `since` and `until`, both included."""
    current: bool = False
    """Only the newest text of each page."""
    tag: str | None = None
    """Only texts of snapshots with this tag, or of sources in `tag_sources`."""
    tag_sources: tuple[str, ...] = ()
    """The sources that have the tag."""
    verdicts: bool = False
    """Also search responses that are not the page: blocks, CAPTCHAs, logins, soft 404s, parked domains."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A text that matches."""

    wording: int
    score: float
    at: int
    """When its page was first captured with it, in microseconds since 1970."""

    @property
    def place(self) -> Place:
        return self.score, self.at, self.wording


def hits(
    database: Database,
    query: Query,
    narrowed: SearchFilters,
    *,
    after: Place | None,
    limit: int,
    of: Indexed = WORDINGS,
) -> list[Hit]:
    """Return the matching texts after a place, best first; equal ones newest first.

    Raises ValueError if `site` is not a host, and QueryTooLong.
    """
    conditions = [*_of_any(narrowed), *(_of_wordings(narrowed) if of is WORDINGS else _of_items(narrowed))]
    where = "".join(f" AND {sql}" for sql, _ in conditions)
    behind = "WHERE (score, -at, -id) > (?, ?, ?)" if after else ""
    dialect = database.engine.dialect
    found, values = candidates(dialect.name, query, where, CANDIDATES, of=of)
    sql = f"SELECT id, score, at FROM ({found}) AS found {behind} ORDER BY score, at DESC, id DESC LIMIT ?"  # noqa: S608
    values += [value for _, these in conditions for value in these]
    values += [after[0], -after[1], -after[2]] if after else []
    if not dialect.positional:
        sql = sql.replace("?", "%s")
    with default_time_limit(SECONDS), database.reading() as connection:
        rows = connection.exec_driver_sql(sql, (*values, limit)).all()
    return [Hit(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Stored:
    """A text version with its title and text."""

    url: str
    first_at: datetime
    last_at: datetime
    superseded_at: datetime | None
    collection: str
    source: str
    language: str | None
    record_id: str
    verdict: str | None
    title: str
    text: str


_OF_VERSION = (
    "url",
    "first_at",
    "last_at",
    "superseded_at",
    "collection",
    "source",
    "language",
    "record_id",
    "verdict",
)


def _select_stored() -> Select[Any]:
    columns = (*(wordings.c[name] for name in _OF_VERSION), texts.c.title, texts.c.content)
    query = select(*columns).join(texts, texts.c.record_id == wordings.c.record_id)
    return query.where(wordings.c.id == bindparam("wording"))


def stored_texts(database: Database, found: Sequence[Hit]) -> Iterator[Stored | None]:
    """Yield the text version of each hit; None if it is gone since. Each text is read as it is yielded.

    So a search needs memory for one text, and not for a hundred of 8 MiB, packed or not.
    """
    statement = Prepared(database.engine, _select_stored)
    for some in statement.one_by_one({"wording": hit.wording} for hit in found):
        yield _stored(some[0]) if some else None


def _stored(values: Row) -> Stored:
    (url, first_at, last_at, superseded_at), (title, content) = values[:4], values[-2:]
    times = moment(first_at), moment(last_at), None if superseded_at is None else moment(superseded_at)
    return Stored(*(url, *times, *values[4:-2], title or "", unpack_text(content)))


Condition = tuple[str, Sequence[Any]]
"""On `w`, a row that is searched, with its values."""


def _of_any(narrowed: SearchFilters) -> Iterator[Condition]:
    if narrowed.source is not None:
        yield "w.source = ?", [narrowed.source]
    if narrowed.collection not in (None, "all"):
        yield "w.collection = ?", [narrowed.collection]
    if narrowed.site is not None:
        ranges = key_ranges(narrowed.site, "domain")
        yield (
            "(" + " OR ".join(["(w.urlkey >= ? AND w.urlkey < ?)"] * len(ranges)) + ")",
            [end for each in ranges for end in each],
        )


def _of_items(narrowed: SearchFilters) -> Iterator[Condition]:
    yield from _of_tag(narrowed, OF_TAGGED_RECORDS)
    if narrowed.since is not None:
        yield "w.at >= ?", [microseconds(narrowed.since)]
    if narrowed.until is not None:
        yield "w.at <= ?", [microseconds(narrowed.until)]


def _of_tag(narrowed: SearchFilters, of_snapshots: str) -> Iterator[Condition]:
    """Yield the condition that a source or a snapshot has the tag."""
    if narrowed.tag is not None:
        places = ", ".join("?" for _ in narrowed.tag_sources)
        of_sources = f"w.source IN ({places}) OR " if places else ""
        yield f"({of_sources}{of_snapshots})", [*narrowed.tag_sources, narrowed.tag]


def _of_wordings(narrowed: SearchFilters) -> Iterator[Condition]:
    if narrowed.language is not None:
        yield "(w.language = ? OR w.language LIKE ? ESCAPE '\\')", [narrowed.language, f"{_like(narrowed.language)}-%"]
    if narrowed.since is not None:
        since = microseconds(narrowed.since)
        yield "(w.superseded_at IS NULL OR w.superseded_at > ? OR w.last_at >= ?)", [since, since]
    if narrowed.until is not None:
        yield "w.first_at <= ?", [microseconds(narrowed.until)]
    yield from _of_tag(narrowed, OF_TAGGED_TEXTS)
    if narrowed.current:
        yield "w.superseded_at IS NULL", []
    if not narrowed.verdicts:
        yield "w.verdict IS NULL", []


def _like(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
