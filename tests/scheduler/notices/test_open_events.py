"""Events that a webhook gets while collections are closed to it, on both kinds of databases."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from archive.database.engine import Database
from archive.database.schema import captures, events, runs, segments, texts
from scheduler.events import Events
from scheduler.notices.open_events import Hidden, open_events

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
CLOSED = Hidden(frozenset({"parliament"}), frozenset({"debates"}), frozenset({"gazette"}))


@pytest.fixture
def database(either: Database) -> Database:
    return either


def archive(database: Database, source: str, run: str, collection: str) -> None:
    """Add a run with one capture and its text."""
    number = int.from_bytes(run.encode())
    segment = {"id": number, "name": run, "collection": collection, "worker": "w", "epoch": 1, "state": "open"}
    place = {"segment_id": number, "offset": 0, "length": 1, "span": 1, "payload_length": 1, "kind": "response"}
    facts = {"collection": collection, "source": source, "run": run, "at": NOON, "record_id": f"<{run}>"}
    ledger = {"id": run, "source": source, "status": "over", "attempt": 1, "requested_at": NOON}
    text = {"record_id": f"<{run}>", "segment": run, "url": "u", "at": NOON, "state": "none"}
    with database.writing() as connection:
        connection.execute(runs.insert().values(**ledger))
        connection.execute(segments.insert().values(**segment, opened_at=NOON))
        connection.execute(captures.insert().values(urlkey="k", url="u", **facts, **place))
        connection.execute(texts.insert().values(**text))


def opened(database: Database, hidden: Hidden) -> list[tuple[str, str | None]]:
    """Return kind and source of the events that remain."""
    with database.reading() as connection:
        rows = connection.execute(select(events).order_by(events.c.id)).all()
        return [(row.kind, row.source) for row in open_events(connection, rows, hidden)]


def test_an_event_of_a_closed_source_is_left_out(database: Database) -> None:
    for source in ("debates", "gazette"):
        Events(database).append(NOON, "run.over", source=source, run=f"r-{source}")

    assert opened(database, CLOSED) == [("run.over", "gazette")]
    assert len(opened(database, Hidden())) == 2


def test_an_event_of_a_run_with_closed_captures_is_left_out(database: Database) -> None:
    archive(database, "gazette", "moved", "parliament")
    archive(database, "gazette", "stayed", "open")
    for run in ("moved", "stayed"):
        Events(database).append(NOON, f"run.{run}", source="gazette", run=run)

    assert opened(database, CLOSED) == [("run.stayed", "gazette")]


def test_an_unknown_source_is_left_out_once_a_run_of_it_has_closed_captures(database: Database) -> None:
    archive(database, "secret", "s1", "parliament")
    archive(database, "beta", "b1", "open")
    for source in ("secret", "beta", "new"):
        Events(database).append(NOON, "source.blocked", source=source)

    assert opened(database, CLOSED) == [("source.blocked", "beta"), ("source.blocked", "new")]


def test_a_hit_is_left_out_unless_its_text_is_in_an_open_collection(database: Database) -> None:
    archive(database, "gazette", "g1", "open")
    archive(database, "gazette", "g2", "parliament")
    for record in ("<g1>", "<g2>", "<unknown>"):
        Events(database).append(NOON, "watch.matched", source="gazette", record_id=record)

    assert opened(database, CLOSED) == [("watch.matched", "gazette")]


def test_an_event_without_a_source_stays(database: Database) -> None:
    Events(database).append(NOON, "timetable.taken-back")

    assert opened(database, CLOSED) == [("timetable.taken-back", None)]
