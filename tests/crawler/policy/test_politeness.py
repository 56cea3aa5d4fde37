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


def go(
    politeness_client: PolitenessClient,
    delay: float = 0.0,
    concurrency: int = 1,
    host: str = "h",
    *,
    slow: bool = False,
) -> float:
    """Ask, and start when allowed; `slow` is a request that has not left yet."""
    wait = politeness_client.wait_for(host, delay=delay, concurrency=concurrency)
    if wait == 0:
        politeness_client.started(host)
        if not slow:
            politeness_client.sent(host)
    return wait


def test_the_first_request_starts_at_once_and_the_next_after_the_delay(table: Politeness, clock: Clock) -> None:
    politeness_client = table.politeness_client(lambda host: None)
    assert go(politeness_client, 2.0) == 0
    politeness_client.ended("h")

    assert go(politeness_client, 2.0) == pytest.approx(2.0)
    clock.now += 1.5
    assert go(politeness_client, 2.0) == pytest.approx(0.5)
    clock.now += 0.5
    assert go(politeness_client, 2.0) == 0


def test_the_concurrency_of_a_host_is_never_exceeded(table: Politeness) -> None:
    woken: list[str] = []
    politeness_client = table.politeness_client(woken.append)

    assert [go(politeness_client, concurrency=2) for _ in range(3)] == [0, 0, inf]
    politeness_client.ended("h")
    assert woken == ["h"]
    assert go(politeness_client, concurrency=2) == 0


def test_two_runs_share_the_delay_of_a_host_and_the_longer_one_applies(table: Politeness, clock: Clock) -> None:
    hasty, calm = table.politeness_client(lambda host: None), table.politeness_client(lambda host: None)
    go(calm, 10.0)
    calm.ended("h")
    clock.now += 1.0

    assert go(hasty, 0.0) == pytest.approx(9.0)
    calm.leave()
    assert go(hasty, 0.0) == 0


def test_two_runs_share_the_concurrency_of_a_host(table: Politeness) -> None:
    one, two = table.politeness_client(lambda host: None), table.politeness_client(lambda host: None)

    assert go(one, concurrency=1) == 0
    assert go(two, concurrency=8) == inf


def test_hosts_are_independent(table: Politeness) -> None:
    politeness_client = table.politeness_client(lambda host: None)

    assert go(politeness_client, 5.0, host="a") == 0
    assert go(politeness_client, 5.0, host="b") == 0


def test_runs_take_turns(table: Politeness, clock: Clock) -> None:
    guests = [table.politeness_client(lambda host: None) for _ in range(3)]
    order = []
    for _ in range(9):
        for number, politeness_client in enumerate(guests):  # the first always asks first
            if go(politeness_client, 1.0) == 0:
                order.append(number)
                politeness_client.ended("h")
        clock.now += 1.0

    assert sorted(order[:6]) == [0, 0, 1, 1, 2, 2]


def test_a_run_that_does_not_come_loses_its_turn(table: Politeness, clock: Clock) -> None:
    here, gone = table.politeness_client(lambda host: None), table.politeness_client(lambda host: None)
    go(here, 1.0)
    here.ended("h")
    assert go(gone, 1.0) > 0
    assert go(here, 1.0) > 0

    clock.now += 1.0
    assert 0 < go(here, 1.0) < 1.0
    clock.now += 0.3
    assert go(here, 1.0) == 0


def test_all_runs_pause_a_host_that_asks_for_it(table: Politeness, clock: Clock) -> None:
    one, two = table.politeness_client(lambda host: None), table.politeness_client(lambda host: None)
    one.pause("h", 30.0, page="http://h/a")

    assert go(two) == pytest.approx(30.0)
    clock.now += 31.0
    assert go(two) == 0


def test_one_page_alone_does_not_pause_its_host_for_long(table: Politeness, clock: Clock) -> None:
    politeness_client = table.politeness_client(lambda host: None)
    for _ in range(3):
        politeness_client.pause("h", 600.0, page="http://h/closed-for-a-year")
        assert go(politeness_client) == pytest.approx(MOST_BY_ONE_PAGE)
        clock.now += MOST_BY_ONE_PAGE


