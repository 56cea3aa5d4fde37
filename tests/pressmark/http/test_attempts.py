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
