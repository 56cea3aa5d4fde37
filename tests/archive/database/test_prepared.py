"""Prepared queries of SQLite use a few connections again and again, and leave none open."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest
from specimens.plans import checked_out
from sqlalchemy import Select, TextClause, bindparam, select, text

from archive.database.closed_collections import TakenDown, hiding
from archive.database.engine import Database, open_database
from archive.database.marks import Marks
from archive.database.prepared import Query
from archive.database.schema import marks
from archive.values.errors import DatabaseUnusable


def _select_value() -> Select[Any]:
    return select(marks.c.value).where(marks.c.name == bindparam("wanted"))


def _select_a_lost_column() -> TextClause:
    return text("SELECT lost FROM marks WHERE name = :wanted")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(f"sqlite:///{tmp_path / 'a.db'}")
    yield opened
    opened.close()


def open_files(tmp_path: Path) -> int:
    return sum(Path(file.path).parent == tmp_path for file in psutil.Process().open_files())


def test_queries_one_after_the_other_take_one_connection_and_see_what_was_written_before_each(
    database: Database,
) -> None:
    written, query = Marks(database, ""), Query(database.engine, _select_value)
    with checked_out(database) as connections:
        for number in range(20):
            written.set("a", str(number))
            assert query.rows(wanted="a") == [(str(number),)]

    assert len(connections) == 20 + 1


def test_a_database_in_memory_is_the_same_for_prepared_and_for_other_queries() -> None:
    database = open_database("sqlite://")
    written, query = Marks(database, ""), Query(database.engine, _select_value)
    written.set("a", "1")

    assert query.rows(wanted="a") == [("1",)]
    written.set("a", "2")
    assert query.rows(wanted="a") == [("2",)]
    database.close()


def test_queries_of_many_threads_and_of_many_readers_leave_no_file_open(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'a.db'}")
    Marks(database, "").set("a", "1")
    query = Query(database.engine, _select_value)

    def ask(number: int) -> list[tuple[Any, ...]]:
        with hiding(TakenDown(records=frozenset({str(number % 12)} if number % 2 else ()))):
            return query.rows(wanted="a")

    with ThreadPoolExecutor(16) as pool:
        assert set(map(tuple, pool.map(ask, range(400)))) == {(("1",),)}
    before = open_files(tmp_path)
    database.close()

    assert before > 0 == open_files(tmp_path)


def test_a_connection_whose_query_failed_is_closed_and_another_one_answers(database: Database) -> None:
    good, bad = Query(database.engine, _select_value), Query(database.engine, _select_a_lost_column)
    assert good.rows(wanted="a") == []

    with checked_out(database) as connections:
        with pytest.raises(DatabaseUnusable):
            bad.rows(wanted="a")
        assert good.rows(wanted="a") == []

    assert len(connections) == 1
