"""A source turns blocked, and back: each turn is written once, and passed on once by each notifier."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from archive.database.engine import Database
from crawler.policy.order import Ending
from scheduler.alarms import Alarm, Alarms, turn
from scheduler.events import Events
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


def test_a_turn_is_an_event_and_staying_is_none(database: Database) -> None:
    over(database, "done", "blocked", "blocked", "failed", "blocked", "unchanged", "done", "blocked")

    assert kinds(database) == ["source.blocked", "source.free", "source.blocked"]
    [alarm] = Alarms(database).blocked().values()
    assert (alarm.since, alarm.reason, alarm.run) == (NOW + timedelta(hours=7), "the reason 7", "r7")


@pytest.mark.parametrize("outcome", ["failed", "empty", "cancelled"])
def test_what_says_nothing_of_the_site_turns_nothing(database: Database, outcome: Ending) -> None:
    over(database, "blocked", outcome)

    assert list(Alarms(database).blocked()) == ["paper"]


def test_a_single_page_turns_no_source(database: Database) -> None:
    over(database, "blocked", url="https://example.org/")

    assert Alarms(database).all() == {}


def test_each_turn_is_passed_on_once_by_each_notifier(database: Database) -> None:
    alarms, told = Alarms(database), list[tuple[str, str]]()

    def send(name: str) -> None:
        alarms.tell(name, lambda alarm: told.append((name, alarm.state)))

    over(database, "blocked", "blocked")
    for name in ("mail", "webhook", "mail", "webhook"):
        send(name)
    over(database, "done")
    send("mail")
    send("mail")

    assert told == [("mail", "blocked"), ("webhook", "blocked"), ("mail", "free")]


def test_a_notifier_that_fails_is_asked_again_and_the_others_are_not(database: Database) -> None:
    alarms = Alarms(database)
    over(database, "blocked")
    alarms.tell("webhook", lambda alarm: None)

    def fail(alarm: Alarm) -> None:
        raise OSError("not now")

    with pytest.raises(OSError, match="not now"):
        alarms.tell("mail", fail)

    assert alarms.all()["paper"].told == {"webhook"}
