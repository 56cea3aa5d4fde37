"""Hosts shared by the workers of one PostgreSQL: by its clock, under its lock."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import pairwise

import pytest
from services.databases import database_of
from sqlalchemy import select, update

from archive.database.engine import Database
from archive.database.schema import host_claims
from crawler.policy.answers import LONGEST_WAIT
from crawler.policy.host_leases import LEASE, Granted, Held, Offer, Returned
from scheduler.workers.host_claims import HostClaims

pytestmark = pytest.mark.postgresql
HOST = "example.org"
WANTED = Offer({HOST: 2.0})
About = Callable[[float], object]


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: object) -> Iterator[Database]:
    with database_of("postgresql", request, None) as database:  # type: ignore[arg-type]
        yield database


@pytest.fixture
def one(database: Database) -> HostClaims:
    return HostClaims(database, "one", 1)


@pytest.fixture
def two(database: Database) -> HostClaims:
    return HostClaims(database, "two", 2)


@pytest.fixture
def about() -> About:
    """Compare the rest of a wait that began in this test, however slow the machine is."""
    began = time.monotonic()

    def rest(seconds: float) -> object:
        half = (time.monotonic() - began) / 2
        return pytest.approx(seconds - half, abs=half + 0.01)

    return rest


def later(database: Database, seconds: float) -> None:
    """Let time pass: move every moment of the table into the past."""
    past = timedelta(seconds=seconds)
    with database.claiming() as connection:
        for row in connection.execute(select(host_claims)).all():
            values = {"until": row.until - past, "next_at": row.next_at - past}
            values |= {"wanted_at": row.wanted_at - past} if row.wanted_at else {}
            connection.execute(update(host_claims).where(host_claims.c.host == row.host).values(**values))


def test_a_free_host_is_granted_at_once_and_to_one_worker(one: HostClaims, two: HostClaims) -> None:
    assert one.exchange(WANTED).granted == {HOST: Granted(0.0, 0.0)}
    assert two.exchange(WANTED).granted == {}


def test_a_host_of_a_dead_worker_is_free_one_delay_after_the_lease(
    database: Database, one: HostClaims, two: HostClaims, about: About
) -> None:
    one.exchange(Offer({HOST: 5.0}))
    later(database, LEASE - 1)
    assert two.exchange(WANTED).granted == {}
    later(database, 1)

    granted = two.exchange(WANTED).granted[HOST]
    assert granted.wait == about(5.0)
    assert granted.delay == 5.0


def test_a_returned_host_is_free_once_its_delay_is_over(one: HostClaims, two: HostClaims, about: About) -> None:
    one.exchange(WANTED)
    one.exchange(Offer(returned={HOST: Returned(ago=0.5, wait=1.5, delay=2.0)}))

    assert two.exchange(Offer({HOST: 0.0})).granted[HOST].wait == about(1.5)


def test_the_longer_delay_of_the_next_visitor_counts_from_the_latest_request(
    one: HostClaims, two: HostClaims, about: About
) -> None:
    one.exchange(WANTED)
    one.exchange(Offer(returned={HOST: Returned(ago=0.5, wait=1.5, delay=2.0)}))

    assert two.exchange(Offer({HOST: 10.0})).granted[HOST].wait == about(9.5)


def test_a_pause_requested_by_the_host_is_passed_on(
    database: Database, one: HostClaims, two: HostClaims, about: About
) -> None:
    one.exchange(WANTED)
    assert HOST in one.exchange(Offer(held={HOST: Held(2.0, 600.0)})).renewed
    later(database, LEASE)

    assert two.exchange(WANTED).granted[HOST].wait == about(600.0 - LEASE)


def test_a_holder_learns_that_another_worker_waits_and_lets_it_go_first(one: HostClaims, two: HostClaims) -> None:
    one.exchange(WANTED)
    kept = Offer(held={HOST: Held(2.0, 0.0)})
    assert one.exchange(kept).renewed == {HOST: False}
    two.exchange(WANTED)
    assert one.exchange(kept).renewed == {HOST: True}
    one.exchange(Offer(returned={HOST: Returned(0.0, 0.0, 2.0)}))

    assert one.exchange(WANTED).granted == {}
    assert HOST in two.exchange(WANTED).granted


def test_a_worker_that_wanted_a_host_and_went_away_is_forgotten(
    database: Database, one: HostClaims, two: HostClaims
) -> None:
    one.exchange(WANTED)
    two.exchange(WANTED)
    later(database, 4)

    assert one.exchange(Offer(held={HOST: Held(2.0, 0.0)})).renewed == {HOST: False}


def test_a_holder_that_slept_past_its_lease_has_lost_the_host(
    database: Database, one: HostClaims, two: HostClaims
) -> None:
    one.exchange(WANTED)
    later(database, LEASE + 1)
    two.exchange(WANTED)

    assert one.exchange(Offer(held={HOST: Held(2.0, 0.0)})).renewed == {}
    one.exchange(Offer(returned={HOST: Returned(0.0, 0.0, 0.0)}))
    assert two.exchange(Offer(held={HOST: Held(2.0, 0.0)})).renewed == {HOST: False}


def test_a_worker_that_is_started_again_gets_the_hosts_of_its_dead_process(
    database: Database, one: HostClaims, about: About
) -> None:
    one.exchange(Offer({HOST: 5.0}))

    assert HostClaims(database, "one", 3).exchange(WANTED).granted[HOST].wait == about(5.0)


@pytest.mark.parametrize("pause", [15.0, 600.0])
def test_a_worker_that_is_started_again_respects_the_pause_that_a_host_requested(
    database: Database, one: HostClaims, pause: float, about: About
) -> None:
    one.exchange(WANTED)
    one.exchange(Offer(held={HOST: Held(2.0, pause)}))
    later(database, 3)
    assert HostClaims(database, "one", 3).exchange(WANTED).granted[HOST].wait == about(pause - 3)
    later(database, 3)

    assert HostClaims(database, "one", 4).exchange(WANTED).granted[HOST].wait == about(pause - 6)


def test_a_pause_that_is_over_adds_nothing_to_the_delay_of_a_worker_that_is_started_again(
    database: Database, one: HostClaims, about: About
) -> None:
    one.exchange(WANTED)
    one.exchange(Offer(held={HOST: Held(2.0, 4.0)}))
    later(database, 6)

    assert HostClaims(database, "one", 3).exchange(WANTED).granted[HOST].wait == about(2.0)


def test_a_host_is_held_by_one_of_many_workers_at_every_moment(database: Database) -> None:
    spans: list[tuple[float, float]] = []
    until = time.monotonic() + 3

    def work(number: int) -> None:
        claims = HostClaims(database, f"w{number}", number)
        while time.monotonic() < until:
            if HOST in claims.exchange(Offer({HOST: 0.0})).granted:
                began = time.monotonic()
                time.sleep(0.01)
                spans.append((began, time.monotonic()))
                claims.exchange(Offer(returned={HOST: Returned(0.0, 0.0, 0.0)}))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(1, 7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    spans.sort()
    assert len(spans) > 5
    assert all(end <= begin for (_, end), (begin, _) in pairwise(spans))


def test_hosts_that_nobody_visits_are_forgotten(database: Database, one: HostClaims) -> None:
    one.exchange(WANTED)
    later(database, 2 * 86_400)
    one.forget()

    with database.reading() as connection:
        assert connection.execute(select(host_claims)).all() == []


def test_claims_do_not_wait_for_other_writers(database: Database, one: HostClaims) -> None:
    with database.writing():
        assert HOST in one.exchange(WANTED).granted


def test_a_host_that_was_taken_while_the_clock_of_the_database_was_ahead_is_free_after_the_longest_wait(
    database: Database, one: HostClaims, two: HostClaims
) -> None:
    one.exchange(Offer({HOST: 5.0}))
    later(database, -5 * 86_400)
    granted = two.exchange(WANTED).granted[HOST]
    assert 0 < granted.wait <= LONGEST_WAIT


def test_a_worker_that_wanted_a_host_while_that_clock_was_ahead_keeps_nobody_from_it(
    database: Database, one: HostClaims, two: HostClaims
) -> None:
    one.exchange(WANTED)
    two.exchange(WANTED)
    later(database, -5 * 86_400)
    assert HOST in HostClaims(database, "three", 3).exchange(WANTED).granted
