"""What changes in the ledger is noted, and a database that was lost is restored from the records of the changes."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from conftest import figure
from services.ledgers import NOON, Ledger, kept, ledger_on, timed
from sqlalchemy import delete, select

from archive.database.engine import Database
from archive.database.schema import alarms, marks, owed, pages, pauses, run_totals, runs, slots, unsaved
from archive.index.pages import Pages, PageState, UnfetchedUrl
from archive.shipping import ledger as objects
from archive.shipping.ledger_reading import read_ledger
from archive.store.memory import MemoryStore
from config.source import Source
from scheduler.ledger.ledger_restored import RestoredRows, restore_ledger
from scheduler.ledger.ledger_rows import event_key, records_of
from scheduler.notices.alarms import Alarms
from scheduler.run import Run
from scheduler.unsaved import changes, note, saved

STEPS = figure(150, 1_500, 15_000)
TABLES = (runs, slots, pauses, alarms, pages, owed, run_totals)


@pytest.fixture
def ledger(either: Database) -> Ledger:
    return ledger_on(either, lease=timedelta(days=99_999))


def save(ledger: Ledger, written: objects.Ledger) -> None:
    with ledger.database.reading() as connection:
        changed = changes(connection)
        if changed:
            written.append(records_of(connection, changed))
    saved(ledger.database, changed)


def restored(store: MemoryStore, database: Database) -> RestoredRows:
    with read_ledger(store) as read:
        assert read.findings == ()
        return restore_ledger(database, read)


def rows(database: Database) -> dict[str, Any]:
    """Return all rows that the ledger holds. Totals and finished runs only: others start again."""
    with database.reading() as connection:
        found = {
            table.name: sorted(map(repr, (tuple(row) for row in connection.execute(select(table))))) for table in TABLES
        }
        finished = connection.execute(select(runs).where(runs.c.status == "over"))
        found["runs"] = sorted(repr(tuple(row)) for row in finished)
        timetable = connection.execute(select(marks).where(marks.c.name.startswith("timetable/")))
        return found | {"timetable": sorted(repr(tuple(row)) for row in timetable)}


class Life:
    """A ledger to which random things happen."""

    def __init__(self, ledger: Ledger, seed: int) -> None:
        self.ledger, self.dice = ledger, random.Random(seed)
        self.keeper = ledger.timekeeper(timed("a", every="1h"), timed("b", every="2h"), timed("c", cron="0 6 * * *"))
        self.pages = Pages(ledger.database)
        self.epoch = ledger.epochs.begin("main")
        self.running: list[Any] = []

    def step(self) -> None:
        self.ledger.time.passes(minutes=self.dice.randrange(90))
        self.dice.choice((self.strike, self.ask, self.take, self.take, self.end, self.end, self.pause, self.stop))()

    def strike(self) -> None:
        self.keeper.process_due()

    def ask(self) -> None:
        self.ledger.request(self.dice.choice("abc"))

    def take(self) -> None:
        if run := self.ledger.runs.claim("main", self.epoch):
            self.ledger.runs.configured(run, self._described(run))
            self.running.append(run)

    def _described(self, run: Run) -> Source:
        use = self.dice.choice((None, "preservation", "research", "general"))
        return Source(name=run.source, seeds=("https://example.org/",), walk="page", use=use)

    def end(self) -> None:
        if self.running:
            run = self.running.pop()
            at = self.ledger.time.passes(minutes=1)
            self.pages.store_states(run.source, [self._page(number, at) for number in range(self.dice.randrange(5))])
            self.pages.store_unfetched(
                run.source, [UnfetchedUrl(f"https://x/{n}", 1, n) for n in range(self.dice.randrange(3))]
            )
            outcome = self.dice.choice(("done", "unchanged", "blocked", "failed", "partial", "interrupted"))
            self.ledger.runs.finish(run, kept(outcome, reason="so it is", bytes=self.dice.randrange(999)))

    def pause(self) -> None:
        which = self.dice.choice("abc")
        self.ledger.pauses.pause(which, "why not") or self.ledger.pauses.resume(which)

    def stop(self) -> None:
        self.ledger.epochs.end(self.epoch)
        self.ledger.runs.recover()
        self.epoch = self.ledger.epochs.begin("main")
        self.running.clear()
        for run in self.ledger.runs.unfinished()[:1]:
            self.ledger.runs.cancel(run.id)
        Alarms(self.ledger.database).send_pending("mail", lambda _: None)

    def _page(self, number: int, at: datetime) -> PageState:
        later = timedelta(hours=self.dice.randrange(99))
        return PageState(f"https://x/{number}", at, at + later, later, "changed", signature=f"{self.dice.random()}")


def test_a_lost_ledger_is_restored_with_the_same_rows(ledger: Ledger, another: Callable[[], Database]) -> None:
    store = MemoryStore()
    written = objects.Ledger(store, "main", now=ledger.time)
    life = Life(ledger, seed=7)
    for number in range(STEPS):
        life.step()
        if not number % 7:
            save(ledger, written)
            written.roll_up()
    save(ledger, written)
    new = another()
    unfinished = {run.id: run for run in ledger.runs.unfinished()}
    restored(store, new)

    assert rows(new) == rows(ledger.database)
    assert sum(map(len, rows(new).values())) > STEPS / 2
    again = {run.id: run for run in ledger_on(new).runs.unfinished()}
    assert again.keys() == unfinished.keys()
    for run, before in unfinished.items():
        assert again[run].status == "queued"
        assert again[run].attempt == before.attempt + (before.status == "running")


@pytest.mark.parametrize(
    "kind", ["run", *(pytest.param(kind, marks=pytest.mark.costly) for kind in ("slot", "pause", "alarm", "timetable"))]
)
def test_with_changes_of_one_kind_unnoted_the_comparison_fails(
    ledger: Ledger, another: Callable[[], Database], kind: str
) -> None:
    store = MemoryStore()
    written = objects.Ledger(store, "main", now=ledger.time)
    life = Life(ledger, seed=7)
    for _ in range(150):
        life.step()
        with ledger.database.writing() as connection:
            connection.execute(delete(unsaved).where(unsaved.c.kind == kind))
        save(ledger, written)
    new = another()
    restored(store, new)

    assert rows(new) != rows(ledger.database)


def test_everything_is_saved_of_a_ledger_from_before(ledger: Ledger, another: Callable[[], Database]) -> None:
    life = Life(ledger, seed=3)
    for _ in range(100):
        life.step()
    with ledger.database.writing() as connection:
        connection.execute(delete(unsaved))
        note(connection, "everything", [()])
    store = MemoryStore()
    save(ledger, objects.Ledger(store, "main", now=ledger.time))
    new = another()
    restored(store, new)

    assert rows(new) == rows(ledger.database)


def test_restoring_again_changes_nothing_and_existing_rows_stay(
    ledger: Ledger, another: Callable[[], Database]
) -> None:
    store = MemoryStore()
    life = Life(ledger, seed=5)
    for _ in range(60):
        life.step()
    save(ledger, objects.Ledger(store, "main", now=ledger.time))
    before = rows(ledger.database)

    assert restored(store, ledger.database) == RestoredRows()
    assert rows(ledger.database) == before
    new = another()
    assert restored(store, new).runs > 0
    assert restored(store, new) == RestoredRows()


def test_a_slot_that_a_clock_gave_a_run_meanwhile_does_not_get_another(
    ledger: Ledger, another: Callable[[], Database]
) -> None:
    store = MemoryStore()
    keeper = ledger.timekeeper(timed("a", every="1h"))
    ledger.time.passes(hours=1)
    [run] = keeper.process_due()
    save(ledger, objects.Ledger(store, "main", now=ledger.time))
    new = ledger_on(another())
    new.runs.request("a", _tick_of(run))
    restored(store, new.database)

    assert [found.tick for found in new.runs.list()] == [run.tick]


def test_a_column_that_this_version_does_not_know_is_ignored_and_a_missing_one_has_its_default(
    ledger: Ledger,
) -> None:
    class Old:
        def records(self, kind: str) -> Any:
            value = {"id": "20261124T120000Z-a-aaaaaa", "source": "a", "status": "queued", "attempt": 1, "novel": 7}
            facts = {"requested_at": NOON.isoformat()}
            yield from [_record(kind, value | facts)] if kind == "run" else []

    assert restore_ledger(ledger.database, Old()).runs == 1
    [run] = ledger.runs.list()
    assert (run.counts.pages, run.cancel) == (0, False)


def test_a_change_that_is_noted_again_while_it_is_saved_is_saved_again(ledger: Ledger) -> None:
    ledger.pauses.pause("a")
    with ledger.database.reading() as connection:
        known = changes(connection)
    ledger.pauses.resume("a")
    saved(ledger.database, known)
    with ledger.database.reading() as connection:
        left = changes(connection)

    assert [change.kind for change in left] == ["pause"]


def _record(kind: str, value: Any) -> Any:
    from archive.warc.ledger import Record

    return Record(kind, (value["id"],), value)  # type: ignore[arg-type]


def _tick_of(run: Any) -> Any:
    from scheduler.timetables.timetable import Tick

    return Tick(run.tick, run.source, run.tick)


def test_the_key_of_an_event_without_an_object_is_the_same_in_every_version() -> None:
    event = {"at": datetime(2026, 11, 28, tzinfo=UTC), "place": "second", "object": None, "type": "check"}

    key = event_key(event | {"outcome": "success"})
    assert key == ("2026-11-28T00:00:00.000000+00:00", "second", "", "check", "success")
