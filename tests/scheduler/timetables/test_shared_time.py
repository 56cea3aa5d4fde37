"""With several machines, slots follow the clock of the database: a machine whose clock is wrong queues none early."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from services.ledgers import timed
from services.postgresql import EMPTY, PostgresServer

from archive.database.engine import Database, open_database
from scheduler.timekeeper import Timekeeper
from scheduler.timetables import timetable_marks
from scheduler.timetables.shared_time import SharedTime

WRONG = timedelta(minutes=5)
LATE = timedelta(minutes=1)
"""The most that a busy machine needs from one statement of a test to the next."""


def fast() -> datetime:
    return datetime.now(UTC) + WRONG


@pytest.fixture
def shared(postgresql: PostgresServer) -> Iterator[Database]:
    with postgresql.database(EMPTY) as url:
        database = open_database(url)
        yield database
        database.close()


def mark_of(database: Database, now: Callable[[], datetime], look: Callable[[], object]) -> datetime:
    """Return up to when a clock with this time has processed the timetable of a source that it begins to follow."""
    Timekeeper(database, now=now, look=look).follow([timed(every="1m")])
    with database.reading() as connection:
        [mark] = timetable_marks.read(connection).values()
    return mark.until


@pytest.mark.postgresql
def test_a_clock_that_is_wrong_on_one_of_several_machines_moves_no_timetable(shared: Database) -> None:
    time = SharedTime(shared, fast)
    assert abs(mark_of(shared, time, time.look) - datetime.now(UTC)) < LATE


@pytest.mark.postgresql
def test_without_the_clock_of_the_database_it_does(shared: Database) -> None:
    assert mark_of(shared, fast, lambda: None) > datetime.now(UTC) + WRONG - LATE


def test_a_machine_alone_has_its_own_time(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'home.db'}")
    time = SharedTime(database, fast)
    time.look()
    assert time() > datetime.now(UTC) + WRONG - LATE
    database.close()


@pytest.mark.postgresql
def test_a_database_that_can_not_be_reached_leaves_a_machine_its_time(postgresql: PostgresServer) -> None:
    with postgresql.database(EMPTY) as url:
        database = open_database(f"{url}-that-is-not-there", migrate=False)
        time = SharedTime(database, fast)
        time.look()
        assert time() > datetime.now(UTC) + WRONG - LATE
        database.close()
