"""Slow work for pages: how many wait, that each end wakes the engine, and that none is left at the end."""

from __future__ import annotations

import asyncio

from crawler.engine.page_tasks import PageTasks


def test_a_third_page_fills_the_tasks_and_each_end_wakes_the_engine() -> None:
    asyncio.run(_fill_and_end())


def test_closing_cancels_what_waits_and_leaves_nothing() -> None:
    asyncio.run(_close_while_one_waits())


async def _fill_and_end() -> None:
    woken: list[bool] = []
    tasks = PageTasks(lambda: woken.append(True))
    done = asyncio.Event()
    full = []
    for _ in range(3):
        tasks.begin(_until(done))
        full.append(tasks.is_full)
    assert full == [False, False, True]
    done.set()
    for _ in range(3):  # turns of the loop: the tasks end, and their callbacks run
        await asyncio.sleep(0)
    assert not tasks.is_full
    assert len(woken) == 3


async def _close_while_one_waits() -> None:
    cancelled: list[bool] = []

    async def wait() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(True)
            raise

    tasks = PageTasks(lambda: None)
    tasks.begin(wait())
    await asyncio.sleep(0)
    await tasks.close()
    assert cancelled == [True]
    assert len(asyncio.all_tasks()) == 1


async def _until(done: asyncio.Event) -> None:
    await done.wait()
