"""What is fetched next, and when."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from crawling.disks import full_disk

from archive.values.errors import DatabaseUnreachable
from crawler.frontier.fetch_queue import FetchQueue, PolitenessSettings, RobotsWanted, Step
from crawler.frontier.frontier import Frontier
from crawler.frontier.host_queue import Leased
from crawler.policy.politeness import Politeness
from crawler.policy.robots import Robots, rules_of, unreachable
from crawler.policy.rows import FetchResult, Link, Role, Row, State

A, B = "http://a.example", "http://b.example"


class World:
    """A fetch queue with a clock of its own."""

    def __init__(self, path: Path, politeness_settings: PolitenessSettings) -> None:
        self.now = 1_000.0
        self.frontier = Frontier(path)
        self.politeness = Politeness(lambda: self.now)
        self.robots = Robots(lambda: self.now)
        self.dropped: list[tuple[str, str]] = []
        self.pages_left = 10**9
        self.away = False
        self.questions = 0
        self.politeness_client = self.politeness.politeness_client(self.woken)
        self.fetch_queue = FetchQueue(
            self.frontier,
            self.politeness_client,
            self.robots,
            politeness_settings,
            clock=lambda: self.now,
            wall=lambda: self.now,
            known=self.known,
            drop=self.drop,
            may_start_page=lambda: self.pages_left > 0,
        )

    def woken(self, host: str) -> None:
        self.fetch_queue.woken(host)

    def known(self, rows: list[Row]) -> list[Leased]:
        self.questions += 1
        if self.away:
            raise DatabaseUnreachable("postgresql://db.example/p", "it is away")
        return list(map(Leased, rows))

    def drop(self, row: Row, reason: str) -> None:
        self.dropped.append((row.url, reason))

    def add(self, *urls: str, role: Role = Role.PAGE) -> None:
        self.frontier.add([Link(url, role) for url in urls])
        self.fetch_queue.add(self.frontier.waiting())

    def next(self) -> str | None:
        return told(self.fetch_queue.next())

    def ended(self, host: str) -> None:
        self.politeness_client.ended(host)


def told(step: Step | None) -> str | None:
    if isinstance(step, RobotsWanted):
        return f"robots of {step.origin}"
    return step.row.url if step else None


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(
        tmp_path / "f.db", PolitenessSettings(delay=2.0, concurrency=1, agent="Pressmark", ignores_rules=True)
    )
    yield world
    world.frontier.close()


@pytest.fixture
def obedient(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path / "f.db", PolitenessSettings(delay=0.0, concurrency=4, agent="Pressmark"))
    yield world
    world.frontier.close()


def test_hosts_take_turns_and_each_waits_for_its_own_delay(world: World) -> None:
    world.add(f"{A}/1", f"{A}/2", f"{B}/1", f"{B}/2")

    assert {world.next(), world.next()} == {f"{A}/1", f"{B}/1"}
    assert world.next() is None
    world.ended("a.example")
    world.ended("b.example")
    assert world.next() is None
    assert world.fetch_queue.wait == pytest.approx(2.0)
    world.now += 2.0
    assert {world.next(), world.next()} == {f"{A}/2", f"{B}/2"}


def test_a_busy_host_does_not_delay_another(world: World) -> None:
    world.add(*(f"{A}/{n}" for n in range(100)), f"{B}/1")

    assert {world.next(), world.next()} == {f"{A}/0", f"{B}/1"}
    assert world.next() is None
    assert world.fetch_queue.pending


def test_a_waiting_url_is_given_out_in_time_although_its_host_was_idle(world: World) -> None:
    world.add(f"{A}/1")
    step = world.fetch_queue.next()
    assert isinstance(step, Leased)
    world.ended("a.example")
    world.frontier.write_results([FetchResult(step.row.id, State.PENDING, due=world.now + 60.0, attempts=1)])
    world.fetch_queue.add({step.row.host})

    assert world.next() is None
    assert world.fetch_queue.wait == pytest.approx(60.0)
    assert world.fetch_queue.pending
    world.add(f"{A}/2")
    world.now += 2.0
    assert world.next() == f"{A}/2"  # a ready URL is not delayed by one that must wait
    world.ended("a.example")
    world.now += 58.0
    assert world.next() == f"{A}/1"


def test_nothing_is_pending_when_everything_was_given_out(world: World) -> None:
    world.add(f"{A}/1")
    world.next()
    world.ended("a.example")
    assert world.next() is None

    assert not world.fetch_queue.pending
    assert world.fetch_queue.wait is None


def test_robots_txt_of_an_origin_comes_first_once(obedient: World) -> None:
    obedient.add(f"{A}/1", f"{A}/2", "http://a.example:81/3")

    assert obedient.next() == f"robots of {A}"
    assert obedient.next() is None
    obedient.ended("a.example")
    obedient.robots.store(A, rules_of(A, 404, b""))
    obedient.fetch_queue.rules_known(A)
    assert [obedient.next(), obedient.next(), obedient.next()] == [f"{A}/1", f"{A}/2", "robots of http://a.example:81"]


def test_what_robots_txt_forbids_is_dropped(obedient: World) -> None:
    obedient.robots.store(A, rules_of(A, 200, b"User-agent: *\nDisallow: /x"))
    obedient.robots.store(B, unreachable(B, "refused"))
    obedient.add(f"{A}/x1", f"{A}/ok", f"{A}/x2", f"{B}/1")

    assert obedient.next() == f"{A}/ok"
    assert obedient.next() is None
    assert sorted(obedient.dropped) == [(f"{A}/x1", "robots"), (f"{A}/x2", "robots"), (f"{B}/1", "robots")]


def test_a_thousand_forbidden_urls_do_not_block_the_loop(obedient: World) -> None:
    obedient.robots.store(A, unreachable(A, "refused"))
    obedient.add(*(f"{A}/{n}" for n in range(1_000)))

    assert obedient.next() is None
    assert 0 < len(obedient.dropped) < 200
    assert obedient.fetch_queue.wait == 0.0
    for _ in range(20):
        obedient.next()
    assert len(obedient.dropped) == 1_000


def test_a_crawl_delay_overrides_a_shorter_one_of_the_source(obedient: World) -> None:
    obedient.robots.store(A, rules_of(A, 200, b"User-agent: *\nCrawl-delay: 7"))
    obedient.add(f"{A}/1", f"{A}/2")

    assert obedient.next() == f"{A}/1"
    obedient.politeness_client.sent("a.example")
    assert obedient.next() is None
    assert obedient.fetch_queue.wait == pytest.approx(7.0)


def test_requisites_continue_when_no_page_may_start(obedient: World) -> None:
    obedient.robots.store(A, rules_of(A, 404, b""))
    obedient.add(*(f"{A}/{n}" for n in range(40)))
    assert obedient.next() == f"{A}/0"
    obedient.pages_left = 0
    obedient.add(f"{A}/i.png", role=Role.REQUISITE)

    assert obedient.next() == f"{A}/i.png"
    assert obedient.next() is None
    assert not obedient.fetch_queue.pending
    obedient.pages_left = 9
    obedient.fetch_queue.reconsider()
    assert obedient.next() == f"{A}/1"


def test_urls_leased_in_advance_are_returned_at_the_end(obedient: World) -> None:
    obedient.robots.store(A, rules_of(A, 404, b""))
    obedient.add(*(f"{A}/{n}" for n in range(40)))
    obedient.next()
    obedient.fetch_queue.close()

    assert obedient.next() is None
    assert not obedient.fetch_queue.pending
    assert obedient.frontier.states[State.LEASED] == 1
    assert obedient.frontier.states[State.PENDING] == 39


def test_a_host_that_was_given_up_has_no_urls_left(world: World) -> None:
    world.add(*(f"{A}/{n}" for n in range(40)), f"{B}/1")
    assert world.next() == f"{A}/0"

    assert world.fetch_queue.give_up("a.example") == 39
    assert world.next() == f"{B}/1"


def test_while_the_disk_is_full_nothing_is_leased_and_nothing_is_lost(world: World) -> None:
    world.add(f"{A}/1")

    with full_disk(world.frontier.path):
        assert world.next() is None
    assert world.fetch_queue.pending and world.fetch_queue.wait == 5.0
    world.now += 5.0
    assert world.next() == f"{A}/1"


def test_an_unreachable_database_gets_one_query_and_not_one_per_host(world: World) -> None:
    """Each query may take as long as a failed connection, and blocks the event loop."""
    world.add(*(f"http://{number}.example/" for number in range(20)))
    world.away = True

    assert world.next() is None and world.questions == 1
    world.now += 4.9
    assert world.next() is None and world.questions == 1
    world.now += 0.2
    assert world.next() is None and world.questions == 2
    world.away = False
    world.now += 5.1
    assert len({world.next() for _ in range(20)} - {None}) == 20
