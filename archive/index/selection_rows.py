"""Query the captures of a selection, page by page: no transaction is open while the caller handles one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, and_, or_, tuple_

from archive.database.engine import Database
from archive.database.schema import captures, microseconds, moment
from archive.database.statements import batches
from archive.index.cdx.query import EARLIEST, LATEST
from archive.index.cdx.row import Row
from archive.index.months.merging import Place, merged
from archive.index.months.months import EVERY_KEY
from archive.index.months.own_segments import OwnSegments
from archive.index.rows import capture_of, driven, select_captures
from archive.index.selection import Selection
from archive.texts.texts import Texts
from archive.values.capture import Capture
from archive.values.urlkey import key_ranges

if TYPE_CHECKING:
    from archive.index.index import Index
    from archive.index.months.months import Months

_PAGE = 2000
_ALL = "all"
_BY_KEY = [captures.c.urlkey, captures.c.at, captures.c.id]


def chosen(index: Index, selection: Selection) -> Iterator[Capture]:
    """Yield the captures of a selection, in no order that a caller may rely on."""
    found = (one for page in _pages_of(index, selection) for one in _matching(index, page, selection))
    return _latest(found) if selection.latest else found


def _pages_of(index: Index, selection: Selection) -> Iterator[list[Capture]]:
    """Yield pages of attached months, and then those of rows, which others may add meanwhile; with `latest`, all
    together by key.
    """
    if not (months := index.months):
        yield from _row_pages(index.database, selection)
        return
    own = months.own()
    older = _of_months(months, selection, own)
    if selection.latest:
        read = partial(_page, index.database, selection)
        both = merged(read, lambda: _PAGE, older, own, reverse=False)
        yield from batches((row.capture for row in both), _PAGE)
        return
    yield from batches((row.capture for row in older), _PAGE)
    for page in _row_pages(index.database, selection):
        yield [one for one in page if not own.is_new(one.location.segment)]


def _page(database: Database, selection: Selection, place: Place | None) -> list[Row]:
    """Return a page by key."""
    query = _query(selection).order_by(*_BY_KEY).limit(_PAGE)
    if selection.url is not None:
        ranges = key_ranges(selection.url, "prefix")
        within = (and_(captures.c.urlkey >= low, captures.c.urlkey < high) for low, high in ranges)
        query = query.where(or_(*within))
    if place is not None:
        query = query.where(tuple_(*_BY_KEY) > (place[0], moment(place[1]), place[2]))
    with database.reading() as connection:
        return [Row._make(driven(row)) for row in connection.execute(query)]


def _of_months(months: Months, selection: Selection, own: OwnSegments) -> Iterator[Row]:
    since = EARLIEST if selection.since is None else microseconds(selection.since)
    until = LATEST if selection.until is None else microseconds(selection.until)
    collection = None if selection.collection == _ALL else selection.collection
    for keys in key_ranges(selection.url, "prefix") if selection.url is not None else (EVERY_KEY,):
        for row in months.rows(keys, since=since, until=until, collection=collection, own=own):
            if selection.source in {None, row.source} and selection.run in {None, row.run}:
                yield row


def _row_pages(database: Database, selection: Selection) -> Iterator[list[Capture]]:
    if selection.url is None:
        yield from _pages(database, _query(selection), _BY_KEY if selection.latest else [captures.c.id])
        return
    for first, end in key_ranges(selection.url, "prefix"):
        query = _query(selection).where(captures.c.urlkey >= first, captures.c.urlkey < end)
        yield from _pages(database, query, _BY_KEY)


def _query(selection: Selection) -> Select[Any]:
    query = select_captures()
    if selection.source is not None:
        query = query.where(captures.c.source == selection.source)
    if selection.run is not None:
        query = query.where(captures.c.run == selection.run)
    if selection.collection not in {None, _ALL}:
        query = query.where(captures.c.collection == selection.collection)
    if selection.since is not None:
        query = query.where(captures.c.at >= selection.since)
    if selection.until is not None:
        query = query.where(captures.c.at <= selection.until)
    return query


def _pages(database: Database, query: Select[Any], order: list[Any]) -> Iterator[list[Capture]]:
    query, page, here = query.order_by(*order).limit(_PAGE), None, tuple_(*order)
    while True:
        with database.reading() as connection:
            rows = connection.execute(query if page is None else query.where(here > page)).all()
        yield [capture_of(row) for row in rows]
        if len(rows) < _PAGE:
            return
        page = tuple(getattr(rows[-1], column.name) for column in order)


def _matching(index: Index, page: Sequence[Capture], selection: Selection) -> Iterable[Capture]:
    """Return the captures with the selected type and text, either their own or that of their originals."""
    if not (selection.media_type or selection.with_text or selection.language):
        return page
    origins = {one: one if one.has_payload else index.original_of(one) or one for one in page}
    matching = [one for one in page if _is_of_type(one.mime or origins[one].mime, selection.media_type)]
    if not (selection.with_text or selection.language):
        return matching
    known = Texts(index.database).languages({each.record_id for one in matching for each in (one, origins[one])})
    texts = ((one, known.get(one.record_id, known.get(origins[one].record_id))) for one in matching)
    return [one for one, language in texts if language is not None and _is_in(language, selection.language)]


def _is_of_type(mime: str | None, wanted: str | None) -> bool:
    if wanted is None:
        return True
    said, asked = (mime or "").lower(), wanted.lower()
    return said.startswith(asked[:-1]) if asked.endswith("/*") else said == asked


def _is_in(language: str, wanted: str | None) -> bool:
    return wanted is None or f"{language}-".lower().startswith(f"{wanted}-".lower())


def _latest(found: Iterable[Capture]) -> Iterator[Capture]:
    """Yield the newest capture of each key, from captures sorted by key and time."""
    for _, alike in groupby(found, key=lambda one: one.urlkey):
        yield max(enumerate(alike), key=lambda numbered: (numbered[1].kind != "not-modified", numbered[0]))[1]
