"""Store the sketches of text versions, and the bands that find similar ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CompoundSelect,
    Connection,
    Integer,
    Select,
    Subquery,
    bindparam,
    delete,
    exists,
    insert,
    select,
    union_all,
)

from archive.database.closed_collections import hides_rows
from archive.database.engine import Database
from archive.database.prepared import Insertion, Query, Row
from archive.database.schema import bands, moment, sketches, texts, worded, wordings
from archive.texts.search.sketch import BANDS, VERSION, sketch
from archive.texts.search.sketch import bands as bands_of

_FEW = 100
"""Texts in memory: each takes up to 100 KB."""
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
        .limit(_FEW)
    )
    return [(row.id, row.content.text or "") for row in connection.execute(query)]


@dataclass(frozen=True, slots=True)
class Asked:
    """A sketch whose copies are looked for."""

    sketch: bytes
    wording: int = 0
    """The text version that has it; 0 if none has."""
    urlkey: str | None = None
    """Of that text version; None if it is unknown to the reader."""


def sketches_of(database: Database, record_ids: Sequence[str]) -> dict[str, Asked]:
    """Return the existing sketches of the texts of some records."""
    rows = Query(database.engine, _select_sketch).rows_of_each({"record": one} for one in record_ids)
    return {record: Asked(*some[0]) for record, some in zip(record_ids, rows, strict=True) if some}


def _select_sketch() -> Select[Any]:
    there = worded.join(sketches, sketches.c.wording_id == worded.c.wording_id)
    there = there.outerjoin(wordings, wordings.c.id == worded.c.wording_id)  # it may be hidden
    query = select(sketches.c.sketch, worded.c.wording_id, wordings.c.urlkey).select_from(there)
    return query.where(worded.c.record_id == bindparam("record"), sketches.c.version == VERSION)


_KEYS = tuple(f"key_{band}" for band in range(BANDS))


def _probe(band: int, key: str, *, of_open: bool) -> Subquery:
    here = (bands.c.band == band) & (bands.c.key == bindparam(key))
    if of_open:
        here &= exists().where(wordings.c.id == bands.c.wording_id)
    query = select(bands.c.band, bands.c.wording_id).where(here).order_by(bands.c.wording_id)
    return query.limit(bindparam("most", type_=Integer)).subquery()


def _select_in_bands(*, of_open: bool) -> CompoundSelect[Any]:
    """Return one query for all bands. `of_open` is for a caller to whom collections are closed: closed texts count for
    no limit.
    """
    return union_all(*(select(_probe(band, key, of_open=of_open)) for band, key in enumerate(_KEYS)))


def _select_sharing(*, of_open: bool) -> CompoundSelect[Any]:
    """Return the query for texts of any band but `own`: at a third of the cost where few or none share one."""
    others = select(bands.c.wording_id).where(bands.c.wording_id != bindparam("own"))
    if of_open:
        others = others.where(exists().where(wordings.c.id == bands.c.wording_id))
    probes = (others.where(bands.c.band == band, bands.c.key == bindparam(key)) for band, key in enumerate(_KEYS))
    return union_all(*probes).limit(bindparam("most", type_=Integer))


def candidates(
    database: Database, asked: Sequence[tuple[Asked, bool]], reach: int
) -> list[tuple[list[SketchedText], bool]]:
    """Return, for each sketch, texts that share a band with it, at most `reach` per band, and whether it is all.

    A sketch comes with whether its own text version is wanted, too. One that is not may be among the texts.
    """
    keys = [dict(zip(_KEYS, bands_of(each.sketch), strict=True)) for each, _ in asked]
    of_open = hides_rows()
    few = Query(database.engine, _select_sharing, of_open=of_open).rows_of_each(
        {**key, "own": 0 if wanted else each.wording, "most": reach}
        for key, (each, wanted) in zip(keys, asked, strict=True)
    )
    shared = [({wording for (wording,) in rows}, True) for rows in few]
    # So many in all bands together may be too many of one.
    many = [number for number, rows in enumerate(few) if len(rows) >= reach]
    probes = Query(database.engine, _select_in_bands, of_open=of_open)
    exact = probes.rows_of_each({**keys[number], "most": reach + 1} for number in many) if many else []
    for number, rows in zip(many, exact, strict=True):
        shared[number] = _in_bands(rows, reach)
    found = _sketched(database, sorted({one for some, _ in shared for one in some}))
    return [([found[one] for one in sorted(some) if one in found], complete) for some, complete in shared]


def _in_bands(rows: Iterable[Row], reach: int) -> tuple[set[int], bool]:
    in_band: dict[int, list[int]] = {}
    for band, wording in rows:
        in_band.setdefault(band, []).append(wording)
    found = {wording for there in in_band.values() for wording in there[:reach]}
    return found, all(len(there) <= reach for there in in_band.values())


_OF_TEXT = ("id", "url", "urlkey", "record_id", "source", "collection")


def _select_sketched() -> Select[Any]:
    columns = (*(wordings.c[name] for name in _OF_TEXT), wordings.c.first_at, sketches.c.sketch)
    query = select(*columns).join(sketches, sketches.c.wording_id == wordings.c.id)
    return query.where(wordings.c.id == bindparam("wording"), sketches.c.version == VERSION)


def _sketched(database: Database, ids: Sequence[int]) -> dict[int, SketchedText]:
    if not ids:
        return {}
    rows = Query(database.engine, _select_sketched).rows_of_each({"wording": one} for one in ids)
    return {some[0][0]: _sketched_text(some[0]) for some in rows if some}


def _sketched_text(values: Row) -> SketchedText:
    return SketchedText(*(*values[:-2], moment(values[-2]), values[-1]))


def titles_of(database: Database, record_ids: Sequence[str]) -> dict[str, tuple[str | None, str | None]]:
    """Return title and language of the texts of some records."""
    if not record_ids:
        return {}
    rows = Query(database.engine, _select_title).rows_of_each({"record": one} for one in record_ids)
    return {record: tuple(some[0]) for record, some in zip(record_ids, rows, strict=True) if some}


def _select_title() -> Select[Any]:
    return select(texts.c.title, texts.c.language).where(texts.c.record_id == bindparam("record"))
