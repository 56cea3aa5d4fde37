"""A command ends when what it writes to can't be written for long."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from services.waiting import until

from archive.values.errors import DatabaseFull, DatabaseUnreachable, SpoolFull
from pressmark.processes.write_timeout import WriteTimeout

FULL = DatabaseFull("a.db", "database or disk is full")
AWAY = DatabaseUnreachable("postgresql://db.example/p", "no answer")


class Parts:
    """Parts whose problems a test sets, and a clock."""

    def __init__(self) -> None:
        self.problems: list[Exception | None] = [None, None]
        self.now = 0.0
        self.stopped = 0

    def looks(self) -> list[Callable[[], Exception | None]]:
        return [lambda: self.problems[0], lambda: self.problems[1]]

    def stop(self) -> None:
        self.stopped += 1

    def write_timeout(self) -> WriteTimeout:
        return WriteTimeout(self.looks(), self.stop, monotonic=lambda: self.now)


@pytest.mark.parametrize(("error", "seconds"), [(FULL, 10), (SpoolFull("no room"), 10), (AWAY, 300)])
def test_a_part_that_can_not_be_written_is_a_reason_to_end_after_a_while(error: Exception, seconds: int) -> None:
    parts = Parts()
    write_timeout = parts.write_timeout()
    parts.problems[1] = error
    write_timeout.check()
    parts.now = seconds - 1
    write_timeout.check()
    before = write_timeout.reason
    parts.now = seconds
    write_timeout.check()

    assert (before, write_timeout.reason) == (None, error)


def test_a_part_that_is_written_again_in_between_is_none() -> None:
    parts = Parts()
    write_timeout = parts.write_timeout()
    for parts.now in range(0, 100, 5):
        parts.problems = [FULL, None] if parts.now % 10 else [None, FULL]
        write_timeout.check()

    assert write_timeout.reason is None


def test_the_worker_is_stopped_once() -> None:
    parts = Parts()
    write_timeout = parts.write_timeout()
    parts.problems[0] = FULL

    async def live() -> None:
        looking = asyncio.create_task(write_timeout.run())
        parts.now = 0.0
        write_timeout.check()
        parts.now = 10.0
        await until(lambda: parts.stopped)
        await looking

    asyncio.run(live())
    assert (parts.stopped, write_timeout.reason) == (1, FULL)
