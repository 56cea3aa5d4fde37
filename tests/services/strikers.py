"""A service in miniature, as a process of its own: keeps time, takes runs, crawls nothing, and logs what it did.

``python strikers.py DATABASE LOG NAME SETTINGS`` where SETTINGS is the JSON of `Settings`. Time runs `speed` times as
fast as the wall clock, the same for all processes, so that hundreds of slots are due within seconds. It ends when there
is a file ``stop`` beside the database.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TextIO

from sqlalchemy import Connection, update

from archive.database.engine import Database, open_database
from archive.database.schema import runs
from archive.values.errors import DatabaseUnreachable
from config.source import Source
from crawler.policy.order import Outcome
from scheduler import timekeeper
from scheduler.ledger import queue
from scheduler.ledger.epochs import Epochs
from scheduler.ledger.runs import Runs
from scheduler.run import Run, StaleEpoch
from scheduler.timekeeper import Timekeeper
from scheduler.timetables import timetable_marks


@dataclass(frozen=True)
class Settings:
    """What all processes of a test share."""

    started: float
    """In wall time."""
    speed: float
    sources: int
    lease: float
    """Seconds, of the fast time."""
    crawl: float = 0.002
    """Seconds that a crawl takes, in wall time."""
    broken: str = ""
    """``slots``: each process trusts its own memory; ``fence``: a stale epoch may write. For the controls."""

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.started + (time.time() - self.started) * self.speed, UTC)

    def described(self) -> list[Source]:
        timetable = {"every": "1m", "jitter": "0s", "catch_up": "all:999"}
        shared = {"seeds": "https://example.org/", "timetable": timetable}
        return [Source.model_validate({"source": f"s{number}"} | shared) for number in range(self.sources)]

    def json(self) -> str:
        return json.dumps(asdict(self))


class Striker:
    """One service: at every turn it strikes, beats, takes back the runs of dead workers, and crawls one run."""

    def __init__(self, database: Database, log: TextIO, name: str, stop: Path, settings: Settings) -> None:
        self._log = log
        self._stop = stop
        self._name = name
        self._settings = settings
        self._epochs = Epochs(database, now=settings.now, lease=timedelta(seconds=settings.lease))
        self._runs = Runs(database, self._epochs, now=settings.now, attempts=1000)
        self._keeper = Timekeeper(database, now=settings.now)
        self._keeper.follow(settings.described())
        self._epoch, self._stale = self._epochs.begin(name), False
        self._next_beat = 0.0

    def work(self) -> None:
        self._tell("ready")
        while not self._stop.exists():
            try:
                self._turn()
            except StaleEpoch as error:
                self._tell("refused", why=str(error))
                self._stale = True
            except DatabaseUnreachable as error:  # others write all the while; the service tries again as well
                self._tell("waited", why=str(error))

    def _turn(self) -> None:
        if self._stale:
            self._epoch, self._stale = self._epochs.begin(self._name), False
        for run in self._keeper.process_due():
            self._tell("queued", source=run.source, slot=str(run.tick or run.url))
        self._beat()
        if run := self._runs.claim(self._name, self._epoch):
            self._crawl(run)
        else:
            time.sleep(0.02)

    def _beat(self) -> None:
        if time.monotonic() < self._next_beat:
            return
        self._runs.seen(self._epoch, {})
        self._runs.recover()
        self._next_beat = time.monotonic() + self._settings.lease / self._settings.speed / 4

    def _crawl(self, run: Run) -> None:
        self._tell("taken", run=run.id)
        time.sleep(self._settings.crawl)
        try:
            self._runs.finish(run, Outcome(outcome="done", captures=1, reason=f"{self._name} {self._epoch}"))
        except StaleEpoch:
            self._tell("finish refused", run=run.id)
            raise
        self._tell("finished", run=run.id)

    def _tell(self, what: str, **facts: Any) -> None:
        self._log.write(json.dumps({"what": what, "by": self._name, **facts}) + "\n")
        self._log.flush()


def break_product(how: str) -> None:
    """Remove one of the product's guards, in this process."""
    if how == "slots":
        memory: dict[str, Any] = {}

        def own_marks(_: Connection, __: Any = None) -> dict[str, Any]:
            return memory

        def queue_anyway(connection: Connection, source: str, at: datetime, now: datetime, **_: Any) -> Run:
            return queue.queue(connection, source, now, url=at.isoformat())

        timetable_marks.read = own_marks
        timetable_marks.put = lambda _, known: memory.update(known)
        timekeeper.queue_slot = queue_anyway  # type: ignore[assignment]
    if how == "fence":
        Epochs.fence = lambda *_: None  # type: ignore[method-assign]

        def write_anyway(_: Runs, connection: Connection, run: str, __: int, **values: Any) -> None:
            connection.execute(update(runs).where(runs.c.id == run).values(**values))

        Runs._write = write_anyway  # type: ignore[method-assign]


def main(file: str, log: str, name: str, settings: str) -> None:
    agreed = Settings(**json.loads(settings))
    database = open_database(f"sqlite:///{file}", migrate=False)
    break_product(agreed.broken)
    with Path(log).open("w") as writing:
        Striker(database, writing, name, Path(file).with_name("stop"), agreed).work()
    database.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
