"""A source becomes blocked, and recovers: each change is written once, and delivered once by each notifier."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Event

import pytest

from archive.database.engine import Database
from crawler.policy.order import Ending
from scheduler.events import Events
from scheduler.notices.alarms import Alarm, Alarms, turn
from scheduler.run import Run

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
def database(either: Database) -> Database:
    return either


def over(database: Database, *outcomes: Ending, url: str | None = None) -> None:
    for number, outcome in enumerate(outcomes):
        run = Run(f"r{number}", "paper", "over", NOW, outcome=outcome, reason=f"the reason {number}", url=url)
        with database.writing() as connection:
            turn(connection, run, NOW + timedelta(hours=number))


def kinds(database: Database) -> list[str]:
    return [event.kind for event in Events(database).after()]


def test_a_change_of_state_is_an_event_and_an_unchanged_state_is_not(database: Database) -> None:
    over(database, "done", "blocked", "blocked", "failed", "blocked", "unchanged", "done", "blocked")

    assert kinds(database) == ["source.blocked", "source.free", "source.blocked"]
    [alarm] = Alarms(database).blocked().values()
    assert (alarm.since, alarm.reason, alarm.run) == (NOW + timedelta(hours=7), "the reason 7", "r7")


@pytest.mark.parametrize("outcome", ["failed", "empty", "cancelled"])
def test_outcomes_that_say_nothing_about_the_site_change_no_state(database: Database, outcome: Ending) -> None:
    over(database, "blocked", outcome)

    assert list(Alarms(database).blocked()) == ["paper"]


def test_a_single_page_changes_the_state_of_no_source(database: Database) -> None:
    over(database, "blocked", url="https://example.org/")

    assert Alarms(database).all() == {}


def test_each_change_of_state_is_delivered_once_by_each_notifier(database: Database) -> None:
    alarms, told = Alarms(database), list[tuple[str, str]]()

    def send(name: str) -> None:
        alarms.send_pending(name, lambda alarm: told.append((name, alarm.state)))

    over(database, "blocked", "blocked")
    for name in ("mail", "webhook", "mail", "webhook"):
        send(name)
    over(database, "done")
    send("mail")
    send("mail")

    assert told == [("mail", "blocked"), ("webhook", "blocked"), ("mail", "free")]


def test_two_services_that_send_at_once_tell_each_change_once(database: Database) -> None:
    over(database, "blocked")
    sending, told = Event(), list[str]()

    def slow(alarm: Alarm) -> None:
        told.append(f"slow: {alarm.state}")
        sending.set()
        assert looked.wait(60)

    looked = Event()
    with ThreadPoolExecutor() as pool:
        first = pool.submit(Alarms(database).send_pending, "mail", slow)
        assert sending.wait(60)
        if database.is_shared:  # SQLite has one service
            Alarms(database).send_pending("mail", lambda alarm: told.append(f"again: {alarm.state}"))
            Alarms(database).send_pending("webhook", lambda alarm: told.append(f"webhook: {alarm.state}"))
        looked.set()
        first.result()
    Alarms(database).send_pending("mail", lambda alarm: told.append(f"later: {alarm.state}"))

    assert told == ["slow: blocked"]
    Alarms(database).send_pending("webhook", lambda alarm: told.append(f"webhook: {alarm.state}"))
    assert Alarms(database).all()["paper"].told == {"mail", "webhook"}


def test_a_lock_is_free_again_after_an_error(database: Database) -> None:
    for _ in range(2):
        with pytest.raises(ZeroDivisionError), database.alone("alarms") as mine:
            assert mine
            raise ZeroDivisionError


def test_only_a_failed_notifier_is_asked_again(database: Database) -> None:
    alarms = Alarms(database)
    over(database, "blocked")
    alarms.send_pending("webhook", lambda alarm: None)

    def fail(alarm: Alarm) -> None:
        raise OSError("not now")

    with pytest.raises(OSError, match="not now"):
        alarms.send_pending("mail", fail)

    assert alarms.all()["paper"].told == {"webhook"}
