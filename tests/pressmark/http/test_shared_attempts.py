"""Wrong attempts in the database: what another process and a later start of the service know of them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from archive.database.engine import Database
from pressmark.http.attempts import TRIES, WINDOW, SharedAttempts
from pressmark.service.access.wrong_logins import WrongLogins

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
        self.attempts.release(reserved)
        return reserved.wait

    def wrong(self, times: int = TRIES) -> None:
        for _ in range(times):
            reserved = asyncio.run(self.attempts.reserve(ADDRESS, NAME))
            assert not reserved.wait
            asyncio.run(self.attempts.failed(ADDRESS, NAME, reserved))


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
