"""Wrong attempts in the database: what another process and a later start of the service know of them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from services.waiting import eventually

from archive.database.engine import Database
from archive.database.marks import Marks
from pressmark.http.attempts import TRIES, WINDOW, Reserved, SharedAttempts
from pressmark.service.access.wrong_logins import KNOWN, WrongLogins

ADDRESS, NAME = "198.51.100.7", "anna"


class Clock:
    def __init__(self) -> None:
        self.at = datetime(2026, 11, 28, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at


class Process:
    """A process of the service that checks passwords."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.attempts = SharedAttempts(WrongLogins(database, now=clock), "password", now=clock)

    def wait(self, known: str | None = None) -> timedelta:
        """Ask how long the address waits, and take the attempt back."""
        reserved = asyncio.run(self.attempts.reserve(ADDRESS, NAME, known))
        asyncio.run(self.attempts.release(reserved))
        return reserved.wait

    def right(self, known: str) -> None:
        reserved = asyncio.run(self.attempts.reserve(ADDRESS, NAME, known))
        assert not reserved.wait
        asyncio.run(self.attempts.release(reserved))
        asyncio.run(self.attempts.succeeded(ADDRESS, known))

    def wrong(self, times: int = TRIES) -> None:
        for _ in range(times):
            reserved = asyncio.run(self.attempts.reserve(ADDRESS, NAME))
            assert not reserved.wait

    def checked(self, known: str) -> bool:
        """Be wrong with something known; return whether it was checked."""
        reserved = asyncio.run(self.attempts.reserve(ADDRESS, NAME, known))
        return not reserved.wait


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.mark.parametrize("restarted", [False, True])
def test_attempts_under_a_clock_that_was_days_ahead_make_nobody_wait(
    database: Database, clock: Clock, restarted: bool
) -> None:
    process = Process(database, clock)
    clock.at += timedelta(days=7)
    process.wrong()
    assert process.wait() == WINDOW  # the control
    clock.at -= timedelta(days=7)
    after = Process(database, clock) if restarted else process
    assert after.wait() == timedelta()

    after.wrong()
    assert after.wait() == Process(database, clock).wait() == WINDOW
    clock.at += timedelta(days=7)
    assert Process(database, clock).wait() == timedelta(), "the first attempts are deleted"


def test_attempts_of_a_process_whose_clock_is_a_minute_ahead_count(database: Database, clock: Clock) -> None:
    ahead = Clock()
    ahead.at += timedelta(minutes=1)
    Process(database, ahead).wrong(TRIES - 1)
    Process(database, clock).wrong(1)

    assert timedelta() < Process(database, clock).wait() <= WINDOW


def test_attempts_at_several_processes_at_once_are_no_more_than_one_after_another(
    database: Database, clock: Clock
) -> None:
    processes = [Process(database, clock) for _ in range(3)]

    async def at_once() -> list[Reserved]:
        asked = (process.attempts.reserve(ADDRESS, NAME) for process in processes for _ in range(TRIES))
        return await asyncio.gather(*asked)

    checked = [reserved for reserved in asyncio.run(at_once()) if not reserved.wait]
    assert len(checked) == TRIES
    asyncio.run(processes[0].attempts.release(checked[0]))
    assert Process(database, clock).checked(NAME), "what was right is taken back for all"
    assert not Process(database, clock).checked(NAME)


def test_who_was_right_before_does_not_wait_after_a_restart_and_at_another_process(
    database: Database, clock: Clock
) -> None:
    Process(database, clock).right("a browser")
    attacked = Process(database, clock)
    attacked.wrong()

    for process in (attacked, Process(database, clock)):
        assert process.wait("a browser") == timedelta()
        assert process.wait("another browser") == process.wait() == WINDOW  # the control
        process.right("a browser")


def test_something_right_waits_for_the_wrong_ones_of_all_processes_and_is_not_counted(
    database: Database, clock: Clock
) -> None:
    attempts = Process(database, clock).attempts
    Process(database, clock).wrong(TRIES - 1)
    assert [asyncio.run(attempts.wait(ADDRESS, NAME, "right")) for _ in range(TRIES)] == [timedelta()] * TRIES
    Process(database, clock).wrong(1)
    assert asyncio.run(attempts.wait(ADDRESS, NAME, "right")) == WINDOW

    attempts.succeeds(ADDRESS, "right")
    assert asyncio.run(attempts.wait(ADDRESS, NAME, "right")) == timedelta(), "it was right here before"
    another = Process(database, clock).attempts
    eventually(lambda: asyncio.run(another.wait(ADDRESS, NAME, "right")) == timedelta())
    assert asyncio.run(another.wait(ADDRESS, NAME, "another")) == WINDOW  # the control


def test_what_is_known_is_known_at_its_address_and_for_its_kind_only(database: Database, clock: Clock) -> None:
    Process(database, clock).right("a browser")
    wrong = WrongLogins(database, now=clock)

    assert wrong.knows(ADDRESS, "password", "a browser")
    assert not wrong.knows("198.51.100.8", "password", "a browser")
    assert not wrong.knows(ADDRESS, "token", "a browser")


def test_attempts_with_what_another_process_knows_have_a_limit_of_their_own(database: Database, clock: Clock) -> None:
    Process(database, clock).right("a browser")
    process = Process(database, clock)
    process.wrong()

    assert [process.checked("a browser") for _ in range(TRIES + 1)] == [True] * TRIES + [False]


def test_attempts_with_what_the_process_itself_knows_have_no_limit(database: Database, clock: Clock) -> None:
    process = Process(database, clock)
    process.right("a browser")
    Process(database, clock).wrong()

    assert [process.checked("a browser") for _ in range(TRIES + 1)] == [True] * (TRIES + 1)
    assert not process.checked("another browser")  # the control


def test_the_database_remembers_a_bounded_number_and_no_secret(database: Database, clock: Clock) -> None:
    wrong, marks = WrongLogins(database, now=clock), Marks(database, "known-login/")
    marks.set_all({f"password/{number}/{number:06}": clock.at.isoformat() for number in range(KNOWN - 1)})
    for number in range(3):
        clock.at += timedelta(seconds=1)
        wrong.know(ADDRESS, "token", f"token {number}")
    kept = marks.all()

    assert len(kept) == KNOWN
    assert all(wrong.knows(ADDRESS, "token", f"token {number}") for number in range(3))
    assert {len(name.rpartition("/")[2]) for name in kept} == {6}, "24 bits: too few to find a chosen token"
