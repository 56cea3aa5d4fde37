"""What is read for a caller to whom a collection is closed has no rows of it, in either kind of database."""

from __future__ import annotations

import json
from contextlib import ExitStack, closing
from pathlib import Path

from sqlalchemy import Engine, QueuePool, select

from archive.database.closed_collections import closing_collections, engine_of_reader
from archive.database.engine import Database, open_database
from archive.database.prepared import Query
from archive.database.schema import (
    captures,
    copies,
    events,
    items,
    moment,
    objects,
    pauses,
    preservation_events,
    runs,
    segments,
    texts,
    wordings,
)
from archive.values.key_parts import OF_COLLECTIONS

CLOSED = frozenset({"it's closed"})
ONE_TEXT = "SELECT record_id FROM texts WHERE record_id = 'a'"


def filled(database: Database) -> None:
    at = moment(1_700_000_000_000_000)
    with database.writing() as connection:
        for number, name in enumerate(("open", *CLOSED), 1):
            url = f"http://{number}.example/"
            of = {"collection": name, "source": "s", "urlkey": url, "url": url, "record_id": f"<{number}>", "at": at}
            segment = {"name": f"s{number}", "collection": name, "worker": "w", "epoch": 1, "state": "open"}
            connection.execute(segments.insert().values(**segment, path="p", opened_at=at))
            [within] = connection.execute(select(segments.c.id).where(segments.c.name == f"s{number}")).one()
            place = {
                "kind": "response",
                "segment_id": within,
                "offset": 0,
                "length": 1,
                "payload_length": 1,
                "run": "r",
                "span": 1,
            }
            connection.execute(captures.insert().values(**of, **place))
            connection.execute(items.insert().values(**of, run="r", number=number, item="{}"))
            text = {"record_id": of["record_id"], "segment": f"s{number}", "url": url, "at": at, "state": "none"}
            connection.execute(texts.insert().values(**text))


def collections(database: Database) -> list[set[str]]:
    with database.reading() as connection:
        return [set(connection.scalars(select(table.c.collection))) for table in (captures, segments, items)]


def test_rows_of_closed_collections_are_not_read(either: Database) -> None:
    filled(either)
    prepared = Query(either.engine, lambda: select(captures.c.collection))
    with closing_collections(CLOSED):
        assert collections(either) == [{"open"}] * 3
        assert prepared.rows() == [("open",)]
    assert collections(either) == [{"open", *CLOSED}] * 3
    assert len(prepared.rows()) == 2


def test_stored_objects_of_closed_collections_and_of_none_are_not_read(either: Database) -> None:
    at = moment(1_700_000_000_000_000)
    keys = [f"{kind}{name}/x" for kind in OF_COLLECTIONS for name in ("open", "it=27s=20closed")]
    with either.writing() as connection:
        connection.execute(objects.insert(), [{"key": key, "size": 1, "seen_at": at} for key in (*keys, "root/v1/x")])
        ids = connection.scalars(select(objects.c.id)).all()
        check = {"place": "store", "checked_at": at, "outcome": "damaged"}
        connection.execute(copies.insert(), [{"object_id": number, **check} for number in ids])
        event = {"at": at, "type": "fixity check", "outcome": "fail", "note": "n", "agent": "a", "place": "store"}
        for key in (*keys, None, "spool/x"):
            connection.execute(preservation_events.insert().values(**event, object=key))

    def counts() -> list[int]:
        with either.reading() as connection:
            tables = (objects, copies, preservation_events)
            return [len(connection.execute(select(table)).all()) for table in tables]

    with closing_collections(CLOSED):
        assert counts() == [len(OF_COLLECTIONS)] * 3
    assert counts() == [2 * len(OF_COLLECTIONS) + more for more in (1, 1, 2)]  # the control


def test_all_tables_with_a_collection_are_hidden(either: Database) -> None:
    """The texts are hidden by their segments."""
    with closing_collections(CLOSED), either.reading() as connection:
        for table in (captures, segments, wordings, items, texts):
            assert connection.execute(select(table)).all() == []
        temporary = "sqlite_temp_master" if either.engine.dialect.name == "sqlite" else "pg_views"
        named = set(connection.exec_driver_sql(f"SELECT * FROM {temporary}").scalars(1))
    having = {table.name for table in captures.metadata.sorted_tables if "collection" in table.c}

    assert having | {"texts"} <= named


