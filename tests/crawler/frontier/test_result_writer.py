"""Between an answer and the frontier: many links are written in parts, and the counts are exact."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from archive.values.capture import Context
from crawler.frontier.frontier import Frontier
from crawler.frontier.page_fetch import Fetch
from crawler.frontier.result_writer import ResultWriter
from crawler.policy.rows import FetchResult, Link, State

SITE = "http://a.example"
LINKS = [Link(f"{SITE}/{number}") for number in range(3_000)]


@pytest.fixture
def frontier(tmp_path: Path) -> Iterator[Frontier]:
    frontier = Frontier(tmp_path / "run.db")
    frontier.add([Link(f"{SITE}/list")])
    yield frontier
    with suppress(sqlite3.ProgrammingError):  # closed by the test
        frontier.close()


def result_writer(frontier: Frontier, told: Callable[[set[int]], None] = lambda hosts: None) -> ResultWriter:
    return ResultWriter(frontier, committed=told, refused=lambda fetch, error: 0.0, failed=lambda error: None)


def read(result_writer: ResultWriter, frontier: Frontier, links: list[Link] = LINKS) -> None:
    """Settle a page that was read and leads to these."""
    (row,) = frontier.lease(1, 1, 0.0)
    context = Context(collection="", source="", run="")
    fetch = Fetch(result_writer, row.url, context, lambda fetch, outcome: None, row)
    result_writer.begin(fetch)
    result_writer.finish(fetch, FetchResult(row.id, State.DONE, links=links, page=row.id))


def pass_over(result_writer: ResultWriter, frontier: Frontier) -> None:
    """Drop a page that is not requested and led to these."""
    (row,) = frontier.lease(1, 1, 0.0)
    result_writer.drop(FetchResult(row.id, State.DROPPED, "not-due", LINKS, row.id))


@pytest.mark.parametrize(
    ("of", "state", "count"), [(read, State.DONE, "pages"), (pass_over, State.DROPPED, "dropped:not-due")]
)
def test_very_many_links_do_not_block_the_loop(
    frontier: Frontier, of: Callable[[ResultWriter, Frontier], None], state: State, count: str
) -> None:
    async def turns() -> int:
        turns, one = 0, result_writer(frontier)
        of(one, frontier)
        while one.busy:
            turns += 1
            await asyncio.sleep(0)
        return turns

    assert asyncio.run(turns()) >= len(LINKS) / 500
    assert +frontier.states == {State.PENDING: len(LINKS), state: 1}
    assert frontier.tally == {count: 1}


def test_a_page_with_many_links_that_was_hit_by_a_kill_is_requested_again_and_each_link_is_there_once(
    frontier: Frontier,
) -> None:
    async def some() -> None:
        one = result_writer(frontier)
        read(one, frontier)
        while not frontier.states[State.PENDING]:
            await asyncio.sleep(0)
        one.close()

    async def all_of_them() -> None:
        one = result_writer(again)
        read(one, again)
        assert await one.idle(60)

    asyncio.run(some())
    killed = Frontier(frontier.path)  # as the kill left it: no lease is returned
    there, counted = +killed.states, +killed.tally
    killed.close()
    again = Frontier(frontier.path)
    asyncio.run(all_of_them())

    assert 1 < there[State.PENDING] < len(LINKS) and not there[State.DONE] and not counted
    assert +again.states == {State.PENDING: len(LINKS), State.DONE: 1}
    assert again.tally == {"pages": 1}
    again.close()


def test_the_hosts_of_all_links_are_reported(frontier: Frontier) -> None:
    hosts: set[int] = set()

    async def told() -> None:
        one = result_writer(frontier, hosts.update)
        read(one, frontier, [Link("http://b.example/"), *LINKS, Link("http://c.example/")])
        assert await one.idle(60)

    asyncio.run(told())
    assert {frontier.host(host) for host in hosts} == {"a.example", "b.example", "c.example"}


def test_pages_with_few_links_are_written_together_and_completely(frontier: Frontier) -> None:
    frontier.add([Link(f"{SITE}/other")])
    (row,) = frontier.lease(1, 1, 0.0)
    times: list[set[int]] = []

    async def together() -> None:
        one = result_writer(frontier, times.append)
        one.drop(FetchResult(row.id, State.DROPPED, "not-due", LINKS[:300], row.id))
        read(one, frontier, LINKS[300:500])
        assert await one.idle(60)

    asyncio.run(together())
    assert len(times) == 1
    assert +frontier.states == {State.PENDING: 500, State.DONE: 1, State.DROPPED: 1}


def test_fetches_that_end_after_their_run_is_closed_are_ignored(frontier: Frontier) -> None:
    failed: list[dict[str, object]] = []

    async def late() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: failed.append(context))
        one = result_writer(frontier)
        (row,) = frontier.lease(1, 1, 0.0)
        one.close()
        frontier.close()
        one.drop(FetchResult(row.id, State.DROPPED, "not-due"))
        await asyncio.sleep(0)

    asyncio.run(late())
    again = Frontier(frontier.path)
    assert (again.returned, failed) == (1, [])
    again.close()


def test_a_permanent_error_is_reported_and_does_not_leave_the_run_waiting(frontier: Frontier) -> None:
    told: list[Exception] = []

    async def settle() -> None:
        one = ResultWriter(frontier, committed=lambda hosts: None, refused=lambda fetch, error: 0.0, failed=told.append)
        read(one, frontier)
        frontier.close()
        one.commit()

    asyncio.run(settle())

    assert [type(error) for error in told] == [sqlite3.ProgrammingError]
