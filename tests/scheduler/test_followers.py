"""Followers of events on PostgreSQL, while many writers pass each other: each event once, in one order, none missed."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from conftest import figure
from services.postgresql import PostgresServer
from services.waiting import eventually
from sqlalchemy import Connection, insert, make_url

from archive.database.engine import Database
from archive.database.postgresql import postgresql_engine
from archive.database.schema import events
from archive.values.errors import DatabaseUnreachable
from scheduler import events as ours
from scheduler.events import Events, note

pytestmark = pytest.mark.postgresql

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
WRITERS, FOLLOWERS = figure(50, 50, 50), figure(10, 10, 10)
TIMES = figure(2, 20, 200)
"""Transactions of each writer."""
PROCESSES, PROGRAM = 5, Path(__file__).parents[1] / "programs" / "noting_events.py"
AT_ONCE = 20
OPEN = 0.02
"""Seconds that a transaction stays open at most."""


@pytest.fixture(scope="module")
def database(postgresql: PostgresServer) -> Iterator[Database]:
    with postgresql.database() as url:
        engine = postgresql_engine(make_url(url), pool_size=WRITERS + FOLLOWERS + 5, max_overflow=0)
        with closing(Database(engine)) as database:
            yield database


class RolledBack(Exception):
    pass


def write(database: Database, writer: int, committed: set[str]) -> None:
    """Write events in transactions of which some stay open, some are rolled back, and some lose their connection."""
    dice = random.Random(writer)
    for number in range(TIMES):
        names = [f"{writer}-{number}-{part}" for part in range(dice.randint(1, 3))]
        ending = dice.choice(["", "", "", "rolled back", "killed"])
        with suppress(RolledBack, DatabaseUnreachable), database.beside(f"writer {writer}") as connection:
            for name in names:
                note(connection, NOON, "source.paused", source=name)
                time.sleep(dice.random() * OPEN)
            if ending == "rolled back":
                raise RolledBack
            if ending == "killed":
                connection.exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")
        if not ending:
            committed.update(names)


def follow(database: Database, start: int, ended: threading.Event, seen: list[tuple[int, str | None]]) -> None:
    """Follow the events after a number, until the writers have ended and nothing is left."""
    followed, is_last = Events(database), False
    while not is_last:
        is_last = ended.is_set()
        while some := followed.since(seen[-1][0] if seen else start, limit=AT_ONCE):
            seen.extend(some)
        time.sleep(0.02)


def followed(database: Database) -> tuple[set[str], list[list[tuple[int, str | None]]]]:
    """Return the events that were committed, and what each follower has seen."""
    committed, ended, start = set[str](), threading.Event(), Events(database).latest()
    seen: list[list[tuple[int, str | None]]] = [[] for _ in range(FOLLOWERS)]
    followers = [threading.Thread(target=follow, args=(database, start, ended, one)) for one in seen]
    writers = [threading.Thread(target=write, args=(database, number, committed)) for number in range(WRITERS)]
    for one in (*followers, *writers):
        one.start()
    for one in writers:
        one.join()
    ended.set()
    for one in followers:
        one.join()
    return committed, seen


def test_each_follower_sees_each_event_once_in_the_same_order(database: Database) -> None:
    start = Events(database).latest()
    committed, seen = followed(database)
    everything = Events(database).since(start, limit=WRITERS * TIMES * 3)

    assert {name for _, name in everything} == committed
    assert len(everything) == len(committed)
    assert all(one == everything for one in seen)


def at_once(connection: Connection, rows: list[Mapping[str, Any]]) -> None:
    """Write events as they are noted, so that they have numbers before they are committed."""
    connection.execute(insert(events), rows)


@pytest.mark.costly
def test_without_the_order_of_commits_followers_miss_events(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ours, "add_events", at_once)
    committed, seen = followed(database)

    assert any(len(one) < len(committed) for one in seen)


@pytest.mark.costly
def test_events_of_killed_processes_are_followed_if_they_were_committed_and_only_then(
    database: Database, tmp_path: Path
) -> None:
    url = database.engine.url.render_as_string(hide_password=False)
    start, ended = Events(database).latest(), threading.Event()
    seen = [list[tuple[int, str | None]]() for _ in range(FOLLOWERS)]
    followers = [threading.Thread(target=follow, args=(database, start, ended, one)) for one in seen]
    for one in followers:
        one.start()
    told = tmp_path / "told"
    for turn in range(figure(1, 4, 20)):
        with told.open("ab") as out, ExitStack() as running:
            for number in range(PROCESSES):
                command = [sys.executable, str(PROGRAM), url, f"{turn}-{number}"]
                process = running.enter_context(subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL))
                running.callback(process.kill)
            enough = told.stat().st_size + 2_000
            eventually(partial(is_longer, told, enough), within=60)
    wait_for_the_end_of_transactions(database)
    ended.set()
    for one in followers:
        one.join()
    everything = Events(database).since(start, limit=1_000_000)
    names = [name for _, name in everything]

    assert set(told.read_text().split()) <= set(names)
    assert len(set(names)) == len(names)
    assert all(one == everything for one in seen)


def is_longer(file: Path, size: int) -> bool:
    return file.stat().st_size > size


def wait_for_the_end_of_transactions(database: Database) -> None:
    """Wait until the server has noticed that the processes are gone: a commit that was sent may come to its end."""
    with database.settled():
        pass


def seen_around_an_open_transaction(database: Database) -> list[str | None]:
    """Return what a follower sees that reads while a transaction has noted an event, and after it."""
    followed = Events(database)
    start = followed.latest()
    with database.beside() as connection:
        note(connection, NOON, "source.paused", source="early")
        followed.append(NOON, "source.paused", source="late")
        seen = followed.since(start, limit=9)
    return [name for _, name in (*seen, *followed.since(seen[-1][0], limit=9))]


def test_an_event_has_its_number_only_when_it_is_committed(database: Database) -> None:
    assert seen_around_an_open_transaction(database) == ["late", "early"]


def test_an_event_that_had_its_number_before_would_be_missed(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ours, "add_events", at_once)

    assert seen_around_an_open_transaction(database) == ["late"]


def test_events_of_a_transaction_that_was_rolled_back_are_never_written(database: Database) -> None:
    start = Events(database).latest()
    with suppress(RolledBack), database.beside() as connection:
        note(connection, NOON, "source.paused", source="gone")
        raise RolledBack
    with database.beside():
        pass
    Events(database).append(NOON, "source.paused", source="kept")

    assert [name for _, name in Events(database).since(start, limit=9)] == ["kept"]
