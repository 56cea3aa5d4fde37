"""A clock of the service, as a process of its own, with a time that a file sets: ``python ticker.py HOME``.

It ends when there is a file ``stop`` in HOME.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from archive.database.engine import open_database
from config.load import Sources
from scheduler.clock import Clock
from scheduler.events import Events
from scheduler.ledger.epochs import Epochs
from scheduler.ledger.runs import Runs
from scheduler.timekeeper import Timekeeper

SOON = timedelta(milliseconds=200)


def now() -> datetime:
    return datetime.now(UTC)


async def tick(home: Path) -> None:
    database = open_database(f"sqlite:///{home / 'pressmark.db'}", migrate=False)
    runs = Runs(database, Epochs(database, now=now, lease=timedelta(minutes=1)), now=now)
    keeper = Timekeeper(database, now=now)
    clock = Clock(keeper, Sources(home / "sources"), runs, Events(database), now=now, poll=SOON, keep_house=SOON)
    await clock.start()
    while not (home / "stop").exists():
        await asyncio.sleep(0.1)
    await clock.stop()
    database.close()


if __name__ == "__main__":
    asyncio.run(tick(Path(sys.argv[1])))
