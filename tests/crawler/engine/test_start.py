"""What a run starts with, besides its seeds: what it had let in before, and what an earlier run left."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from crawling.crawls import Run, archiving, source
from crawling.site import Reply, Site, html

from archive.database.engine import open_database
from archive.index.pages import Pages, UnfetchedUrl
from crawler.engine.start import drop_outside, restore_urls
from crawler.frontier.admission import Admission
from crawler.frontier.frontier import Frontier
from crawler.policy.rows import FetchResult, Link, Role, State
from crawler.policy.scope import Scope

SITE = "https://www.example.org"
LEFT = [UnfetchedUrl(f"{SITE}/{number}", 0, 1) for number in range(2_000)]


@pytest.fixture
def frontier(tmp_path: Path) -> Iterator[Frontier]:
    frontier = Frontier(tmp_path / "run.db")
    yield frontier
    frontier.close()


def admission(frontier: Frontier) -> Admission:
    seed = f"{SITE}/"
    return Admission(Scope(source(seed, walk="site"), [seed], frontier.tally), frontier.tally)


def queued(frontier: Frontier) -> int:
    return sum(frontier.states.values())


def test_everything_left_is_taken_up_once_even_after_an_interruption(frontier: Frontier) -> None:
    asyncio.run(restore_urls(frontier, admission(frontier), LEFT[:300]))
    assert queued(frontier) == 300

    for _ in range(2):
        asyncio.run(restore_urls(frontier, admission(frontier), LEFT))
        assert queued(frontier) == 2_000


def test_a_resumed_run_has_nothing_in_flight_before_it_fetches(frontier: Frontier) -> None:
    """Whatever is in flight when a run is stopped counts as crashed."""
    asyncio.run(restore_urls(frontier, admission(frontier), LEFT))
    scope = Scope(source(f"{SITE}/", walk="site", scope={"exclude": ["/1"]}), [f"{SITE}/"])

    async def in_flight() -> list[int]:
        going, found = asyncio.ensure_future(drop_outside(frontier, scope)), []
        while not going.done():
            found.append(frontier.states[State.LEASED])
            await asyncio.sleep(0)
        return found

    found = asyncio.run(in_flight())

    assert len(found) >= len(LEFT) / 100
    assert set(found) == {0}
    barred = sum(one.url.startswith(f"{SITE}/1") for one in LEFT)
    assert (frontier.states[State.DROPPED], frontier.states[State.PENDING]) == (barred, len(LEFT) - barred)


@pytest.mark.parametrize("before", [0, 2_000])
def test_taking_up_many_left_pages_blocks_nothing(frontier: Frontier, before: int) -> None:
    asyncio.run(restore_urls(frontier, admission(frontier), LEFT[:before]))

    async def turns() -> int:
        taking, count = asyncio.ensure_future(restore_urls(frontier, admission(frontier), LEFT)), 0
        while not taking.done():
            count += 1
            await asyncio.sleep(0)
        return count

    assert asyncio.run(turns()) >= len(LEFT) / 100


def test_a_run_that_does_not_start_keeps_what_was_left(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PW", "wrong")
    urls = "".join(f"<url><loc>{site.url}/{number}</loc></url>" for number in range(5))
    site.routes |= {"/s.xml": Reply(body=f"<urlset>{urls}</urlset>", type="application/xml"), "/login": Reply(403)}
    site.otherwise = html(text="x")
    seed, login = f"{site.url}/s.xml", {"url": f"{site.url}/login", "fields": {"password": {"secret": "PW"}}}
    database = open_database(f"sqlite:///{tmp_path / 'memory.db'}")
    with archiving() as archive:
        run = Run(tmp_path, archive, memory=Pages(database))
        run(source(seed, walk="sitemap", limits={"pages": 3}))
        left = Pages(database).unfetched("test")

        assert run(source(seed, walk="sitemap", login=login)).outcome == "failed"

        assert Pages(database).unfetched("test") == left != []
        assert run(source(seed, walk="sitemap")).outcome == "done"
        assert Pages(database).unfetched("test") == []
    database.close()


@pytest.mark.parametrize("taken_up", [False, True])
def test_a_run_killed_before_it_took_up_what_was_left_keeps_it(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, taken_up: bool
) -> None:
    """The control: a run that took it up and fetched some of it leaves the rest."""
    monkeypatch.setenv("PW", "wrong")
    site.routes["/login"] = Reply(403)
    seed, login = f"{site.url}/", {"url": f"{site.url}/login", "fields": {"password": {"secret": "PW"}}}
    walk, left = (
        source(seed, walk="listing", login=login),
        [UnfetchedUrl(f"{seed}{number}", 0, 1) for number in range(5)],
    )
    frontier = Frontier(tmp_path / "r1.db")
    frontier.add([Link(seed, Role.PAGE, seed=True)])
    if taken_up:
        asyncio.run(restore_urls(frontier, Admission(Scope(walk, [seed], frontier.tally), frontier.tally), left))
        done = frontier.lease(1, 3, 0.0)
        frontier.write_results([FetchResult(row.id, State.DONE) for row in done])
    frontier._db.close()
    with closing(open_database(f"sqlite:///{tmp_path / 'memory.db'}")) as database, archiving() as archive:
        memory = Pages(database)
        memory.store_unfetched("test", left)

        assert Run(tmp_path, archive, memory=memory)(walk, "r1").outcome == "failed"

        assert memory.unfetched("test") == (left[2:] if taken_up else left)
