"""When a run ends, its items are shipped behind its captures; those of runs that have not settled wait."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from archive.database.engine import open_database
from archive.shipping.items import items_file
from config.settings import load_settings
from config.source import Source
from crawler.policy.order import Order, Outcome
from pressmark.processes.worker_crawls import WorkerCrawls
from pressmark.processes.worker_threads import WorkerParts, open_worker_parts
from pressmark.service.assembly import open_pressmark
from pressmark.service.service import Service
from scheduler.workers.orders import Orders

FIRST, SECOND = "20261124T155500Z-own-1a2b3c", "20261124T155500Z-own-4d5e6f"


class Giving:
    """Crawls that give one item each; the second crawl then waits until it may end."""

    def __init__(self) -> None:
        self.written, self.may_end = asyncio.Event(), asyncio.Event()

    async def crawl(self, order: Order, _progress: Callable[[Outcome], None]) -> Outcome:
        assert order.items
        order.items.parent.mkdir(parents=True, exist_ok=True)
        order.items.write_text('{"item": {"n": 1}}\n')
        if order.run == SECOND:
            self.written.set()
            await self.may_end.wait()
        return Outcome("done", "1 page")


def crawls_of(crawls: object, service: Service, parts: WorkerParts) -> WorkerCrawls:
    orders = Orders(service.sources, service.settings.home)
    return WorkerCrawls(crawls, parts, orders, service.items, service.database)  # type: ignore[arg-type]


def order(home: Path, run: str) -> Order:
    source = Source.model_validate({"source": "own", "spider": "own.py"})
    return Order(run, source, frontier=home / f"{run}.db", items=items_file(home / "items", "default", run))


def test_items_of_a_run_that_has_not_settled_wait_when_another_ends(tmp_path: Path) -> None:
    settings = load_settings({"home": tmp_path})
    with open_pressmark(settings) as service, open_worker_parts(service) as parts:

        async def crawl() -> tuple[bool, bool]:
            giving = Giving()
            crawls = crawls_of(giving, service, parts)
            second = asyncio.create_task(crawls.crawl(order(tmp_path, SECOND), lambda _: None))
            await giving.written.wait()
            await crawls.crawl(order(tmp_path, FIRST), lambda _: None)
            waits = items_file(tmp_path / "items", "default", SECOND).exists()
            giving.may_end.set()
            await second
            return waits, items_file(tmp_path / "items", "default", SECOND).exists()

        assert asyncio.run(crawl()) == (True, False)
        assert service.items.runs() == {FIRST, SECOND}


@pytest.mark.parametrize("fails", [LookupError, asyncio.CancelledError])
def test_a_crawl_that_fails_holds_no_items_back(tmp_path: Path, fails: type[BaseException]) -> None:
    class Failing:
        async def crawl(self, *_: object) -> Outcome:
            raise fails

    with open_pressmark(load_settings({"home": tmp_path})) as service, open_worker_parts(service) as parts:

        async def crawl() -> None:
            crawls = crawls_of(Failing(), service, parts)
            with pytest.raises(fails):
                await crawls.crawl(order(tmp_path, SECOND), lambda _: None)
            crawls._crawls = Giving()  # type: ignore[assignment]
            left = order(tmp_path, SECOND).items
            assert left
            left.parent.mkdir(parents=True)
            left.write_text('{"item": {"n": 1}}\n')
            await crawls.crawl(order(tmp_path, FIRST), lambda _: None)

        asyncio.run(crawl())
        assert service.items.runs() == {FIRST, SECOND}
        assert list(service.items._directory.glob("*/*.jsonl")) == []


def test_a_resumed_run_ends_though_the_database_is_away_when_its_captures_are_counted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with open_pressmark(load_settings({"home": tmp_path})) as service, open_worker_parts(service) as parts:
        away = open_database(f"sqlite:///{tmp_path / 'away.db'}")
        away.close()
        (tmp_path / "away.db").unlink()
        resumed = order(tmp_path, FIRST)
        resumed.frontier.touch()
        crawls = crawls_of(Giving(), service, parts)
        crawls._database = away

        assert asyncio.run(crawls.crawl(resumed, lambda _: None)) == Outcome("done", "1 page")
    assert "the captures of a resumed run could not be counted" in caplog.text
