"""Tasks without which a process is useless."""

from __future__ import annotations

import asyncio

import pytest

from pressmark.processes.essential import ended, essential


def test_a_task_that_breaks_stops_the_process_and_its_exception_is_raised() -> None:
    stopped: list[bool] = []

    async def live() -> None:
        task = essential(breaks(), lambda: stopped.append(True))
        await asyncio.sleep(0.01)
        await ended(task)

    with pytest.raises(OSError, match="no inode"):
        asyncio.run(live())
    assert stopped == [True]


def test_a_cancelled_task_stops_nothing() -> None:
    stopped: list[bool] = []

    async def live() -> None:
        await ended(essential(asyncio.sleep(60), lambda: stopped.append(True)))

    asyncio.run(live())
    assert stopped == []


async def breaks() -> None:
    raise OSError("no inode is free")
