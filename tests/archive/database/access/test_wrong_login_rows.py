"""Wrong passwords and tokens, counted by network, for as long as they count."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from archive.database.access.wrong_login_rows import WrongLoginRows
from archive.database.engine import Database

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
AN_HOUR = timedelta(hours=1)


def add(rows: WrongLoginRows, network: str, minute: float, name: str = "anna") -> None:
    at = NOON + timedelta(minutes=minute)
    rows.add_unless(network, name, at, lambda found: timedelta(), since=at - AN_HOUR, until=at)


def minutes(rows: WrongLoginRows, network: str, *, now: float) -> list[float]:
    at = NOON + timedelta(minutes=now)
    return [(when - NOON) / timedelta(minutes=1) for _, when in rows.of(network, since=at - AN_HOUR, until=at)]


def test_attempts_are_listed_by_network_the_oldest_first(either: Database) -> None:
    rows = WrongLoginRows(either)
    add(rows, "192.0.2.0/24", 2, "ben")
    add(rows, "192.0.2.0/24", 3)
    add(rows, "2001:db8::/64", 4)

    found = rows.of("192.0.2.0/24", since=NOON, until=NOON + AN_HOUR)
    assert found == [("ben", NOON + timedelta(minutes=2)), ("anna", NOON + timedelta(minutes=3))]


def test_an_attempt_counts_after_since_and_up_to_until(either: Database) -> None:
    rows = WrongLoginRows(either)
    add(rows, "n", 0)

    assert minutes(rows, "n", now=0) == [0]
    assert minutes(rows, "n", now=59) == [0]
    assert minutes(rows, "n", now=60) == []
    assert minutes(rows, "n", now=-1) == []


def test_each_attempt_deletes_those_that_no_longer_count_of_all_networks(either: Database) -> None:
    rows = WrongLoginRows(either)
    add(rows, "old", 0)
    add(rows, "n", 60)

    assert rows.of("old", since=NOON - AN_HOUR, until=NOON + AN_HOUR) == []


def test_an_attempt_under_a_clock_that_was_ahead_is_deleted(either: Database) -> None:
    rows = WrongLoginRows(either)
    add(rows, "n", 600)
    add(rows, "n", 0)

    assert minutes(rows, "n", now=600) == []
    assert minutes(rows, "n", now=1) == [0]


def test_an_attempt_that_must_wait_is_not_inserted_and_a_right_one_is_deleted(either: Database) -> None:
    rows, window = WrongLoginRows(either), {"since": NOON - AN_HOUR, "until": NOON + AN_HOUR}

    def wait_of(found: list[tuple[str, datetime]]) -> timedelta:
        return AN_HOUR if found else timedelta()

    wait, row = rows.add_unless("n", "anna", NOON, wait_of, **window)
    assert (wait, rows.of("n", **window)) == (timedelta(), [("anna", NOON)])
    assert rows.add_unless("n", "anna", NOON, wait_of, **window) == (AN_HOUR, None)
    assert len(rows.of("n", **window)) == 1

    assert row is not None
    rows.delete(row)
    assert rows.of("n", **window) == []
