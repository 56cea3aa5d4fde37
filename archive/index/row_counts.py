"""Count the captures and texts that the index has of each segment in the store: deleted rows are noticed.

The counts are written in the transaction that writes or deletes the rows, so they differ only if something else did.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select, delete, func, select

from archive.database.engine import Database
from archive.database.schema import captures, marks, segments, texts
from archive.database.statements import batches, begins_with, insert_missing, insert_or_replace
from archive.database.writers import retried, segment_lock

_PREFIX = "rows:"
_BATCH = 500
_OWES = " announce"
"""The end of a mark of a segment whose texts are to be announced when they are added."""
_STORED = segments.c.manifest_key.is_not(None)


def note_rows(connection: Connection, names: Iterable[str]) -> None:
    """Remember how many rows these segments have now."""
    for batch in batches(names, _BATCH):
        rows = connection.execute(_counts(segments.c.name.in_(batch), texts.c.segment.in_(batch))).all()
        if values := _marks(rows):
            connection.execute(insert_or_replace(connection, marks, "name"), values)


def forget_count(connection: Connection, name: str) -> None:
    """Forget the count of a segment that was replaced."""
    connection.execute(delete(marks).where(marks.c.name == _PREFIX + name))


def note_coming(connection: Connection, segment: str, coming: int | None, *, owes: bool = False) -> None:
    """Remember that other transactions add so many texts to a segment.

    It lacks one more than these until `note_all_texts`: texts that are there may still lack their words. `owes`: who
    adds them announces them. None: the texts can't be read, and what was remembered stays.
    """
    rows = connection.execute(_counts(segments.c.name == segment, texts.c.segment == segment)).all()
    write = insert_missing if coming is None else insert_or_replace
    if values := _marks(rows, coming=coming or 0, owes=owes):
        connection.execute(write(connection, marks, "name"), values)


def note_all_texts(database: Database, segment: str) -> None:
    """Remember that a segment has all its rows: no more texts are to come."""
    note_rows_now(database, segment)


@retried
def note_rows_now(database: Database, segment: str, fence: Callable[[Connection], None] = lambda _: None) -> None:
    """Remember how many rows a segment has now, in a transaction of its own. What the `fence` raises ends it."""
    with database.beside(segment_lock(segment)) as connection:
        fence(connection)
        note_rows(connection, [segment])


def uncounted(database: Database) -> dict[str, str]:
    """Return the segments in the store that have no count yet, with the keys of their manifests: what an earlier
    version indexed.
    """
    known = select(marks.c.name).where(marks.c.name == _PREFIX + segments.c.name).exists()
    with database.reading() as connection:
        rows = connection.execute(select(segments.c.name, segments.c.manifest_key).where(_STORED, ~known))
        return {row.name: row.manifest_key for row in rows}


def note_first(database: Database, held: Mapping[str, int]) -> None:
    """Remember the rows of segments that have no count yet.

    `held` are the captures of each by its manifest: then rows that were deleted before are noticed, too.
    """
    for batch in batches(held, _BATCH):
        with database.writing() as connection:
            rows = connection.execute(_counts(segments.c.name.in_(batch), texts.c.segment.in_(batch))).all()
            if rows:
                connection.execute(insert_missing(connection, marks, "name"), _marks(rows, held))


def fewer_captures(database: Database, held: Mapping[str, int]) -> list[str]:
    """Return which of these segments have fewer captures in the index than `held` says."""
    found = list[str]()
    for batch in batches(held, _BATCH):
        with database.reading() as connection:
            rows = connection.execute(_counts(segments.c.name.in_(batch), texts.c.segment.in_(batch))).all()
        found += [row.name for row in rows if row.captures < held[row.name]]
    return found


def owes_events(database: Database, segment: str) -> bool:
    """Return whether an ingest of this segment is not complete: its texts are to be added and announced."""
    noted = select(marks.c.value).where(marks.c.name == _PREFIX + segment)
    with database.reading() as connection:
        return str(connection.execute(noted).scalar()).endswith(_OWES)


def lacking_rows(database: Database) -> dict[str, int]:
    """Return the keys of the manifests of segments that have fewer rows than they had, and how many are missing."""
    noted = select(marks.c.name, marks.c.value).where(begins_with(marks.c.name, _PREFIX))
    with database.reading() as connection:
        had = {name.removeprefix(_PREFIX): value for name, value in connection.execute(noted)}
        rows = connection.execute(_counts(_STORED)).all() if had else []
    missing = {row.manifest_key: _missing(had[row.name], row) for row in rows if row.name in had}
    return {key: count for key, count in missing.items() if count}


def had_captures(connection: Connection) -> dict[str, int]:
    """Return how many captures each counted segment had."""
    noted = connection.execute(select(marks.c.name, marks.c.value).where(begins_with(marks.c.name, _PREFIX)))
    return {name.removeprefix(_PREFIX): int(value.partition(" ")[0]) for name, value in noted}


def segments_of(connection: Connection, capture_ids: Sequence[int]) -> list[str]:
    """Return the names of the segments in the store that have these captures."""
    of = select(captures.c.segment_id).where(captures.c.id.in_(capture_ids))
    return list(connection.execute(select(segments.c.name).where(segments.c.id.in_(of), _STORED)).scalars())


def _counts(of: Any, texts_of: Any = None) -> Select[Any]:
    """Both counts are read from indexes alone."""
    listed = select(captures.c.segment_id, func.count().label("count")).group_by(captures.c.segment_id)
    if texts_of is not None:
        listed = listed.where(captures.c.segment_id.in_(select(segments.c.id).where(of)))
    read = select(texts.c.segment, func.count().label("count")).group_by(texts.c.segment)
    read = read if texts_of is None else read.where(texts_of)
    captured, texted = listed.subquery(), read.subquery()
    joined = segments.outerjoin(captured, captured.c.segment_id == segments.c.id)
    joined = joined.outerjoin(texted, texted.c.segment == segments.c.name)
    counts = [func.coalesce(part.c.count, 0) for part in (captured, texted)]
    return (
        select(segments.c.name, segments.c.manifest_key, counts[0].label("captures"), counts[1].label("texts"))
        .select_from(joined)
        .where(of)
    )


def _marks(
    rows: Sequence[Any], held: Mapping[str, int] | None = None, *, coming: int = 0, owes: bool = False
) -> list[dict[str, str]]:
    had, end = held or {}, _OWES if owes and coming else ""
    captured = {row.name: max(row.captures, had.get(row.name, 0)) for row in rows}
    texted = {row.name: max(row.texts, coming) + (coming > 0) for row in rows}
    return [{"name": f"{_PREFIX}{row.name}", "value": f"{captured[row.name]} {texted[row.name]}{end}"} for row in rows]


def _missing(had: str, row: Any) -> int:
    had_captures, had_texts = map(int, had.removesuffix(_OWES).split())
    return max(0, had_captures - int(row.captures)) + max(0, had_texts - int(row.texts))