def test_a_second_page_that_asks_for_it_pauses_the_host(table: Politeness, clock: Clock) -> None:
    politeness_client = table.politeness_client(lambda host: None)
    politeness_client.pause("h", 600.0, page="http://h/a")
    politeness_client.pause("h", 600.0, page="http://h/b")
    wait = go(politeness_client)
    clock.now += 600.0
    politeness_client.note_success("h")
    politeness_client.pause("h", 600.0, page="http://h/b")

    assert wait == pytest.approx(600.0)
    assert go(politeness_client) == pytest.approx(MOST_BY_ONE_PAGE)


def test_the_others_proceed_when_a_run_leaves(table: Politeness) -> None:
    woken: list[str] = []
    leaving, staying = table.politeness_client(lambda host: None), table.politeness_client(woken.append)
    go(leaving)
    assert go(staying) == inf
    leaving.ended("h")
    leaving.leave()

    assert "h" in woken
    assert go(staying) == 0


def test_a_run_that_leaves_wakes_those_that_its_limit_kept_waiting(table: Politeness) -> None:
    woken: list[str] = []
    leaving, staying = table.politeness_client(lambda host: None), table.politeness_client(woken.append)
    assert go(leaving, concurrency=1) == 0
    leaving.ended("h")
    assert [go(staying, concurrency=8) for _ in range(2)] == [0, inf]
    woken.clear()
    leaving.leave()

    assert woken == ["h"]


def test_hosts_not_visited_for_long_are_forgotten(table: Politeness, clock: Clock) -> None:
    politeness_client = table.politeness_client(lambda host: None)
    for number in range(10_000):
        go(politeness_client, host=f"h{number}")
        politeness_client.ended(f"h{number}")
    politeness_client.leave()
    clock.now += 3_600.0
    go(politeness_client, host="new")

    assert len(table.hosts) == 1


@pytest.mark.parametrize(("number", "kept"), [(9_999, 10_000), (10_000, 1)])
def test_hosts_are_forgotten_only_when_there_are_many(table: Politeness, clock: Clock, number: int, kept: int) -> None:
    for each in range(number):
        table.host(f"h{each}").started_at = clock.now
    clock.now += 3_600.0
    table.host("new")

    assert len(table.hosts) == kept


@pytest.mark.parametrize(
    ("started", "paused", "forgotten"), [(599.0, 0, 0), (600.0, 0, 0), (601.0, 0, 1), (601.0, 9, 0)]
)
def test_a_host_is_forgotten_ten_minutes_after_its_last_request_or_pause(
    table: Politeness, clock: Clock, started: float, paused: float, forgotten: int
) -> None:
    for each in range(9_999):
        table.host(f"h{each}").started_at = 1.0
    clock.now = 5_000.0
    host = table.host("old")
    host.started_at, host.paused_until = clock.now - started, paused and clock.now + paused
    table.host("new")

    assert set(table.hosts) == {"new", *(() if forgotten else ("old",))}


@pytest.mark.parametrize(("passed", "expected"), [(0.0, 2.0), (1.9375, 0.0625), (2.0, 0), (2.5, 0)])
def test_a_request_starts_exactly_when_the_delay_is_over(
    table: Politeness, clock: Clock, passed: float, expected: float
) -> None:
    politeness_client = table.politeness_client(lambda host: None)
    go(politeness_client, 2.0)
    politeness_client.ended("h")
    clock.now += passed

    assert go(politeness_client, 2.0) == expected


@pytest.mark.parametrize(("passed", "expected"), [(1.0, 0.25), (1.25, 0.25), (1.3125, 0)])
def test_a_host_is_reserved_for_the_first_in_turn_for_a_quarter_of_a_second(
    table: Politeness, clock: Clock, passed: float, expected: float
) -> None:
    first, second = table.politeness_client(lambda host: None), table.politeness_client(lambda host: None)
    go(second, 1.0)
    second.ended("h")
    assert (go(first, 1.0), go(second, 1.0)) == (1.0, 1.0)
    clock.now += passed

    assert go(second, 1.0) == expected