def test_rows_of_sources_are_those_of_the_open_ones(either: Database) -> None:
    filled(either)
    at = moment(0)
    with either.writing() as connection:
        for name in ("a", "b", "gone"):
            connection.execute(pauses.insert().values(source=name, since=at))
            run = {"id": name, "source": name, "status": "over", "attempt": 1, "requested_at": at}
            connection.execute(runs.insert().values(**run))
            connection.execute(events.insert().values(at=at, kind="run.over", source=name, run=name, facts="{}"))
        connection.execute(pauses.insert().values(source="*", since=at))
        for record in ("<1>", "<2>"):
            facts = json.dumps({"record_id": record})
            connection.execute(events.insert().values(at=at, kind="watch.matched", source="a", facts=facts))
        connection.execute(events.insert().values(at=at, kind="source.paused", source="a", facts="{}"))

    def read() -> list[list[str]]:
        with either.reading() as connection:
            return [sorted(connection.scalars(select(table.c.source))) for table in (runs, pauses, events)]

    with closing_collections(CLOSED, frozenset({"a"})):
        assert read() == [["a"], ["*", "a"], ["a", "a", "a"]]
    with either.writing() as connection:  # of a run that archived pages of a closed collection
        connection.execute(captures.update().where(captures.c.collection.in_(CLOSED)).values(run="a"))
    with closing_collections(CLOSED, frozenset({"a"})):
        assert read() == [[], ["*", "a"], ["a", "a"]]
    with closing_collections(CLOSED):
        assert read() == [[], ["*"], []]
    assert [len(each) for each in read()] == [3, 4, 6]


def test_all_tables_with_a_source_are_hidden(either: Database) -> None:
    with closing_collections(CLOSED), either.reading() as connection:
        temporary = "sqlite_temp_master" if either.engine.dialect.name == "sqlite" else "pg_views"
        named = set(connection.exec_driver_sql(f"SELECT * FROM {temporary}").scalars(1))

    assert {table.name for table in captures.metadata.sorted_tables if "source" in table.c} <= named


def test_texts_of_closed_segments_are_not_read(either: Database) -> None:
    filled(either)
    with either.writing() as connection:  # whose segment is not known, nobody knows the collection of
        lost = {"record_id": "<3>", "segment": "lost", "url": "u", "at": moment(0), "state": "none"}
        connection.execute(texts.insert().values(**lost))

    def read() -> set[str]:
        with either.reading() as connection:
            return set(connection.scalars(select(texts.c.record_id)))

    with closing_collections(CLOSED):
        assert read() == {"<1>"}
    assert read() == {"<1>", "<2>", "<3>"}


def test_a_text_is_looked_up_without_reading_all_captures_or_segments(tmp_path: Path) -> None:
    made = closing(open_database(f"sqlite:///{tmp_path}/pressmark.db"))
    with made as database, closing_collections(CLOSED), database.reading() as connection:
        plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {ONE_TEXT}")]
        control = [row[3] for row in connection.exec_driver_sql("EXPLAIN QUERY PLAN SELECT * FROM captures")]

    assert [step for step in plan if step.startswith("SCAN")] == []
    assert [step for step in plan if step.startswith("SEARCH")] != []
    assert [step for step in control if step.startswith("SCAN")] != []


def test_an_event_is_shown_without_reading_all_captures_of_its_run(either: Database) -> None:
    lite = either.engine.dialect.name == "sqlite"
    with closing_collections(CLOSED, frozenset({"s"})), either.reading() as connection:
        if not lite:
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")  # the tables are empty
        explain = "EXPLAIN QUERY PLAN" if lite else "EXPLAIN"
        plan = connection.exec_driver_sql(f"{explain} SELECT * FROM events WHERE id > 5").all()

    assert any("ix_captures_run_collection" in str(step) for step in plan)


def test_the_connections_of_the_sets_used_last_are_kept(either: Database) -> None:
    def read(name: str) -> Engine:
        with closing_collections(frozenset({name})), either.reading() as connection:
            return connection.engine

    first, second = read("0"), read("1")
    others = [read(str(number)) for number in range(2, 8)]
    assert read("0") is first
    read("8")

    assert read("0") is first
    assert [read(str(number)) for number in range(2, 8)] == others
    assert read("1") is not second  # the control


def test_readers_of_a_set_hold_few_connections(either: Database) -> None:
    with closing_collections(CLOSED):
        with ExitStack() as at_once:
            for _ in range(5):
                at_once.enter_context(either.reading())
            engine = engine_of_reader(either.engine)
            assert isinstance(engine.pool, QueuePool)
            assert engine.pool.checkedout() == 5
        assert engine.pool.checkedin() == 1


def test_what_is_written_for_a_reader_goes_into_the_tables(either: Database) -> None:
    with closing_collections(CLOSED):
        filled(either)
    assert len(collections(either)[0]) == 2
