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

    def giving_up(self) -> WriteTimeout:
        return WriteTimeout(self.looks(), self.stop, monotonic=lambda: self.now)


@pytest.mark.parametrize(("error", "seconds"), [(FULL, 10), (SpoolFull("no room"), 10), (AWAY, 300)])
def test_a_part_that_can_not_be_written_is_a_reason_to_end_after_a_while(error: Exception, seconds: int) -> None:
    parts = Parts()
    giving_up = parts.giving_up()
    parts.problems[1] = error
    giving_up.look()
    parts.now = seconds - 1
    giving_up.look()
    before = giving_up.reason
    parts.now = seconds
    giving_up.look()

    assert (before, giving_up.reason) == (None, error)


def test_a_part_that_is_written_again_in_between_is_none() -> None:
    parts = Parts()
    giving_up = parts.giving_up()
    for parts.now in range(0, 100, 5):
        parts.problems = [FULL, None] if parts.now % 10 else [None, FULL]
        giving_up.look()

    assert giving_up.reason is None


def test_the_worker_is_stopped_once() -> None:
    parts = Parts()
    giving_up = parts.giving_up()
    parts.problems[0] = FULL

    async def live() -> None:
        looking = asyncio.create_task(giving_up.run())
        parts.now = 0.0
        giving_up.look()
        parts.now = 10.0
        await until(lambda: parts.stopped)
        await looking

    asyncio.run(live())
    assert (parts.stopped, giving_up.reason) == (1, FULL)
