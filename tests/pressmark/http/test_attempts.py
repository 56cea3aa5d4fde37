"""Wrong attempts are limited, whatever those do who are right at the same address."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pressmark.http.attempts import TRIES, TRIES_OF_ADDRESS, WINDOW, Attempts

ADDRESS, NAME = "198.51.100.7", "anna"
GUESSES = 200


class Clock:
    def __init__(self) -> None:
        self.at = datetime(2026, 11, 28, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.at += timedelta(milliseconds=1)
        return self.at


def checked(attempts: Attempts, name: str, known: str) -> bool:
    return not attempts.reserve(ADDRESS, name, known).wait


def comes(attempts: Attempts, name: str, known: str) -> None:
    """Be right."""
    reserved = attempts.reserve(ADDRESS, name, known)
    assert not reserved.wait
    attempts.release(reserved)
    attempts.succeeded(ADDRESS, known)


def test_who_is_known_does_not_turn_off_the_limit_of_others_at_its_address() -> None:
    attempts, found = Attempts(now=Clock()), 0
    comes(attempts, NAME, "right")
    for number in range(GUESSES):
        found += checked(attempts, NAME, f"wrong {number}")
        comes(attempts, NAME, "right")

    assert found == TRIES


def test_a_known_person_does_not_turn_off_the_limit_of_all_names_of_its_address() -> None:
    attempts, found = Attempts(now=Clock(), of_address=TRIES_OF_ADDRESS), 0
    comes(attempts, NAME, "right")
    for number in range(GUESSES):
        found += checked(attempts, f"person {number}", "a browser")
        comes(attempts, NAME, "right")

    assert found == TRIES_OF_ADDRESS


def test_who_is_known_makes_others_wait_no_longer() -> None:
    clock = Clock()
    attempts = Attempts(now=clock)
    comes(attempts, NAME, "right")
    for number in range(TRIES):
        assert checked(attempts, NAME, f"wrong {number}")
    clock.at += WINDOW / 2
    for _ in range(TRIES):
        assert checked(attempts, NAME, "right"), "even if it is wrong each time"

    assert timedelta() < attempts.reserve(ADDRESS, NAME, "wrong").wait <= WINDOW / 2


def test_who_failed_last_is_remembered_longest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pressmark.http.attempts._MOST", 2)
    attempts = Attempts(now=Clock())
    for name in (*["anna"] * (TRIES - 1), *["ben"] * TRIES, "anna", "chris"):
        assert not attempts.reserve(ADDRESS, name).wait

    assert attempts.reserve(ADDRESS, "anna").wait
    assert not attempts.reserve(ADDRESS, "ben").wait


def test_an_attempt_takes_back_its_own_entry_and_no_other() -> None:
    clock = Clock()
    attempts = Attempts(now=clock)
    first = attempts.reserve(ADDRESS, NAME, "right")
    clock.at += WINDOW / 2
    for number in range(TRIES - 1):
        assert checked(attempts, NAME, f"wrong {number}")
    attempts.release(first)
    assert checked(attempts, NAME, "the last one")
    clock.at += WINDOW / 2

    assert not checked(attempts, NAME, "too early"), "the first entry is gone, so all others are half a window old"


def test_an_attempt_that_is_taken_back_counts_for_nobody() -> None:
    attempts = Attempts(now=Clock(), of_address=TRIES_OF_ADDRESS)
    for number in range(GUESSES):
        attempts.release(attempts.reserve(ADDRESS, NAME, f"another {number}"))

    assert checked(attempts, NAME, "late")


def test_attempts_that_are_not_taken_back_count() -> None:
    attempts = Attempts(now=Clock())  # the negative control

    assert [checked(attempts, NAME, f"{number}") for number in range(TRIES + 1)] == [True] * TRIES + [False]


def test_attempts_count_for_a_window_and_no_longer() -> None:
    clock = Clock()
    attempts = Attempts(now=clock)
    for number in range(TRIES):
        assert checked(attempts, NAME, f"{number}")
    assert not checked(attempts, NAME, "too early")
    clock.at += WINDOW

    assert checked(attempts, NAME, "after it")


def test_who_was_right_last_is_remembered_longest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pressmark.http.attempts._MOST", 2)
    attempts = Attempts(now=Clock())
    for known in ("one", "two", "one", "three"):
        attempts.succeeded(ADDRESS, known)

    assert [attempts.knows(ADDRESS, known) for known in ("one", "two", "three")] == [True, False, True]


class Still(Clock):
    """A clock that only tests move."""

    def __call__(self) -> datetime:
        return self.at


@pytest.mark.parametrize(
    ("later", "wait"),
    [
        (timedelta(), WINDOW),
        (timedelta(seconds=1), WINDOW - timedelta(seconds=1)),
        (WINDOW - timedelta(microseconds=1), timedelta(microseconds=1)),
        (WINDOW, timedelta()),
        (-timedelta(microseconds=1), timedelta()),  # the clock was set back: an entry of the future proves nothing
    ],
)
def test_an_address_waits_until_its_first_counted_attempt_is_a_window_old(later: timedelta, wait: timedelta) -> None:
    clock = Still()
    attempts = Attempts(now=clock)
    for number in range(TRIES):
        assert checked(attempts, NAME, f"{number}")
    clock.at += later

    assert attempts.wait(ADDRESS, NAME) == wait
    assert attempts.wait(ADDRESS, "ben") == attempts.wait("203.0.113.1", NAME) == timedelta()
    reserved = attempts.reserve(ADDRESS, NAME)
    assert (reserved.wait, len(reserved.entries)) == (wait, 0 if wait else 1)


def test_the_limit_of_an_address_is_that_of_all_its_names_and_the_longer_wait_counts() -> None:
    clock = Still()
    attempts, unlimited = Attempts(now=clock, of_address=TRIES + 2), Attempts(now=clock)
    for one in (attempts, unlimited):
        assert len(one.reserve(ADDRESS, "ben").entries) == (2 if one is attempts else 1)
    clock.at += timedelta(seconds=60)
    for one in (attempts, unlimited):
        assert [checked(one, NAME, f"{number}") for number in range(TRIES)] == [True] * TRIES
        assert one.wait(ADDRESS, NAME) == WINDOW
        assert not one.wait(ADDRESS, "chris")
    assert checked(attempts, "chris", "the last one of the address")

    assert attempts.wait(ADDRESS, "dora") == WINDOW - timedelta(seconds=60)
    assert attempts.wait(ADDRESS, NAME) == WINDOW
    assert not unlimited.wait(ADDRESS, "dora")


def test_what_was_right_is_new_once_at_each_network() -> None:
    attempts = Attempts(now=Still())

    assert [attempts.succeeded(ADDRESS, "right") for _ in range(2)] == [True, False]
    assert [attempts.succeeded(f"2001:db8::{host}", "right") for host in (1, 2)] == [True, False]
    assert attempts.knows("2001:db8::3", "right")
    assert not attempts.knows("2001:db8:0:1::3", "right")
    assert not attempts.knows(ADDRESS, "wrong")
