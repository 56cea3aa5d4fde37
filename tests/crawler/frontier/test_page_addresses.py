"""Several addresses of one page in the frontier: one is requested, the others wait behind it."""

from __future__ import annotations

import asyncio

import pytest
from crawling.frontiers import HOST, lease, page

from crawler.frontier.frontier import Frontier
from crawler.policy.rows import FetchResult, Link, Role, State


def test_another_address_of_a_page_waits_behind_the_first(frontier: Frontier) -> None:
    assert frontier.add([page("/a"), page("/a/"), page("/a?utm_source=x"), Link("https://www.a.example/a")]) == 1
    assert frontier.states[State.ALIAS] == 3
    (row,) = frontier.lease(1, 9, 0.0)
    frontier.write_results([FetchResult(row.id, State.DONE, links=[page("/a/?"), page("/b")])])

    assert lease(frontier) == ["/b"]
    others = (HOST + "/a/", HOST + "/a?utm_source=x", "https://www.a.example/a", HOST + "/a/?")
    assert dict(asyncio.run(frontier.aliases(100))) == dict.fromkeys(others, HOST + "/a")


@pytest.mark.parametrize("end", [FetchResult(1, State.FAILED, "timeout"), FetchResult(1, State.DONE, "404 Not Found")])
def test_the_other_addresses_are_requested_one_by_one_when_the_first_fails(
    frontier: Frontier, end: FetchResult
) -> None:
    frontier.add([page("/a"), page("/a/"), page("/a//")])
    frontier.lease(1, 9, 0.0)

    assert frontier.write_results([end]) == {1}
    (second,) = frontier.lease(1, 9, 0.0)
    assert second.url == HOST + "/a/"
    frontier.write_results([FetchResult(second.id, State.DONE)])
    assert lease(frontier) == []
    assert frontier.states[State.PENDING] == 0


def test_a_redirect_to_another_address_of_the_page_is_followed(frontier: Frontier) -> None:
    frontier.add([page("/a"), page("/a/")])
    (row,) = frontier.lease(1, 9, 0.0)

    frontier.write_results([FetchResult(row.id, State.REDIRECTED, "301", links=[page("/a/", target=True)])])

    assert lease(frontier) == ["/a/"]


def test_seeds_and_requisites_are_requested_by_every_address(frontier: Frontier) -> None:
    frontier.add([page("/a", seed=True), page("/a/", seed=True)])
    frontier.add([page("/i", role=Role.REQUISITE), page("/i/", role=Role.REQUISITE)])

    assert lease(frontier) == ["/a", "/a/", "/i", "/i/"]
