"""The hosts that one of several processes may visit."""

from __future__ import annotations

from math import inf

import pytest

from crawler.policy.host_leases import LEASE, TURN, Answer, Granted, HostLeases, Offer, Returned
from crawler.policy.politeness import Politeness, PolitenessClient

HOST = "h"


class World:
    def __init__(self) -> None:
        self.now = 1_000.0
        self.politeness = Politeness(lambda: self.now)
        self.leases = HostLeases(self.politeness)
        self.politeness.may_go = self.leases.may_go
        self.woken: list[str] = []
        self.run = self.client()

    def client(self) -> PolitenessClient:
        return self.politeness.politeness_client(self.woken.append)

    def ask(self, delay: float = 1.0, run: PolitenessClient | None = None) -> float:
        run = run or self.run
        wait = run.wait_for(HOST, delay=delay, concurrency=1)
        if wait == 0:
            run.started(HOST)
            run.sent(HOST)
            run.ended(HOST)
        return wait

    def exchange(self, *, wait: float = 0.0, delay: float = 0.0, waited_for: bool = False, lost: bool = False) -> Offer:
        """Grant what is wanted, and renew what is held unless it is lost."""
        offer = self.leases.offer()
        assert offer is not None
        granted = {host: Granted(wait, delay) for host in offer.wanted}
        renewed = {} if lost else dict.fromkeys(offer.held, waited_for)
        self.leases.take(offer, Answer(granted, renewed), self.now, self.now)
        return offer


@pytest.fixture
def world() -> World:
    return World()


def test_a_host_is_requested_once_it_is_granted_and_the_run_is_woken(world: World) -> None:
    assert world.ask() == inf
    assert world.exchange() == Offer({HOST: 1.0})

    assert world.woken == [HOST]
    assert world.ask() == 0
    assert world.ask() == 1.0


def test_there_is_no_offer_while_nothing_is_wanted_or_due(world: World) -> None:
    assert world.leases.offer() is None
    world.ask()
    world.exchange()
    world.now += 2

    assert world.leases.offer() is None


def test_a_refused_host_is_in_an_offer_again_a_second_later(world: World) -> None:
    world.ask()
    offer = world.leases.offer()
    assert offer is not None
    world.leases.take(offer, Answer(), world.now, world.now)
    assert world.leases.offer() is None
    world.now += 1

    assert world.leases.offer() == Offer({HOST: 1.0})


def test_the_first_request_waits_for_the_delay_of_the_visitor_before(world: World) -> None:
    world.ask()
    world.exchange(wait=7.0)

    assert world.ask() == 7.0


def test_the_longer_delay_of_the_visitor_before_applies_for_a_while(world: World) -> None:
    world.ask(0.0)
    world.exchange(delay=10.0)
    assert world.ask(0.0) == 0
    assert world.ask(0.0) == 10.0
    waits = []
    for _ in range(12):
        world.now += 5
        world.exchange()
        waits.append(world.ask(0.0) or world.ask(0.0))

    assert waits[:4] == [5.0, 10.0, 5.0, 10.0]
    assert world.politeness.host(HOST).delay == 0


def test_no_request_starts_after_the_deadline_until_the_lease_is_renewed(world: World) -> None:
    world.ask()
    world.exchange()
    world.now += LEASE - 2
    assert world.ask() == inf
    world.exchange()

    assert world.ask() == 0


def test_a_run_that_was_refused_after_the_deadline_is_woken_by_a_late_renewal(world: World) -> None:
    world.ask()
    world.exchange()
    world.now += LEASE - 3
    sent, offer = world.now, world.leases.offer()
    assert offer is not None
    world.now += 2
    assert world.ask() == inf
    world.woken.clear()
    world.leases.take(offer, Answer(renewed={HOST: False}), sent, world.now)

    assert world.woken == [HOST]
    assert world.leases.offer() is None
    assert world.ask() == 0


def test_a_renewal_wakes_no_run_that_was_not_refused(world: World) -> None:
    world.ask()
    world.exchange()
    assert (world.ask(), world.ask()) == (0, 1.0)
    world.woken.clear()
    world.now += 6
    world.exchange()

    assert world.woken == []


def test_a_lost_host_is_wanted_again(world: World) -> None:
    world.ask()
    world.exchange()
    world.ask()
    world.now += 6
    world.exchange(lost=True)

    assert world.ask() == inf


def test_a_host_that_others_wait_for_is_returned_after_a_turn(world: World) -> None:
    world.ask()
    world.exchange()
    world.now += TURN - 1
    assert world.ask() == 0
    world.exchange(waited_for=True)
    world.now += 5
    assert world.ask() == 0
    world.exchange(waited_for=True)
    assert world.ask() == 1.0
    world.now += 0.25

    assert world.exchange().returned == {HOST: Returned(0.25, 0.75, 1.0)}


def test_a_host_is_kept_while_a_request_is_in_progress(world: World) -> None:
    world.ask()
    world.exchange()
    world.run.wait_for(HOST, delay=1.0, concurrency=1)
    world.run.started(HOST)
    world.run.sent(HOST)
    world.now += TURN + 1
    world.exchange(waited_for=True)
    assert world.leases.offer() is None
    world.run.ended(HOST)

    assert list(world.exchange().returned) == [HOST]


def test_a_host_that_no_run_needs_is_returned_with_the_delay_of_its_last_run(world: World) -> None:
    world.ask(5.0)
    world.exchange()
    world.ask(5.0)
    world.run.leave()
    world.now += 4

    assert world.exchange().returned == {HOST: Returned(4.0, 1.0, 5.0)}


def test_a_pause_requested_by_the_host_is_returned_with_it(world: World) -> None:
    world.ask()
    world.exchange()
    world.ask()
    world.run.pause(HOST, 30.0, page="/")
    world.run.leave()
    world.now += 4

    assert world.exchange().returned == {HOST: Returned(4.0, 26.0, 1.0)}


def test_a_closing_process_returns_all_hosts_and_asks_for_none(world: World) -> None:
    world.ask()
    world.exchange()
    world.leases.close()

    assert list(world.exchange().returned) == [HOST]
    assert world.ask() == inf
    assert world.leases.offer() is None


def test_a_host_that_no_run_waits_for_any_more_is_not_wanted(world: World) -> None:
    world.ask()
    world.run.leave()

    assert world.leases.offer() is None


def test_a_turn_that_is_given_up_during_a_long_page_needs_no_offers_but_the_renewals(world: World) -> None:
    world.ask()
    world.exchange()
    world.run.wait_for(HOST, delay=1.0, concurrency=2)
    world.run.started(HOST)
    world.run.sent(HOST)
    world.now += TURN + 1
    world.exchange(waited_for=True)
    assert world.client().wait_for(HOST, delay=1.0, concurrency=2) == inf
    offers = 0
    for _ in range(300):
        world.now += 0.1
        if world.leases.offer() is not None:
            world.exchange(waited_for=True)
            offers += 1

    assert offers == 5
