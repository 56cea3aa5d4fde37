"""Hosts are shared by all runs of a process."""

from __future__ import annotations

from math import inf

import pytest

from crawler.policy.politeness import MOST_BY_ONE_PAGE, Politeness, PolitenessClient


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def table(clock: Clock) -> Politeness:
    return Politeness(clock)


def go(guest: PolitenessClient, delay: float = 0.0, concurrency: int = 1, host: str = "h") -> float:
    """Ask, and start when allowed."""
    wait = guest.ask(host, delay=delay, concurrency=concurrency)
    if wait == 0:
        guest.started(host)
    return wait


def test_the_first_request_starts_at_once_and_the_next_after_the_delay(table: Politeness, clock: Clock) -> None:
    guest = table.guest(lambda host: None)
    assert go(guest, 2.0) == 0
    guest.ended("h")

    assert go(guest, 2.0) == pytest.approx(2.0)
    clock.now += 1.5
    assert go(guest, 2.0) == pytest.approx(0.5)
    clock.now += 0.5
    assert go(guest, 2.0) == 0


def test_the_concurrency_of_a_host_is_never_exceeded(table: Politeness) -> None:
    woken: list[str] = []
    guest = table.guest(woken.append)

    assert [go(guest, concurrency=2) for _ in range(3)] == [0, 0, inf]
    guest.ended("h")
    assert woken == ["h"]
    assert go(guest, concurrency=2) == 0


def test_two_runs_share_the_delay_of_a_host_and_the_longer_one_applies(table: Politeness, clock: Clock) -> None:
    hasty, calm = table.guest(lambda host: None), table.guest(lambda host: None)
    go(calm, 10.0)
    calm.ended("h")
    clock.now += 1.0

    assert go(hasty, 0.0) == pytest.approx(9.0)
    calm.leave()
    assert go(hasty, 0.0) == 0


def test_two_runs_share_the_concurrency_of_a_host(table: Politeness) -> None:
    one, two = table.guest(lambda host: None), table.guest(lambda host: None)

    assert go(one, concurrency=1) == 0
    assert go(two, concurrency=8) == inf


def test_hosts_are_independent(table: Politeness) -> None:
    guest = table.guest(lambda host: None)

    assert go(guest, 5.0, host="a") == 0
    assert go(guest, 5.0, host="b") == 0


def test_runs_take_turns(table: Politeness, clock: Clock) -> None:
    guests = [table.guest(lambda host: None) for _ in range(3)]
    order = []
    for _ in range(9):
        for number, guest in enumerate(guests):  # the first always asks first
            if go(guest, 1.0) == 0:
                order.append(number)
                guest.ended("h")
        clock.now += 1.0

    assert sorted(order[:6]) == [0, 0, 1, 1, 2, 2]


def test_a_run_that_does_not_come_loses_its_turn(table: Politeness, clock: Clock) -> None:
    here, gone = table.guest(lambda host: None), table.guest(lambda host: None)
    go(here, 1.0)
    here.ended("h")
    assert go(gone, 1.0) > 0
    assert go(here, 1.0) > 0

    clock.now += 1.0
    assert 0 < go(here, 1.0) < 1.0
    clock.now += 0.3
    assert go(here, 1.0) == 0


def test_all_runs_pause_a_host_that_asks_for_it(table: Politeness, clock: Clock) -> None:
    one, two = table.guest(lambda host: None), table.guest(lambda host: None)
    one.pause("h", 30.0, page="http://h/a")

    assert go(two) == pytest.approx(30.0)
    clock.now += 31.0
    assert go(two) == 0


def test_one_page_alone_does_not_pause_its_host_for_long(table: Politeness, clock: Clock) -> None:
    guest = table.guest(lambda host: None)
    for _ in range(3):
        guest.pause("h", 600.0, page="http://h/closed-for-a-year")
        assert go(guest) == pytest.approx(MOST_BY_ONE_PAGE)
        clock.now += MOST_BY_ONE_PAGE


def test_a_second_page_that_asks_for_it_pauses_the_host(table: Politeness, clock: Clock) -> None:
    guest = table.guest(lambda host: None)
    guest.pause("h", 600.0, page="http://h/a")
    guest.pause("h", 600.0, page="http://h/b")
    wait = go(guest)
    clock.now += 600.0
    guest.welcome("h")
    guest.pause("h", 600.0, page="http://h/b")

    assert wait == pytest.approx(600.0)
    assert go(guest) == pytest.approx(MOST_BY_ONE_PAGE)


def test_the_others_proceed_when_a_run_leaves(table: Politeness) -> None:
    woken: list[str] = []
    leaving, staying = table.guest(lambda host: None), table.guest(woken.append)
    go(leaving)
    assert go(staying) == inf
    leaving.ended("h")
    leaving.leave()

    assert "h" in woken
    assert go(staying) == 0


def test_hosts_not_visited_for_long_are_forgotten(table: Politeness, clock: Clock) -> None:
    guest = table.guest(lambda host: None)
    for number in range(10_000):
        go(guest, host=f"h{number}")
        guest.ended(f"h{number}")
    guest.leave()
    clock.now += 3_600.0
    go(guest, host="new")

    assert len(table.hosts) == 1
