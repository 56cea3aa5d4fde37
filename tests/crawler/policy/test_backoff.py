"""Waits between attempts grow; while the database is unreachable, a run waits and loses nothing that it found."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from crawling.crawls import Run, archiving, source
from crawling.site import Site, html
from services.databases import database_at

from archive.database.engine import Database
from archive.index.pages import Pages, PageState, UnfetchedUrl
from archive.values.errors import DatabaseUnreachable
from config.source import Source
from crawler.policy.backoff import backoff, patiently
from crawler.process import Crawls

AWAY = DatabaseUnreachable("postgresql://db.example/p", "it is away")
ARTICLES = [f"/news/what-became-of-instrument-{number}" for number in range(8)]


class Forgetful(Pages):
    """A page memory in a database that is unreachable for some of the queries."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.lost: list[str] = []
        """Queries that fail, each once."""

    def unfetched(self, source: str) -> list[UnfetchedUrl]:
        self._ask("unfetched")
        return super().unfetched(source)

    def store_unfetched(self, source: str, left: Sequence[UnfetchedUrl]) -> None:
        self._ask("store_unfetched")
        super().store_unfetched(source, left)

    def store_states(self, source: str, states: Iterable[PageState]) -> None:
        self._ask("store_states")
        super().store_states(source, states)

    def _ask(self, question: str) -> None:
        if question in self.lost:
            self.lost.remove(question)
            raise AWAY


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Forgetful]:
    with closing(database_at(tmp_path / "memory.db")) as database:
        yield Forgetful(database)


@pytest.fixture
def run(tmp_path: Path, memory: Forgetful, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    monkeypatch.setattr("crawler.policy.backoff.AGAIN", 0.05)
    with archiving() as archive:
        yield Run(tmp_path, archive, memory=memory)


def section(site: Site, **facts: object) -> Source:
    site.routes["/"] = html(*ARTICLES)
    site.otherwise = html()
    return source(f"{site.url}/", walk="listing", **facts)


def away_after(questions: int) -> Iterator[Exception | None]:
    yield from [None] * questions
    yield AWAY


@pytest.mark.parametrize("answered", range(3))
def test_a_list_is_followed_whichever_query_of_the_index_fails(site: Site, run: Run, answered: int) -> None:
    run.archive.deaf = away_after(answered)

    outcome = run(section(site))

    assert (outcome.outcome, outcome.pages, outcome.queued) == ("done", 1 + len(ARTICLES), 0)
    assert next(run.archive.deaf, None) is None


@pytest.mark.parametrize(
    ("scope", "dropped"), [({"exclude": [ARTICLES[0]]}, {"excluded": 1}), ({"depth": 0}, {"depth": len(ARTICLES)})]
)
@pytest.mark.parametrize("away", [False, True])
def test_the_urls_of_a_list_read_again_after_a_failure_are_counted_once(
    site: Site, run: Run, scope: dict[str, object], dropped: dict[str, int], away: bool
) -> None:
    run.archive.deaf = away_after(1) if away else iter(())

    assert run(section(site, scope=scope)).dropped == dropped
    assert next(run.archive.deaf, None) is None


def test_the_urls_of_a_list_read_again_count_once_towards_what_looks_endless(site: Site, run: Run) -> None:
    """Twenty values of a parameter that exists to be different each time are let in."""
    numbered = [f"{ARTICLES[0]}?nonce={number}" for number in range(15)]
    asked = section(site)
    site.routes["/"] = html(*numbered)
    run.archive.deaf = away_after(1)

    outcome = run(asked)

    assert (outcome.pages, outcome.dropped) == (1 + len(numbered), {})


def test_a_run_that_ends_meanwhile_leaves_the_list_in_flight_and_the_next_process_follows_it(
    site: Site, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crawler.engine.active_run._ACKNOWLEDGE_SECONDS", 0.1)

    def away_for_good() -> Iterator[Exception | None]:
        yield None
        while True:
            yield AWAY

    async def stop(crawls: Crawls) -> None:
        while not site.asked:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.2)
        await crawls.stop()

    run.archive.deaf = away_for_good()
    interrupted = run(section(site), "r1", beside=stop)
    run.archive.deaf = iter(())
    outcome = run(section(site), "r1")

    assert (interrupted.outcome, interrupted.queued) == ("interrupted", 1)
    assert (outcome.outcome, outcome.queued) == ("done", 0)
    assert set(ARTICLES) <= set(site.paths)


@pytest.mark.parametrize("question", ["unfetched", "store_unfetched", "store_states"])
def test_a_run_waits_at_its_beginning_and_its_end_for_what_runs_leave_to_the_next(
    site: Site, run: Run, memory: Forgetful, question: str
) -> None:
    memory.lost = [question]

    first = run(section(site, limits={"pages": 3}))

    left = {url for url, *_ in memory.unfetched("test")}
    had = memory.recall("test", [f"{site.url}{path}" for path in ARTICLES]).keys()
    assert (first.outcome, memory.lost) == ("limited", [])
    assert len(left) + len(had) == len(ARTICLES) and not left & had


def test_a_run_stopped_while_it_waits_at_its_end_waits_no_longer(site: Site, run: Run, memory: Forgetful) -> None:
    memory.lost = ["store_states"] * 10_000

    async def stop(crawls: Crawls) -> None:
        while len(site.asked) <= len(ARTICLES):
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.5)
        await crawls.stop()

    outcome = run(section(site), beside=stop)

    assert (outcome.outcome, outcome.reason, outcome.pages) == (
        "interrupted",
        "the crawling process is stopping",
        1 + len(ARTICLES),
    )
    assert memory.lost


def test_what_a_limit_left_is_judged_when_the_index_is_reachable_again(site: Site, run: Run, memory: Forgetful) -> None:
    """The index is queried for the list, for what it leads to, and again when the run is over."""
    run.archive.deaf = away_after(2)

    outcome = run(section(site, limits={"pages": 1}))

    assert outcome.outcome == "limited"
    assert len(memory.unfetched("test")) == len(ARTICLES)
    assert next(run.archive.deaf, None) is None


def test_a_caller_told_to_stop_waiting_does_not_ask_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise a page would be read for a run whose frontier is closed."""
    monkeypatch.setattr("crawler.policy.backoff.AGAIN", 0.01)
    asked: list[None] = []
    waits = iter([True, False])

    async def ask() -> None:
        asked.append(None)
        raise AWAY

    with pytest.raises(DatabaseUnreachable):
        asyncio.run(patiently(ask, lambda: next(waits, False)))
    assert len(asked) == 1


def test_the_wait_between_attempts_grows_up_to_a_limit() -> None:
    waits = [backoff(attempts, 2.0) for attempts in range(12)]

    assert waits[:4] == [2.0, 4.0, 8.0, 16.0]
    assert max(waits) == 300.0