def test_the_reservation_begins_when_the_last_request_is_over_or_the_pause_is(table: Politeness, clock: Clock) -> None:
    first, second = table.politeness_client(lambda host: None), table.politeness_client(lambda host: None)
    go(second)
    assert (go(first), go(second)) == (inf, inf)
    clock.now += 60.0
    second.ended("h")
    assert go(second) == 0.25
    second.pause("h", 5.0, page="http://h/a")
    assert go(second) == 5.0
    clock.now += 5.0
    assert go(second) == 0.25


def test_a_host_that_the_process_may_not_visit_waits_to_be_woken(table: Politeness) -> None:
    asked: list[tuple[str, float]] = []
    one, two = table.politeness_client(lambda host: None), table.politeness_client(lambda host: None)
    table.may_go = lambda name, delay: asked.append((name, delay)) is not None

    assert [go(one, 1.0), go(two, 3.0), go(one, 1.0)] == [inf] * 3
    assert asked == [("h", 1.0), ("h", 3.0), ("h", 3.0)], "with the longest delay of all"
    assert list(table.host("h").waiting) == [one, two]


def test_a_shorter_pause_or_one_of_the_same_page_shortens_nothing(table: Politeness, clock: Clock) -> None:
    politeness_client = table.politeness_client(lambda host: None)
    politeness_client.pause("h", 30.0, page="http://h/a")
    politeness_client.pause("h", 10.0, page="http://h/b")

    assert go(politeness_client) == 30.0
    assert len(table.host("h").crowded) == 2
    politeness_client.pause("h", 90.0, page="http://h/c")
    assert (len(table.host("h").crowded), go(politeness_client)) == (2, 90.0)


def test_the_limits_of_a_run_count_until_it_leaves(table: Politeness, clock: Clock) -> None:
    slow, fast = table.politeness_client(lambda host: None), table.politeness_client(lambda host: None)
    assert go(fast, 1.0, concurrency=9) == 0
    assert go(slow, 5.0, concurrency=2) == 5.0
    host = table.host("h")
    assert (host.delay, host.concurrency, host.ready_at) == (5.0, 2, clock.now + 5.0)

    slow.leave()
    assert (host.delay, host.concurrency, host.ready_at) == (1.0, 9, clock.now + 1.0)
    assert list(host.waiting) == []
    fast.leave()
    assert (host.delay, host.concurrency) == (0.0, 1)


def test_the_delay_begins_when_the_request_has_left_not_when_its_connection_was_begun(
    table: Politeness, clock: Clock
) -> None:
    woken: list[str] = []
    politeness_client = table.politeness_client(woken.append)
    assert go(politeness_client, 2.0, concurrency=4, slow=True) == 0
    clock.now += 3.0  # a name is looked up, a connection is made
    assert go(politeness_client, 2.0, concurrency=4) == inf

    politeness_client.sent("h")
    assert woken == ["h"]
    assert go(politeness_client, 2.0, concurrency=4) == pytest.approx(2.0)
    clock.now += 2.0
    assert go(politeness_client, 2.0, concurrency=4) == 0
    politeness_client.ended("h")
    assert go(politeness_client, 2.0, concurrency=4) == pytest.approx(2.0)


def test_a_request_that_never_left_keeps_nobody_waiting(table: Politeness, clock: Clock) -> None:
    politeness_client = table.politeness_client(lambda host: None)
    assert go(politeness_client, 2.0, concurrency=4, slow=True) == 0
    clock.now += 1.0
    politeness_client.ended("h")
    assert go(politeness_client, 2.0, concurrency=4) == pytest.approx(1.0)


def test_without_a_delay_requests_need_not_have_left_for_others_to_start(table: Politeness) -> None:
    politeness_client = table.politeness_client(lambda host: None)
    assert [go(politeness_client, concurrency=2, slow=True) for _ in range(3)] == [0, 0, inf]
