from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from services.ledgers import Ledger
from services.waiting import until
from sqlalchemy import text

from config.load import Sources
from scheduler.clock import Clock, _Poll
from scheduler.timekeeper import Timekeeper

SOON = timedelta(milliseconds=50)


class Now:
    """The wall clock, set back by as much as a test says."""

    def __init__(self) -> None:
        self.back = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) - self.back


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "sources").mkdir()
    return tmp_path


def describe(home: Path, name: str, timetable: str = "{every: 1s, catch_up: 'all:100'}") -> None:
    text = f"source: {name}\nseeds: https://{name}.example.org/\ntimetable: {timetable}\n"
    (home / "sources" / f"{name}.yaml").write_text(text)


@asynccontextmanager
async def ticking(
    ledger: Ledger,
    home: Path,
    now: Callable[[], datetime] | None = None,
    *,
    queued: Callable[[], object] = lambda: None,
) -> AsyncIterator[Clock]:
    """A running clock, with the real time."""
    now = now or Now()
    ledger.runs._now = ledger.epochs._now = now
    keeper = Timekeeper(ledger.database, now=now)
    sources, every = Sources(home / "sources"), {"poll": SOON, "keep_house": SOON}
    clock = Clock(keeper, sources, ledger.runs, ledger.events, now=now, queued=queued, **every)
    await clock.start()
    try:
        yield clock
    finally:
        await clock.stop()


def sources_with_slots(ledger: Ledger) -> set[str]:
    return {slot.source for slot in ledger.slots.list(limit=9999)}


def test_the_clock_queues_due_runs(ledger: Ledger, home: Path) -> None:
    async def story() -> None:
        describe(home, "a")
        async with ticking(ledger, home):
            await until(lambda: len(ledger.slots.list("a")) >= 3)

    asyncio.run(story())
    slots = [slot.at for slot in ledger.slots.list("a", limit=9999)]
    assert slots == [slots[0] - timedelta(seconds=number) for number in range(len(slots))]


@pytest.mark.parametrize(
    ("wait", "fires"), [(0.4, 0.4), (0.0, 1.0), (-5.0, 1.0), (1.0, 1.0), (timedelta.max.total_seconds() / 2, 1.0)]
)
def test_the_clock_strikes_at_a_tick_that_comes_before_the_next_look(wait: float, fires: float) -> None:
    poll, now = _Poll(timedelta(seconds=1), lambda: timedelta(seconds=wait)), datetime.now(UTC)

    assert poll.get_next_fire_time(None, now) == now
    assert poll.get_next_fire_time(now, now) == now + timedelta(seconds=fires)


def test_a_strike_that_queues_runs_says_so(ledger: Ledger, home: Path) -> None:
    queued = list[None]()

    async def story() -> None:
        async with ticking(ledger, home, queued=lambda: queued.append(None)):
            describe(home, "a")
            assert queued == []
            await until(lambda: queued)

    asyncio.run(story())
    assert ledger.slots.list("a")


def test_nothing_strikes_after_the_clock_has_stopped(ledger: Ledger, home: Path) -> None:
    async def story() -> None:
        describe(home, "a")
        async with ticking(ledger, home):
            await until(lambda: ledger.slots.list("a"))
        before = ledger.slots.list("a")
        await asyncio.sleep(1.5)
        assert ledger.slots.list("a") == before

    asyncio.run(story())


def test_a_new_source_is_followed_without_a_restart(ledger: Ledger, home: Path) -> None:
    async def story() -> None:
        async with ticking(ledger, home):
            await asyncio.sleep(0.2)
            describe(home, "late")
            await until(lambda: "late" in sources_with_slots(ledger))

    asyncio.run(story())


def test_a_new_source_is_followed_even_if_another_reader_was_first(ledger: Ledger, home: Path) -> None:
    async def story() -> None:
        async with ticking(ledger, home) as clock:
            describe(home, "late")
            clock._sources.reload()
            await until(lambda: "late" in sources_with_slots(ledger))

    asyncio.run(story())


def test_a_source_with_a_mistake_keeps_its_timetable(ledger: Ledger, home: Path) -> None:
    async def story() -> None:
        describe(home, "a")
        async with ticking(ledger, home):
            await until(lambda: ledger.slots.list("a"))
            describe(home, "a", "{every: soon}")
            count = len(ledger.slots.list("a"))
            await until(lambda: len(ledger.slots.list("a")) > count + 1)

    asyncio.run(story())


