"""Runs that are cancelled, stopped or paused, and resumed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from crawling.crawls import Run, archiving, source
from crawling.disks import full_disk, no_file_may_grow
from crawling.site import Reply, Site, html, in_turn, redirect

from archive.database.engine import Database, open_database
from archive.index.pages import Pages, PageState
from config.source import Source
from crawler.policy.order import Outcome
from crawler.process import Crawls

SLOW = Reply(body="slow", after=30.0)


async def soon(site: Site, requests: int = 1) -> None:
    while len(site.asked) < requests:
        await asyncio.sleep(0.01)


def test_a_cancelled_run_ends_within_seconds_whatever_the_server_does(site: Site, run: Run) -> None:
    site.routes |= {"/": html("/slow", "/b"), "/slow": SLOW, "/b": html()}
    ended = []

    async def beside(crawls: Crawls) -> None:
        await soon(site, 3)
        ended.append(time.monotonic())
        crawls.cancel("r1", "changed my mind")

    outcome = run(source(f"{site.url}/"), "r1", beside=beside)

    assert (outcome.outcome, outcome.reason) == ("cancelled", "changed my mind")
    assert time.monotonic() - ended[0] < 3.0
    assert not (run.directory / "r1.db").exists()


def test_a_run_whose_frontier_is_on_a_full_disk_ends_when_it_is_stopped(site: Site, run: Run) -> None:
    site.routes |= {"/": html(*(f"/{n}" for n in range(30)))}
    site.otherwise = Reply(body="x", after=0.02)
    problems: list[BaseException | None] = []

    async def beside(crawls: Crawls) -> None:
        await soon(site, 5)
        with full_disk(run.directory / "r1.db"):
            while not (problem := crawls.problem):
                await asyncio.sleep(0.01)
            problems.append(problem)
            await asyncio.wait_for(crawls.stop(), 30)

    walk = source(f"{site.url}/", politeness={"concurrency": 2})
    first = run(walk, "r1", beside=beside)
    second = run(walk, "r1")

    assert f"Pressmark can't save the URLs that it has still to fetch, in {run.directory / 'r1.db'}" in str(problems[0])
    assert (first.outcome, second.outcome) == ("interrupted", "done")
    assert set(site.paths) == {"/", *(f"/{n}" for n in range(30))}


class Filling(Pages):
    """Has the disk of a frontier fill up once the run is written down."""

    def __init__(self, database: Database, disk: ExitStack) -> None:
        super().__init__(database)
        self.disk = disk

    def store_states(self, source: str, states: Iterable[PageState]) -> None:
        super().store_states(source, states)
        self.disk.enter_context(no_file_may_grow(0))


def test_a_run_whose_disk_fills_up_at_its_end_names_the_frontier(site: Site, tmp_path: Path) -> None:
    site.routes |= {"/": html("/a", "/b")}
    site.otherwise = html()
    with (
        ExitStack() as disk,
        closing(open_database(f"sqlite:///{tmp_path}/p.db")) as database,
        archiving() as archive,
    ):
        frontier = tmp_path / "r1.db"
        run = Run(tmp_path, archive, memory=Filling(database, disk))
        walk = source(f"{site.url}/", limits={"pages": 2}, timetable={"adaptive": {"min": "2h"}})
        outcome = run(walk, "r1")
        disk.close()

    assert (outcome.outcome, outcome.pages) == ("failed", 2)
    assert outcome.reason.startswith(f"Pressmark can't save the URLs that it has still to fetch, in {frontier}: ")


def test_a_stopped_run_resumes_where_it_was(site: Site, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawler.process._STOP_GRACE", 0.2)
    site.routes |= {"/": html("/slow", *(f"/{n}" for n in range(30))), "/slow": in_turn(SLOW, html())}
    site.otherwise = Reply(body="x", after=0.02)

    async def beside(crawls: Crawls) -> None:
        await soon(site, 15)
        await crawls.stop()

    walk = source(f"{site.url}/", politeness={"concurrency": 2})
    first = run(walk, "r1", beside=beside)
    assert first.outcome == "interrupted"
    assert first.queued > 0
    assert (run.directory / "r1.db").exists()

    second = run(walk, "r1")
    assert second.outcome == "done"
    assert second.pages == 32
    assert all(site.times(f"/{n}") == 1 for n in range(30))
    assert site.times("/slow") == 2
    assert not (run.directory / "r1.db").exists()


def test_no_run_starts_after_a_stop(site: Site, run: Run) -> None:
    async def main() -> Outcome:
        await run.crawls.stop()
        return await run.crawls.crawl(run.order(source(f"{site.url}/")))

    assert asyncio.run(main()).outcome == "interrupted"


def test_nothing_is_fetched_while_the_worker_is_paused(site: Site, run: Run) -> None:
    site.routes["/"] = html()
    run.begin()

    async def main() -> Outcome:
        run.crawls.pause("the spool is 85 % full")
        crawl = asyncio.ensure_future(run.crawls.crawl(run.order(source(f"{site.url}/"))))
        await asyncio.sleep(0.2)
        assert site.asked == []
        run.crawls.resume()
        return await asyncio.wait_for(crawl, 30)

    assert asyncio.run(main()).outcome == "done"


@pytest.mark.parametrize(
    ("bound", "trap", "reason"),
    [
        ("MOST_MONTHS", "/calendar/2026/{}", "calendar"),
        ("MOST_NOISE", "/a?rand={}", "ever-new-query"),
        ("MOST_QUERIES", "/a?id={}", "too-many-queries"),
        ("MOST_FILTERS", "/a?id={}&sort=a&view=b&page=1", "too-many-filters"),
    ],
)
def test_a_resumed_run_continues_counting_what_looks_endless(
    site: Site, run: Run, monkeypatch: pytest.MonkeyPatch, bound: str, trap: str, reason: str
) -> None:
    """Links to what was let in before are not counted twice."""
    monkeypatch.setattr("crawler.process._STOP_GRACE", 0.2)
    monkeypatch.setattr(f"crawler.policy.traps.{bound}", 12)
    first, more = ([trap.format(n) for n in numbers] for numbers in (range(10, 20), range(15, 25)))
    site.routes |= {"/": html("/slow", *first), "/slow": in_turn(SLOW, html(*more))}
    site.otherwise = html()
    walk = source(f"{site.url}/", walk="site")

    assert stopped_at(run, walk, kept=11).outcome == "interrupted"
    second = run(walk, "r1")

    assert (second.outcome, second.dropped) == ("done", {reason: 3})
    assert [site.times(url) for url in more] == [1] * 7 + [0] * 3


def test_a_resumed_run_counts_once_what_an_earlier_run_left(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crawler.process._STOP_GRACE", 0.2)
    monkeypatch.setattr("crawler.policy.traps.MOST_MONTHS", 12)
    site.routes |= {
        "/": html("/slow", *(f"/calendar/2026/{n}" for n in range(10, 20))),
        "/slow": in_turn(SLOW, html(*(f"/calendar/2026/{n}" for n in range(20, 25)))),
    }
    site.otherwise = html()
    facts = {"walk": "site", "timetable": {"adaptive": {"min": "2h"}}, "politeness": {"concurrency": 2}}
    with closing(open_database(f"sqlite:///{tmp_path / 'memory.db'}")) as database, archiving() as archive:
        run = Run(tmp_path, archive, memory=Pages(database))
        run(source(f"{site.url}/", limits={"pages": 1}, **facts))
        walk = source(f"{site.url}/", **facts)

        assert stopped_at(run, walk, kept=8).outcome == "interrupted"
        assert run(walk, "r1").dropped == {"calendar": 3}


def test_a_resumed_run_continues_counting_pages_that_say_the_same(
    site: Site, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crawler.process._STOP_GRACE", 0.2)
    site.routes |= {"/": html("/a?token=x0"), "/a?token=x20": in_turn(SLOW, html("/a?token=x21", text="the same"))}
    site.otherwise = lambda asked: html(f"/a?token=x{int(asked.path.rpartition('x')[2]) + 1}", text="the same")
    walk = source(f"{site.url}/", walk="site")

    assert stopped_at(run, walk, kept=21).outcome == "interrupted"
    second = run(walk, "r1")

    assert (second.pages, second.dropped) == (31, {"ever-new-query": 1})


def stopped_at(run: Run, walk: Source, *, kept: int) -> Outcome:
    """A run that is stopped when this many answers are archived, and their links are saved."""
    enough = len(run.archive.kept) + kept

    async def beside(crawls: Crawls) -> None:
        while len(run.archive.kept) < enough:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.2)
        await crawls.stop()

    return run(walk, "r1", beside=beside)


def test_a_resumed_run_does_not_fetch_what_no_longer_belongs_to_the_source(site: Site, run: Run) -> None:
    site.routes |= {"/": html("/go", *(f"/p/{n}" for n in range(30)), *(f"/q/{n}" for n in range(5)))}
    site.otherwise = Reply(body="x", after=0.02)

    async def beside(crawls: Crawls) -> None:
        await soon(site, 5)
        await crawls.stop()

    first = run(source(f"{site.url}/", walk="site"), "r1", beside=beside)
    asked = len(site.paths)
    second = run(source(f"{site.url}/", walk="site", scope={"exclude": ["/p/"]}), "r1")

    assert (first.outcome, second.outcome) == ("interrupted", "done")
    assert [path for path in site.paths[asked:] if path.startswith("/p/")] == []
    assert {f"/q/{n}" for n in range(5)} <= set(site.paths)
    assert second.dropped["excluded"] == 31 - (asked - 1)


def test_a_resumed_run_knows_where_its_seed_has_moved(site: Site, run: Run) -> None:
    old, new = "http://harbour.example", "http://www.harbour.example"
    site.routes |= {f"{old}/": redirect(f"{new}/", 301), f"{new}/": html("/first")}
    site.routes[f"{new}/first"] = in_turn(Reply(503, headers=(("Retry-After", "1"),)), html("/second"))
    site.routes[f"{new}/second"] = html()
    moved = source(f"{old}/", walk="site", proxy=site.url, politeness={"retries": 5})

    async def beside(crawls: Crawls) -> None:
        await soon(site, 3)
        await crawls.stop()

    first = run(moved, "r1", beside=beside)
    second = run(moved, "r1")

    assert (first.outcome, second.outcome) == ("interrupted", "done")
    assert site.times(f"{new}/second") == 1
