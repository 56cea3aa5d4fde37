"""The rows of the ledger as records for the store."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Column, Connection, Row, Select, Table, select

from archive.database.columns import Moment
from archive.database.marks import REVIEWS
from archive.database.schema import (
    alarms,
    marks,
    moment,
    owed,
    pages,
    pauses,
    preservation_events,
    runs,
    slots,
    snapshot_notes,
)
from archive.database.statements import begins_with
from archive.warc.ledger import Record
from scheduler.ledger.holds import HOLDS
from scheduler.ledger.review_marks import name_of
from scheduler.ledger.take_downs import TAKE_DOWNS
from scheduler.timetables.timetable_marks import PREFIX
from scheduler.unsaved import Change

_AT_ONCE = 1_000


def records_of(connection: Connection, changes: Iterable[Change]) -> Iterator[Record]:
    """Yield the present state of what changed, each thing once.

    A run that is over also yields what it learned of its pages, and the URLs that it left to the next run.
    """
    wanted = dict.fromkeys((change.kind, change.key) for change in changes)
    if ("everything", ()) in wanted:
        yield from _everything(connection)
        return
    for kind, key in wanted:
        yield from _RECORDS[kind](connection, *key)


def _everything(connection: Connection) -> Iterator[Record]:
    for table, record in ((runs, _run), (slots, _slot), (alarms, _alarm), (pauses, _pause), (pages, _page)):
        yield from map(record, _streamed(connection, select(table)))
    named = _streamed(connection, select(marks).where(begins_with(marks.c.name, PREFIX)))
    yield from (Record("timetable", (row.name.removeprefix(PREFIX),), row.value) for row in named)
    said = _streamed(connection, select(marks).where(begins_with(marks.c.name, REVIEWS)))
    yield from (_review(row.name, row.value) for row in said)
    hidden = _streamed(connection, select(marks).where(begins_with(marks.c.name, TAKE_DOWNS)))
    yield from (_take_down(row.name.removeprefix(TAKE_DOWNS), row.value) for row in hidden)
    held = _streamed(connection, select(marks).where(begins_with(marks.c.name, HOLDS)))
    yield from (_hold(row.name.removeprefix(HOLDS), row.value) for row in held)
    yield from map(_note, _streamed(connection, select(snapshot_notes)))
    for source in connection.execute(select(owed.c.source).distinct()).scalars().all():
        yield from _unfetched_of(connection, source)
    yield from map(_event, _streamed(connection, select(preservation_events)))


def _streamed(connection: Connection, query: Select[Any]) -> Iterator[Row[Any]]:
    return iter(connection.execute(query.execution_options(yield_per=_AT_ONCE)))


def _run_of(connection: Connection, run: str) -> Iterator[Record]:
    row = connection.execute(select(runs).where(runs.c.id == run)).first()
    yield Record("run", (run,), None) if row is None else _run(row)
    if row is None or row.status != "over" or row.started_at is None:
        return
    learned = select(pages).where(pages.c.source == row.source, pages.c.fetched_at >= row.started_at)
    yield from map(_page, _streamed(connection, learned))
    yield from _unfetched_of(connection, row.source)


def _slot_of(connection: Connection, source: str, at: str) -> Iterator[Record]:
    when = moment(int(at))
    row = connection.execute(select(slots).where(slots.c.source == source, slots.c.at == when)).first()
    yield Record("slot", (source, text_of(when)), None) if row is None else _slot(row)


def _alarm_of(connection: Connection, source: str) -> Iterator[Record]:
    row = connection.execute(select(alarms).where(alarms.c.source == source)).first()
    yield Record("alarm", (source,), None) if row is None else _alarm(row)


def _timetable_of(connection: Connection, source: str) -> Iterator[Record]:
    value = connection.execute(select(marks.c.value).where(marks.c.name == PREFIX + source)).scalar_one_or_none()
    yield Record("timetable", (source,), value)


def _review_of(connection: Connection, run: str, url: str) -> Iterator[Record]:
    name = name_of(run, url)
    value = connection.execute(select(marks.c.value).where(marks.c.name == name)).scalar_one_or_none()
    yield _review(name, value)


def _take_down_of(connection: Connection, id_: str) -> Iterator[Record]:
    query = select(marks.c.value).where(marks.c.name == TAKE_DOWNS + id_)
    yield _take_down(id_, connection.execute(query).scalar_one_or_none())


def _hold_of(connection: Connection, id_: str) -> Iterator[Record]:
    query = select(marks.c.value).where(marks.c.name == HOLDS + id_)
    yield _hold(id_, connection.execute(query).scalar_one_or_none())


def _note_of(connection: Connection, record: str) -> Iterator[Record]:
    query = select(snapshot_notes).where(snapshot_notes.c.record_id == record)
    yield from map(_note, connection.execute(query))


def _unfetched_of(connection: Connection, source: str) -> Iterator[Record]:
    rows = connection.execute(select(owed).where(owed.c.source == source).order_by(owed.c.rank))
    yield Record("owed", (source,), [_values(owed, row) for row in rows])


def _pause_of(connection: Connection, source: str) -> Iterator[Record]:
    row = connection.execute(select(pauses).where(pauses.c.source == source)).first()
    yield Record("pause", (source,), None) if row is None else _pause(row)


def _event_of(connection: Connection, number: str) -> Iterator[Record]:
    events = preservation_events
    yield from map(_event, connection.execute(select(events).where(events.c.id == int(number))))


def _run(row: Row[Any]) -> Record:
    return Record("run", (row.id,), _values(runs, row))


def _slot(row: Row[Any]) -> Record:
    return Record("slot", (row.source, text_of(row.at)), _values(slots, row))


def _alarm(row: Row[Any]) -> Record:
    return Record("alarm", (row.source,), _values(alarms, row))


def _pause(row: Row[Any]) -> Record:
    return Record("pause", (row.source,), _values(pauses, row))


def _page(row: Row[Any]) -> Record:
    return Record("page", (row.source, row.url), _values(pages, row))


def _review(name: str, value: str | None) -> Record:
    run, url = name.removeprefix(REVIEWS).split("/", 1)
    return Record("review", (run, url), None if value is None else json.loads(value))


def _take_down(id_: str, value: str | None) -> Record:
    return Record("takedown", (id_,), None if value is None else json.loads(value))


def _hold(id_: str, value: str | None) -> Record:
    return Record("hold", (id_,), None if value is None else json.loads(value))


def _note(row: Row[Any]) -> Record:
    return Record("note", (row.record_id,), _values(snapshot_notes, row))


def _event(row: Row[Any]) -> Record:
    """Return an event without its number, which is that of one database."""
    value = {name: told for name, told in _values(preservation_events, row).items() if name != "id"}
    return Record("event", event_key(row._mapping), value)


def event_key(row: Mapping[Any, Any]) -> tuple[str, ...]:
    """Return what tells events apart: when, where and what."""
    return (text_of(row["at"]), row["place"], row["object"] or "", row["type"], row["outcome"])


_RECORDS: dict[str, Callable[..., Iterator[Record]]] = {
    "run": _run_of,
    "slot": _slot_of,
    "pause": _pause_of,
    "alarm": _alarm_of,
    "timetable": _timetable_of,
    "event": _event_of,
    "review": _review_of,
    "takedown": _take_down_of,
    "hold": _hold_of,
    "note": _note_of,
}


def _values(table: Table, row: Row[Any]) -> dict[str, Any]:
    """Return the columns that are not null, as JSON values."""
    told = row._mapping
    return {column.name: json_of(told[column.name]) for column in table.c if told[column.name] is not None}


def json_of(value: Any) -> Any:
    return text_of(value) if isinstance(value, datetime) else value


def text_of(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def row_of(table: Table, value: dict[str, Any]) -> dict[str, Any]:
    """Return a row from a record: all columns of this version, without those of another. Raises ValueError."""
    return {column.name: _value_of(column, value.get(column.name)) for column in table.c}


def _value_of(column: Column[Any], found: Any) -> Any:
    if found is None:
        return column.default.arg if column.default is not None else None  # type: ignore[attr-defined]
    return datetime.fromisoformat(found) if isinstance(column.type, Moment) else found