def test_a_blocked_event_loop_loses_no_slot(ledger: Ledger, home: Path) -> None:
    async def story() -> None:
        describe(home, "a")
        async with ticking(ledger, home):
            await until(lambda: ledger.slots.list("a"))
            time.sleep(3)
            count = len(ledger.slots.list("a"))
            await until(lambda: len(ledger.slots.list("a")) >= count + 3)

    asyncio.run(story())
    slots = [slot.at for slot in ledger.slots.list("a", limit=9999)]
    assert slots == [slots[0] - timedelta(seconds=number) for number in range(len(slots))]


def test_the_runs_of_dead_workers_are_taken_back(ledger: Ledger, home: Path) -> None:
    async def story() -> None:
        async with ticking(ledger, home):
            run = ledger.request("a")
            ledger.take()
            ledger.epochs.begin("main")
            await until(lambda: ledger.runs.get(run.id).attempt == 2)

    asyncio.run(story())


def test_a_failed_strike_is_reported_and_retried(ledger: Ledger, home: Path) -> None:
    async def story() -> None:
        describe(home, "a")
        async with ticking(ledger, home) as clock:
            await until(lambda: ledger.slots.list("a"))
            with ledger.database.writing() as connection:
                connection.execute(text("ALTER TABLE slots RENAME TO away"))
            await until(lambda: clock.problem is not None)
            assert re.search('no such table: slots|relation "slots" does not exist', clock.problem or "")
            with ledger.database.writing() as connection:
                connection.execute(text("ALTER TABLE away RENAME TO slots"))
            await until(lambda: clock.problem is None)
            count = len(ledger.slots.list("a"))
            await until(lambda: len(ledger.slots.list("a")) > count)

    asyncio.run(story())


def test_a_clock_that_is_set_back_does_not_fall_asleep(ledger: Ledger, home: Path) -> None:
    """APScheduler plans its next strike by the wall clock.

    Three hours from now, once that is set back by three hours.
    """

    async def story() -> None:
        describe(home, "a")
        now = Now()
        async with ticking(ledger, home, now) as clock:
            await until(lambda: ledger.slots.list("a"))
            clock._job.modify(next_run_time=datetime.now(UTC) + timedelta(hours=3))
            now.back = timedelta(hours=3)
            struck = asyncio.Event()
            clock._timekeeper.process_due = lambda: loop.call_soon_threadsafe(struck.set)  # type: ignore[method-assign]
            loop = asyncio.get_running_loop()
            async with asyncio.timeout(60):
                await struck.wait()

    asyncio.run(story())


def test_a_strike_yields_to_waiting_work(ledger: Ledger, home: Path) -> None:
    """Otherwise it would queue behind the end of the clock, and be cut off by it."""
    told: list[str] = []

    async def story() -> None:
        async with ticking(ledger, home) as clock:
            clock._scheduler.pause()
            await clock._one_at_a_time.acquire()
            waiting = asyncio.create_task(clock._in_thread(lambda: told.append("work")))
            await asyncio.sleep(0)
            clock._timekeeper.process_due = lambda: told.append("strike")  # type: ignore[method-assign]
            clock._one_at_a_time.release()
            await clock._process_due()
            await waiting

    asyncio.run(story())
    assert told == ["work"]


def test_a_stopping_clock_cuts_off_no_strike(ledger: Ledger, home: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def story() -> None:
        for _ in range(20):
            async with ticking(ledger, home) as clock:
                clock._job.modify(next_run_time=datetime.now(UTC))

    asyncio.run(story())
    assert [record.getMessage() for record in caplog.records if "apscheduler" in record.name] == []


def test_a_clock_stops_after_the_strike_in_progress(ledger: Ledger, home: Path) -> None:
    told: list[str] = []

    def slowly() -> None:
        told.append("begun")
        time.sleep(0.5)
        told.append("over")

    async def story() -> None:
        async with ticking(ledger, home) as clock:
            clock._timekeeper.process_due = slowly  # type: ignore[method-assign,assignment]
            await until(lambda: told)
        assert told.count("begun") == told.count("over")
        await asyncio.sleep(0.3)
        assert told.count("begun") == told.count("over") == len(told) / 2

    asyncio.run(story())
