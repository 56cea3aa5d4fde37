"""A ledger on a real database, and a clock that tests set."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from services.databases import database_at

from archive.database.engine import Database, open_database
from config.source import Source
from crawler.policy.order import Outcome
from scheduler.events import Events
from scheduler.ledger.epochs import Epochs
from scheduler.ledger.runs import Runs
from scheduler.pauses import Pauses
from scheduler.run import Run
from scheduler.timekeeper import Timekeeper
from scheduler.timetables.slots import Slots
from scheduler.timetables.timetable import Tick

LEASE = timedelta(seconds=60)
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


class Time:
    """The time, until a test moves it."""

    def __init__(self, at: datetime = NOON) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def passes(self, **much: float) -> datetime:
        self.at += timedelta(**much)
        return self.at


@dataclass
class Ledger:
    database: Database
    time: Time
    epochs: Epochs
    runs: Runs
    pauses: Pauses
    slots: Slots
    events: Events

    def timekeeper(self, *sources: Source, held_back: str | None = None) -> Timekeeper:
        keeper = Timekeeper(self.database, now=self.time, held_back=lambda: held_back)
        keeper.follow(sources)
        return keeper

    def request(self, source: str = "a", tick: Tick | None = None) -> Run:
        run = self.runs.request(source, tick)
        assert run is not None
        return run

    def take(self, epoch: int | None = None, worker: str = "main") -> Run:
        run = self.runs.claim(worker, self.epochs.begin(worker) if epoch is None else epoch)
        assert run is not None
        return run

    def states(self) -> list[tuple[str, str, str | None]]:
        """Return time, state and reason of all slots, oldest first."""
        return [
            (slot.at.strftime("%d %H:%M"), slot.state, slot.reason) for slot in reversed(self.slots.list(limit=9999))
        ]


def open_ledger(file: Path, *, migrate: bool = True, lease: timedelta = LEASE) -> Ledger:
    return ledger_on(database_at(file) if migrate else open_database(f"sqlite:///{file}", migrate=False), lease)


def ledger_on(database: Database, lease: timedelta = LEASE) -> Ledger:
    time = Time()
    epochs = Epochs(database, now=time, lease=lease)
    return Ledger(
        database,
        time,
        epochs,
        Runs(database, epochs, now=time, attempts=3),
        Pauses(database, now=time),
        Slots(database),
        Events(database),
    )


def timed(name: str = "a", **timetable: object) -> Source:
    """Return a source that starts at its slots, unless given otherwise."""
    facts = {"source": name, "seeds": f"https://{name}.example.org/", "timetable": {"jitter": "0s", **timetable}}
    return Source.model_validate(facts)


def tick(source: str = "a", at: datetime = NOON) -> Tick:
    return Tick(at, source, at)


def kept(outcome: str = "done", **counts: int) -> Outcome:
    return Outcome(outcome=outcome, **({"captures": 3} | counts))  # type: ignore[arg-type]
