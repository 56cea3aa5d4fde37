"""The frontier: one table, exact after a kill."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from crawling.disks import full_disk
from crawling.frontiers import HOST, all_hosts, lease, page

from crawler.frontier.frontier import Frontier
from crawler.policy.rows import FetchResult, Link, Role, State, host_of


def test_a_url_is_queued_once(frontier: Frontier) -> None:
    assert frontier.add([page("/a"), page("/b"), page("/a")]) == 2
    assert frontier.add([page("/b")]) == 0
    assert lease(frontier) == ["/a", "/b"]


def test_a_leased_url_is_not_leased_again(frontier: Frontier) -> None:
    frontier.add([page("/a")])

    assert lease(frontier) == ["/a"]
    assert lease(frontier) == []


def test_seeds_come_first_then_listings_then_requisites_then_pages_in_the_order_of_discovery(
    frontier: Frontier,
) -> None:
    frontier.add([page("/p1"), page("/r", role=Role.REQUISITE), page("/l", role=Role.LISTING)])
    frontier.add([page("/p2"), page("/s", seed=True)])

    assert lease(frontier) == ["/s", "/l", "/r", "/p1", "/p2"]


def test_a_lease_has_what_the_fetch_needs(frontier: Frontier) -> None:
    frontier.add([page("/a", depth=2)])
    (first,) = frontier.lease(1, 1, 0.0)
    frontier.write_results(
        [FetchResult(first.id, State.DONE, links=[page("/a.png", role=Role.REQUISITE)], page=first.id)]
    )
    (requisite,) = frontier.lease(1, 1, 0.0)

    assert (first.depth, first.page, first.via) == (2, None, None)
    assert (requisite.role, requisite.page, requisite.via) == (Role.REQUISITE, first.id, HOST + "/a")


def test_only_requisites_are_leased_when_no_page_may_start(frontier: Frontier) -> None:
    frontier.add([page("/p"), page("/r", role=Role.REQUISITE), page("/s", seed=True)])

    assert [row.url for row in frontier.lease(1, 9, 0.0, requisites_only=True)] == [HOST + "/r"]


def test_a_waiting_url_is_leased_when_it_is_due(frontier: Frontier) -> None:
    frontier.add([page("/a"), page("/b")])
    first, _ = frontier.lease(1, 2, 0.0)
    frontier.write_results([FetchResult(first.id, State.PENDING, "503", due=50.0, attempts=1)])

    assert frontier.lease(1, 9, 49.9) == []
    assert frontier.next_due(1, 49.9) == 50.0
    (again,) = frontier.lease(1, 9, 50.0)
    assert again.attempts == 1
    assert frontier.next_due(1, 50.0) is None


def test_hosts_are_leased_separately(frontier: Frontier) -> None:
    frontier.add([page("/a"), Link("http://b.example:81/x"), Link("https://[::1]/y")])

    assert sorted(frontier.waiting().values()) == ["::1", "a.example", "b.example"]


def test_a_settled_page_and_its_links_are_one_transaction(frontier: Frontier) -> None:
    frontier.add([page("/a")])
    (row,) = frontier.lease(1, 1, 0.0)
    broken = FetchResult(row.id, State.DONE, links=[page("/new"), Link(HOST + "/x", depth=None)])  # type: ignore[arg-type]

    with pytest.raises(sqlite3.IntegrityError):
        frontier.write_results([broken])

    assert frontier.seen([HOST + "/new"]) == set()
    assert frontier.states[State.LEASED] == 1


def test_settling_names_the_hosts_that_have_something_new(frontier: Frontier) -> None:
    frontier.add([page("/a")])
    (row,) = frontier.lease(1, 1, 0.0)

    hosts = frontier.write_results([FetchResult(row.id, State.DONE, links=[Link("http://new.example/")])])

    assert {frontier.host(host) for host in hosts} == {"new.example"}


def test_the_leases_of_a_dead_process_return(tmp_path: Path) -> None:
    dead = Frontier(tmp_path / "run.db")
    dead.add([page("/a"), page("/b"), page("/c")])
    done, *_ = dead.lease(1, 3, 0.0)
    dead.write_results([FetchResult(done.id, State.DONE)])
    dead._db.close()  # as a kill does: no lease is returned

    frontier = Frontier(tmp_path / "run.db")
    assert frontier.returned == 2
    assert lease(frontier) == ["/b", "/c"]
    frontier.close()


def test_a_url_in_flight_at_many_crashes_is_given_up(tmp_path: Path) -> None:
    frontier = Frontier(tmp_path / "run.db")
    frontier.add([page("/poison")])
    for _ in range(9):
        assert lease(frontier) == ["/poison"]
        frontier._db.close()
        frontier = Frontier(tmp_path / "run.db")

    assert lease(frontier) == []
    assert asyncio.run(frontier.reasons(State.FAILED)) == {"crash": 1}
    frontier.close()


def test_released_urls_are_as_if_never_leased(frontier: Frontier) -> None:
    frontier.add([page("/a"), page("/b")])
    frontier.release(frontier.lease(1, 2, 0.0))

    assert lease(frontier) == ["/a", "/b"]


def test_counts_outlive_the_process(tmp_path: Path) -> None:
    frontier = Frontier(tmp_path / "run.db")
    frontier.add([page("/a"), page("/b")])
    (row,) = frontier.lease(1, 1, 0.0)
    frontier.tally["bytes"] += 7
    frontier.write_results([FetchResult(row.id, State.DONE)])
    frontier._db.close()

    again = Frontier(tmp_path / "run.db")
    assert again.tally == Counter(bytes=7)
    assert (again.states[State.DONE], again.states[State.PENDING]) == (1, 1)
    again.close()


def test_a_count_that_drops_to_zero_is_removed_from_the_file_too(tmp_path: Path) -> None:
    frontier = Frontier(tmp_path / "run.db")
    frontier.tally.update({"bytes": 7, "alike:a": 20})
    frontier.close()

    again = Frontier(tmp_path / "run.db")
    assert again.tally == {"bytes": 7, "alike:a": 20}
    del again.tally["alike:a"]
    again.write_results([])
    again._db.close()

    third = Frontier(tmp_path / "run.db")
    assert dict(third.tally) == {"bytes": 7}
    third.close()


def test_what_a_full_disk_refused_is_written_when_there_is_space(tmp_path: Path) -> None:
    frontier = Frontier(tmp_path / "run.db")
    frontier.add([page("/a")])
    (row,) = frontier.lease(1, 1, 0.0)
    done = FetchResult(row.id, State.DONE, links=[page("/b")])
    frontier.tally["bytes"] += 7

    with full_disk(frontier.path), pytest.raises(sqlite3.OperationalError):
        frontier.write_results([done])
    frontier.write_results([done])
    frontier._db.close()

    again = Frontier(tmp_path / "run.db")
    assert again.tally == {"bytes": 7}
    assert +again.states == {State.DONE: 1, State.PENDING: 1}
    again.close()


def test_a_page_that_only_redirected_is_visited_again_when_another_redirects_to_it(frontier: Frontier) -> None:
    frontier.add([page("/a")])
    (a,) = frontier.lease(1, 1, 0.0)
    frontier.write_results([FetchResult(a.id, State.REDIRECTED, links=[page("/b", target=True, hops=1)], page=a.id)])
    (b,) = frontier.lease(1, 1, 0.0)
    frontier.write_results([FetchResult(b.id, State.REDIRECTED, links=[page("/a", target=True, hops=2)], page=b.page)])
    (again,) = frontier.lease(1, 1, 0.0)

    assert (again.url, again.hops) == (HOST + "/a", 2)
    assert b.page == a.id


def test_a_redirect_to_a_page_that_was_read_leads_nowhere(frontier: Frontier) -> None:
    frontier.add([page("/a"), page("/b")])
    a, b = frontier.lease(1, 2, 0.0)
    frontier.write_results([FetchResult(b.id, State.DONE)])
    frontier.write_results([FetchResult(a.id, State.REDIRECTED, links=[page("/b", target=True)])])

    assert lease(frontier) == []


def test_the_rest_of_a_host_can_be_written_off(frontier: Frontier) -> None:
    frontier.add([page("/a"), page("/b"), Link("http://other.example/")])

    assert frontier.give_up(1, "host-unreachable") == 2
    assert asyncio.run(frontier.reasons(State.DROPPED)) == {"host-unreachable": 2}
    assert lease(frontier) == ["http://other.example/"]


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://a.example/x", "a.example"),
        ("https://a.example:8443/", "a.example"),
        ("http://[2001:db8::1]:80/", "2001:db8::1"),
        ("http://user:pw@a.example/", "a.example"),
    ],
)
def test_the_host_of_a_url_is_without_port_and_brackets(url: str, host: str) -> None:
    assert host_of(url) == host


def test_the_file_of_an_interrupted_run_of_an_earlier_version_is_resumed(tmp_path: Path) -> None:
    old = Frontier(tmp_path / "run.db")
    old.add([page("/a")])
    old._db.executescript(
        "DROP INDEX twins; DROP INDEX aliases; ALTER TABLE urls DROP COLUMN same; ALTER TABLE urls DROP COLUMN mark;"
    )
    old._db.close()

    frontier = Frontier(tmp_path / "run.db")
    frontier.add([page("/b"), page("/b/")])
    assert lease(frontier) == ["/a", "/b"]
    frontier.close()


@pytest.mark.parametrize("ask", [lambda of: of.unfetched(9), lambda of: of.aliases(9), Frontier.items, Frontier.moved])
def test_slow_queries_of_a_frontier_of_a_million_do_not_block_the_loop(
    frontier: Frontier, ask: Callable[[Frontier], Awaitable[object]]
) -> None:
    frontier.add(page(f"/{number}") for number in range(1_000))

    async def turns() -> int:
        asked, count = asyncio.ensure_future(ask(frontier)), 0
        while not asked.done():
            count += 1
            await asyncio.sleep(0)
        return count

    assert asyncio.run(turns()) > 1  # a function that never waits is done in its first turn


def test_a_url_put_off_while_the_clock_was_ahead_waits_no_longer_than_the_longest_wait(frontier: Frontier) -> None:
    frontier.add([page("/a"), page("/b")])
    [host] = all_hosts(frontier)
    for row, due in zip(frontier.lease(host, 2, 0.0), (1_000_000.0, 1_300.0), strict=True):
        frontier.write_results([FetchResult(row.id, State.PENDING, "503", due=due)])
    frontier.shorten_waits(1_000.0, 600.0)

    assert frontier.next_due(host, 1_000.0) == 1_300.0
    assert lease(frontier, now=1_299.0) == []
    assert lease(frontier, now=1_300.0) == ["/b"]
    assert lease(frontier, now=1_600.0) == ["/a"]
