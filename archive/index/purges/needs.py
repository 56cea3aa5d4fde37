"""What the bytes of captures depend on: revisits that need a capture, records with the same id, items of spiders."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import func, select

from archive.database.engine import Database
from archive.database.schema import captures, damaged, items, segments
from archive.database.statements import batches
from archive.index.months.months import Months
from archive.index.months.naming import revisits_near, with_ids
from archive.index.purges.given_up import given_up_segments
from archive.index.rows import capture_of, select_captures
from archive.values.capture import WITH_PAYLOAD, Capture
from archive.values.urlkey import urlkey

_BATCH = 500
_ROWS = 5000
_UNDER_WAY = 20_000
"""Captures that transactions may be adding while later ones are committed: PostgreSQL numbers them first."""


def newest(database: Database) -> int:
    """Return a number that is smaller than those of all captures that are added from now on."""
    with database.settled() as connection:
        return max(0, (connection.execute(select(func.max(captures.c.id))).scalar() or 0) - _UNDER_WAY)


def leaning_on(
    database: Database, some: Collection[Capture], after: int = 0, months: Months | None = None
) -> Iterator[Capture]:
    """Yield each revisit that may have its bytes in one of these captures, directly or over other revisits.

    It may name a record, or only a URL and a date, or nothing: then a digest on the same page counts. This yields too
    many, never too few: `Originals.needs` says which captures one really needs. It reads all revisits, at least twice;
    with `after`, those that were added since (`newest`). Those in files that people have given up need nothing. It also
    reads attached `months`. Raises StoreError.
    """
    ids = {one.record_id for one in some if one.record_id}
    keys = {one.urlkey for one in some}
    sums = {digest for one in some for digest in (one.digest, one.sha256) if digest}
    for one in _damaged_twins(database, sums):  # who refers to a damaged one has the bytes of its twin
        keys.add(one.urlkey)
        if one.record_id:
            ids.add(one.record_id)
    seen, places = set[int](), set[tuple[str, int]]()
    while True:
        near = list(_near(database, ids, keys, sums, seen, after))
        older = revisits_near(months, ids, keys, sums) if months else ()
        near += [(-1, row.capture) for row in older if (row.segment, row.offset) not in places]
        places |= {(one.location.segment, one.location.offset) for row, one in near if row < 0}
        if not near:
            return
        for row, one in near:
            seen.add(row)
            keys.add(one.urlkey)
            if one.record_id:
                ids.add(one.record_id)
            yield one


def revisits_of(database: Database, record_ids: Collection[str]) -> Iterator[Capture]:
    """Yield the revisits that name one of these records."""
    return (one for _, one in _near(database, record_ids, (), (), ()))


def places_of_ids(
    database: Database, record_ids: Collection[str], months: Months | None = None
) -> dict[str, set[tuple[str, int]]]:
    """Return the segment and offset of each capture with one of these record ids. This reads the ids of all captures,
    also in attached `months`.

    A file of another tool may use an id twice; so may two files. Raises StoreError.
    """
    found = dict[str, set[tuple[str, int]]]()
    for older in with_ids(months, record_ids) if months else ():
        found.setdefault(older.record_id, set()).add((older.segment, older.offset))
    for row in _with_ids(database, record_ids):
        found.setdefault(row.record_id, set()).add((row.name, row.offset))
    return found


def captures_of_ids(database: Database, record_ids: Collection[str]) -> Iterator[Capture]:
    """Yield the captures with these record ids. This reads the ids of all captures."""
    numbers = [row.id for row in _with_ids(database, record_ids)]
    for batch in batches(numbers, _BATCH):
        with database.reading() as connection:
            found = connection.execute(select_captures().where(captures.c.id.in_(batch))).all()
        yield from map(capture_of, found)


def captures_in(database: Database, segment: str) -> Sequence[Capture]:
    """Return the captures of a segment, in the order of its file."""
    query = select_captures().where(segments.c.name == segment).order_by(captures.c.offset)
    with database.reading() as connection:
        return [capture_of(row) for row in connection.execute(query)]


def _with_ids(database: Database, record_ids: Collection[str]) -> Iterator[Any]:
    wanted, after = frozenset(record_ids), 0
    query = select(captures.c.id, captures.c.record_id, captures.c.offset, segments.c.name)
    query = query.join(segments, captures.c.segment_id == segments.c.id).order_by(captures.c.id).limit(_ROWS)
    while True:
        with database.reading() as connection:
            rows = connection.execute(query.where(captures.c.id > after)).all()
        yield from (row for row in rows if row.record_id in wanted)
        if len(rows) < _ROWS:
            return
        after = rows[-1].id


def with_items(database: Database, record_ids: Iterable[str]) -> set[str]:
    """Return the records of which a user's spider made items."""
    found = set[str]()
    for batch in batches(record_ids, _BATCH):
        with database.reading() as connection:
            found.update(connection.execute(select(items.c.record_id).where(items.c.record_id.in_(batch))).scalars())
    return found


def _damaged_twins(database: Database, sums: Collection[str]) -> Iterator[Capture]:
    """Yield the damaged captures with one of these digests."""
    query = select_captures().where(captures.c.id.in_(select(damaged.c.capture_id)))
    with database.reading() as connection:
        found = [capture_of(row) for row in connection.execute(query)]
    return (one for one in found if one.sha256 in sums or one.digest in sums)


def _near(  # noqa: PLR0917 - four sets and a bound
    database: Database,
    ids: Collection[str],
    keys: Collection[str],
    sums: Collection[str],
    seen: Collection[int],
    after: int = 0,
) -> Iterator[tuple[int, Capture]]:
    """Yield the revisits that name one of these records, pages or digests, or are of these pages; but those `seen`."""
    named = (captures.c.refers_to_record, captures.c.refers_to_url, captures.c.urlkey)
    query = select(captures.c.id, *named, captures.c.digest, captures.c.sha256)
    query = query.where(captures.c.kind.not_in(WITH_PAYLOAD), captures.c.segment_id.not_in(given_up_segments()))
    query = query.order_by(captures.c.id).limit(_ROWS)
    while True:
        with database.reading() as connection:
            rows = connection.execute(query.where(captures.c.id > after)).all()
        near = [
            row.id
            for row in rows
            if row.id not in seen
            and (
                row.refers_to_record in ids
                or row.digest in sums
                or row.sha256 in sums
                or row.urlkey in keys
                or (keys and row.refers_to_url and urlkey(row.refers_to_url) in keys)
            )
        ]
        for batch in batches(near, _BATCH):
            with database.reading() as connection:
                found = connection.execute(select_captures().where(captures.c.id.in_(batch))).all()
            yield from ((row[-1], capture_of(row)) for row in found)
        if len(rows) < _ROWS:
            return
        after = rows[-1].id
