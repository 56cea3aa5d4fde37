"""Store the sketches of text versions, and the bands that find similar ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Integer, Subquery, bindparam, delete, exists, insert, select, union_all

from archive.database.closed_collections import hides_rows
from archive.database.engine import Database
from archive.database.prepared import Insertion
from archive.database.schema import bands, sketches, texts, worded, wordings
from archive.database.statements import batches
from archive.texts.search.sketch import BANDS, VERSION, sketch
from archive.texts.search.sketch import bands as bands_of

_BATCH = 500
_UNINDEX = delete(bands).where(
    bands.c.band == bindparam("at"), bands.c.key == bindparam("of"), bands.c.wording_id == bindparam("it")
)


@dataclass(frozen=True, slots=True)
class SketchedText:
    """A text version with its sketch."""

    id: int
    url: str
    urlkey: str
    record_id: str
    source: str
    collection: str
    first_at: datetime
    sketch: bytes


def index_sketches(connection: Connection, sketched: Iterable[tuple[int, bytes | None]]) -> None:
    """Insert the sketches of text versions, by id. Short texts have none."""
    made = [(wording, it) for wording, it in sketched if it]
    if made:
        rows = [{"wording_id": wording, "version": VERSION, "sketch": it} for wording, it in made]
        connection.execute(insert(sketches), rows)
        # Twenty rows a text: in the order of their table, and without SQLAlchemy's work for each.
        shared = sorted((band, key, wording) for wording, it in made for band, key in enumerate(bands_of(it)))
        Insertion(connection.engine, insert(bands), ("band", "key", "wording_id")).run(connection, shared)


def unindex_sketch(connection: Connection, wording: int) -> None:
    """Remove the sketch of a text version."""
    here = sketches.c.wording_id == wording
    it = connection.execute(select(sketches.c.sketch).where(here)).scalar_one_or_none()
    if it is not None:
        connection.execute(_UNINDEX, [{"at": at, "of": of, "it": wording} for at, of in enumerate(bands_of(it))])
        connection.execute(delete(sketches).where(here))


def sketch_missing(database: Database) -> None:
    """Create missing and outdated sketches, one transaction per batch."""
    last = 0
    while True:
        with database.reading() as connection:
            waiting = _waiting(connection, last)
        if not waiting:
            return
        made = [(wording, sketch(text)) for wording, text in waiting]
        with database.writing() as connection:
            for wording, _ in waiting:
                unindex_sketch(connection, wording)
            index_sketches(connection, made)
        last = waiting[-1][0]


def _waiting(connection: Connection, after: int) -> list[tuple[int, str]]:
    query = (
        select(wordings.c.id, texts.c.content)
        .join(texts, texts.c.record_id == wordings.c.record_id)
        .outerjoin(sketches, sketches.c.wording_id == wordings.c.id)
        .where(wordings.c.id > after, sketches.c.version.is_distinct_from(VERSION))
        .order_by(wordings.c.id)
        .limit(_BATCH)
    )
    return [(row.id, row.content.text or "") for row in connection.execute(query)]


def sketches_of(connection: Connection, record_ids: Sequence[str]) -> dict[str, bytes]:
    """Return the existing sketches of the texts of some records."""
    query = (
        select(worded.c.record_id, sketches.c.sketch)
        .join(worded, worded.c.wording_id == sketches.c.wording_id)
        .where(worded.c.record_id.in_(record_ids), sketches.c.version == VERSION)
    )
    return {row.record_id: row.sketch for row in connection.execute(query)}


_KEYS = tuple(f"key_{band}" for band in range(BANDS))


def _probe(band: int, key: str, *, of_open: bool) -> Subquery:
    here = (bands.c.band == band) & (bands.c.key == bindparam(key))
    if of_open:
        here &= exists().where(wordings.c.id == bands.c.wording_id)
    query = select(bands.c.band, bands.c.wording_id).where(here).order_by(bands.c.wording_id)
    return query.limit(bindparam("most", type_=Integer)).subquery()


_PROBES, _OPEN_PROBES = (
    union_all(*(select(_probe(band, key, of_open=of_open)) for band, key in enumerate(_KEYS)))
    for of_open in (False, True)
)
"""One query for all bands, built once: building it takes twenty times as long as running it. The other one is for a
caller to whom collections are closed: closed texts count for no limit.
"""


def candidates(connection: Connection, asked: Sequence[bytes], reach: int) -> list[tuple[list[SketchedText], bool]]:
    """Return, for each sketch, texts that share a band with it, at most `reach` per band, and whether it is all."""
    shared = [_in_bands(connection, each, reach) for each in asked]
    found = {each.id: each for each in _sketched(connection, sorted({one for some, _ in shared for one in some}))}
    return [([found[one] for one in sorted(some) if one in found], complete) for some, complete in shared]


def _in_bands(connection: Connection, asked: bytes, reach: int) -> tuple[set[int], bool]:
    keys = dict(zip(_KEYS, bands_of(asked), strict=True))
    in_band: dict[int, list[int]] = {}
    probes = _OPEN_PROBES if hides_rows() else _PROBES
    for band, wording in connection.execute(probes, {**keys, "most": reach + 1}):
        in_band.setdefault(band, []).append(wording)
    found = {wording for there in in_band.values() for wording in there[:reach]}
    return found, all(len(there) <= reach for there in in_band.values())


def _sketched(connection: Connection, ids: Sequence[int]) -> Iterator[SketchedText]:
    columns = ("id", "url", "urlkey", "record_id", "source", "collection", "first_at")
    query = select(*(wordings.c[name] for name in columns), sketches.c.sketch).join(
        sketches, sketches.c.wording_id == wordings.c.id
    )
    for some in batches(ids, _BATCH):
        for row in connection.execute(query.where(wordings.c.id.in_(some), sketches.c.version == VERSION)):
            yield SketchedText(*tuple(row))


def titles_of(connection: Connection, record_ids: Sequence[str]) -> dict[str, tuple[str | None, str | None]]:
    """Return title and language of the texts of some records."""
    query = select(texts.c.record_id, texts.c.title, texts.c.language).where(texts.c.record_id.in_(record_ids))
    return {row.record_id: (row.title, row.language) for row in connection.execute(query)}
