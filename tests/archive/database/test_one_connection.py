"""Reads that follow each other on one connection of a server."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from contextvars import copy_context

import pytest
from services.postgresql import EMPTY, PostgresServer
from sqlalchemy import event, text
from sqlalchemy.exc import DataError

from archive.database.engine import Database, open_database, reading_together
from archive.database.marks import Marks
from archive.database.time_limit import time_limit

pytestmark = pytest.mark.postgresql
_PROCESS = text("SELECT pg_backend_pid()")


@pytest.fixture
def database(postgresql: PostgresServer) -> Iterator[Database]:
    with postgresql.database(EMPTY) as url, closing(open_database(url)) as database:
        yield database


def process(database: Database) -> int:
    """Return the process of the server that answers a read."""
    with database.reading() as connection:
        return int(connection.execute(_PROCESS).scalar_one())


def begun(database: Database) -> list[object]:
    """Return the list of the connections that are taken from now on."""
    taken = list[object]()
    event.listen(database.engine, "checkout", lambda *given: taken.append(given[0]))
    return taken


def test_reads_that_follow_each_other_begin_once(database: Database) -> None:
    taken = begun(database)
    with reading_together(), reading_together():
        assert process(database) == process(database) == process(database)
    assert len(taken) == 1

    for _ in range(3):
        process(database)
    assert len(taken) == 4


def test_they_see_the_database_as_it_is_at_the_first(database: Database) -> None:
    marks = Marks(database, "test/")
    with reading_together():
        assert marks.get("a") is None
        marks.set("a", "1")
        assert marks.get("a") is None
    assert marks.get("a") == "1"


def test_the_time_limit_of_a_read_is_none_of_the_next_one(database: Database) -> None:
    limit = text("SELECT current_setting('statement_timeout')")
    with reading_together():
        with database.reading() as connection:
            before = connection.execute(limit).scalar_one()
        with time_limit(20.0), database.reading() as connection:
            limited = connection.execute(limit).scalar_one()
        with database.reading() as connection:
            after = connection.execute(limit).scalar_one()

    assert after == before != limited


def test_after_a_read_that_fails_the_next_one_has_another_connection(database: Database) -> None:
    with reading_together():
        with pytest.raises(DataError), database.reading() as connection:
            connection.execute(text("SELECT 1 / 0"))
        assert process(database) == process(database)


def test_a_read_in_another_has_a_connection_of_its_own(database: Database) -> None:
    with reading_together():
        with database.reading() as connection:
            outer = connection.execute(_PROCESS).scalar_one()
            assert process(database) != outer
            assert connection.execute(_PROCESS).scalar_one() == outer
        assert database.engine.pool.checkedout() == 1  # type: ignore[attr-defined]
    assert database.engine.pool.checkedout() == 0  # type: ignore[attr-defined]


def test_another_thread_with_this_context_has_a_connection_of_its_own(database: Database) -> None:
    with reading_together(), ThreadPoolExecutor(1) as threads:
        here = process(database)
        assert threads.submit(copy_context().run, process, database).result(20) != here
