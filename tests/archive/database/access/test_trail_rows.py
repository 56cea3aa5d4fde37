"""The chain of the audit trail: what was changed, removed or cut off shows."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, delete, update

from archive.database.access.trail_rows import PRUNED, Entry, TrailRows
from archive.database.engine import Database
from archive.database.schema import audit_trail

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def entry(minute: int, **facts: str) -> Entry:
    at = NOW + timedelta(minutes=minute)
    return Entry(at, "person anna", "192.0.2.1", "POST /pause", f"/pause/{minute}", "303", **facts)


def written(database: Database, count: int = 5) -> TrailRows:
    rows = TrailRows(database)
    for minute in range(count):
        rows.add(entry(minute, before='{"a": 1}', after=f'"水 {minute}"'))
    return rows


def test_rows_are_found_newest_first_and_their_chain_is_whole(either: Database) -> None:
    rows = written(either)
    verified = rows.verify()

    assert [row.id for row in rows.newest(limit=3)] == [5, 4, 3]
    assert [row.id for row in rows.newest(limit=9, before=3)] == [2, 1]
    assert [row.id for row in rows.newest(limit=9, since=NOW + timedelta(minutes=3))] == [5, 4]
    assert rows.newest(limit=1)[0].entry == entry(4, before='{"a": 1}', after='"水 4"')
    assert (verified.rows, verified.head, verified.problem) == (5, rows.newest(limit=1)[0].digest, None)


def test_a_row_is_returned_as_it_was_written(database: Database) -> None:
    rows = written(database)

    assert [rows.add(entry(7))] == rows.newest(limit=1)
    assert rows.add_each([entry(8), entry(9)]) == rows.newest(limit=2)[::-1]
    assert rows.verify().problem is None


HARMS: dict[str, tuple[Callable[[Connection], object], str]] = {
    "a changed column": (
        lambda connection: connection.execute(update(audit_trail).where(audit_trail.c.id == 3).values(who="nobody")),
        "entry 3 of the audit trail was changed after it was written",
    ),
    "a changed time": (
        lambda connection: connection.execute(update(audit_trail).where(audit_trail.c.id == 5).values(at=NOW)),
        "entry 5 of the audit trail was changed after it was written",
    ),
    "a removed row": (
        lambda connection: connection.execute(delete(audit_trail).where(audit_trail.c.id == 3)),
        "between entry 2 and entry 4 of the audit trail, an entry was changed or removed",
    ),
    "a removed beginning": (
        lambda connection: connection.execute(delete(audit_trail).where(audit_trail.c.id <= 2)),
        "the entries of the audit trail before entry 3 are missing, although no entry says that they were deleted",
    ),
}


@pytest.mark.parametrize("harm", HARMS)
def test_harm_to_the_trail_is_found(either: Database, harm: str) -> None:
    rows = written(either)
    with either.writing() as connection:
        HARMS[harm][0](connection)

    assert rows.verify().problem == HARMS[harm][1]


def test_a_cut_off_end_shows_by_a_digest_that_was_noted(either: Database) -> None:
    rows = written(either)
    noted = rows.verify().head
    with either.writing() as connection:
        connection.execute(delete(audit_trail).where(audit_trail.c.id == 5))

    assert rows.verify().problem is None
    assert rows.verify().head != noted


def test_old_rows_are_removed_from_the_beginning_and_the_chain_tells_which(either: Database) -> None:
    rows = written(either)

    assert rows.prune(NOW + timedelta(minutes=2), NOW + timedelta(minutes=9)) == 2
    assert rows.prune(NOW + timedelta(minutes=2), NOW + timedelta(minutes=9)) == 0
    assert rows.verify().problem is None
    [note] = rows.newest(limit=1)
    assert (note.id, note.entry.who, note.entry.origin, note.entry.action) == (6, "pressmark", "service", PRUNED)
    assert rows.prune(NOW + timedelta(minutes=4), NOW + timedelta(minutes=9)) == 2
    assert rows.verify().problem is None
    assert [row.id for row in rows.newest(limit=9)] == [7, 6, 5]


def test_several_writers_make_one_chain(either: Database) -> None:
    def write() -> None:
        for minute in range(10):
            TrailRows(either).add(entry(minute))

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    verified = TrailRows(either).verify()
    assert (verified.rows, verified.problem) == (40, None)
