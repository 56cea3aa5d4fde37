"""A crawl and the robots.txt of its hosts."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextvars import Context
from pathlib import Path
from typing import TypeVarTuple

import pytest
from crawling.crawls import Run, events, source
from crawling.ownspiders import SPIDERS, furnish, own_source
from crawling.site import Reply, Site, html, redirect, serving
from protego import Protego

from crawler.policy.order import Order
from crawler.process import Crawls

OBEY = {"robots": "obey"}
OTHER_HOST = "127.0.0.2"
_Ts = TypeVarTuple("_Ts")


def test_pages_that_robots_txt_forbids_are_counted_and_not_fetched(site: Site, run: Run) -> None:
    site.routes |= {
        "/robots.txt": Reply(body="User-agent: *\nDisallow: /private", type="text/plain"),
        "/": html("/private/a", "/b"),
        "/b": html(),
    }

    outcome = run(source(f"{site.url}/", walk="site", politeness=OBEY))

    assert site.paths == ["/", "/b"]
    assert outcome.dropped == {"robots": 1}
    assert run.archive.kept[0][2].url == f"{site.url}/robots.txt"


def test_a_seed_that_robots_txt_forbids_blocks_the_run(site: Site, run: Run) -> None:
    site.routes["/robots.txt"] = Reply(body="User-agent: *\nDisallow: /", type="text/plain")

    outcome = run(source(f"{site.url}/", politeness=OBEY))

    assert outcome.outcome == "blocked"
    assert "robots" in outcome.reason
    assert [event["verdict"] for event in events(run) if event["event"] == "robots"] == ["rules"]


def test_robots_txt_is_fetched_once_for_all_runs_of_the_process(site: Site, run: Run) -> None:
    site.routes["/"] = html()
    page = source(f"{site.url}/", walk="page", politeness=OBEY)
    crawls = run.begin()

    async def main() -> None:
        for _ in range(2):
            await crawls.crawl(run.order(page))

    asyncio.run(main())

    assert [asked.path for asked in site.asked] == ["/robots.txt", "/", "/"]


def test_concurrent_runs_fetch_robots_txt_once(site: Site, run: Run) -> None:
    site.routes |= {"/robots.txt": Reply(body="User-agent: *", type="text/plain", after=0.2), "/": html()}
    page = source(f"{site.url}/", walk="page", politeness=OBEY)
    crawls = run.begin()

    async def main() -> list[str]:
        outcomes = await asyncio.gather(*(crawls.crawl(run.order(page)) for _ in range(3)))
        return [outcome.outcome for outcome in outcomes]

    assert set(asyncio.run(main())) <= {"done", "unchanged"}
    assert site.times("/robots.txt") == 1
    assert site.times("/") == 3


def test_a_run_that_stops_while_it_fetches_robots_txt_leaves_it_to_the_next(site: Site, run: Run) -> None:
    answers = iter([Reply(after=30.0), Reply(body="User-agent: *", type="text/plain")])
    site.routes |= {"/robots.txt": lambda asked: next(answers), "/": html()}
    page = source(f"{site.url}/", walk="page", politeness=OBEY | {"concurrency": 2})
    crawls = run.begin()

    async def main() -> str:
        first = asyncio.ensure_future(crawls.crawl(run.order(page, "first")))
        while not site.times("/robots.txt"):
            await asyncio.sleep(0.01)
        second = asyncio.ensure_future(crawls.crawl(run.order(page, "second")))
        await asyncio.sleep(0.1)
        crawls.cancel("first", "enough")
        await first
        return (await asyncio.wait_for(second, 10)).outcome

    assert asyncio.run(main()) == "done"
    assert site.times("/robots.txt") == 2


def test_a_host_that_the_guard_forbids_is_reported_as_that_and_not_as_robots_txt(site: Site, run: Run) -> None:
    outcome = run(source("http://10.1.2.3/", walk="page", politeness=OBEY))

    assert outcome.outcome == "failed"
    assert "forbidden address (private)" in outcome.reason


def test_a_site_that_is_down_or_has_no_address_is_reported_as_that_and_not_as_blocking_us(run: Run) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        outcome = run(source(f"{url}/", walk="page", politeness=OBEY))

    assert outcome.outcome == "failed"
    assert outcome.reason.startswith(f"the server of {url}/ can't be reached ({url}/robots.txt could not be ")
    assert outcome.dropped == {"host-unreachable": 1}


def test_a_failing_robots_txt_is_retried_and_then_forbids(site: Site, run: Run) -> None:
    site.routes |= {"/robots.txt": Reply(503), "/": html()}

    outcome = run(source(f"{site.url}/", walk="page", politeness=OBEY))

    assert site.times("/robots.txt") == 3
    assert outcome.outcome == "blocked"
    assert f"{site.url}/robots.txt with an error (status 503), so Pressmark fetches no page" in outcome.reason
    assert site.times("/") == 0


def test_a_robots_txt_whose_answer_is_cut_is_requested_again_by_the_same_run(site: Site, run: Run) -> None:
    answers = iter([Reply(cut=True), Reply(body="User-agent: *\nDisallow: /private", type="text/plain")])
    site.routes |= {"/robots.txt": lambda asked: next(answers), "/": html("/private/a")}

    outcome = run(source(f"{site.url}/", walk="site", politeness=OBEY))

    assert (outcome.outcome, outcome.dropped, site.times("/robots.txt")) == ("done", {"robots": 1}, 2)


def test_redirects_of_robots_txt_are_followed_five_times(site: Site, run: Run) -> None:
    forbids = Reply(body="User-agent: *\nDisallow: /", type="text/plain")
    site.routes |= {"/robots.txt": redirect("/1"), **{f"/{n}": redirect(f"/{n + 1}") for n in range(1, 5)}}
    site.routes |= {"/5": forbids, "/": html()}
    page = source(f"{site.url}/", walk="page", politeness=OBEY)
    assert run(page).outcome == "blocked"

    site.routes |= {"/5": redirect("/6"), "/6": forbids}
    assert run(page).outcome == "done"


def test_a_crawl_delay_applies_to_the_host(site: Site, run: Run) -> None:
    site.routes |= {
        "/robots.txt": Reply(body="User-agent: *\nCrawl-delay: 0.5", type="text/plain"),
        "/": html("/b"),
        "/b": html(),
    }
    run(source(f"{site.url}/", walk="site", politeness=OBEY))

    times = [asked.at for asked in site.asked if asked.path != "/robots.txt"]
    assert times[1] - times[0] >= 0.3


def test_robots_txt_can_be_ignored(site: Site, run: Run) -> None:
    site.routes |= {"/robots.txt": Reply(body="User-agent: *\nDisallow: /"), "/": html()}

    assert run(source(f"{site.url}/", walk="page")).outcome == "done"
    assert site.times("/robots.txt") == 0


RULE = b"User-agent: *\nDisallow: /private\n"


@pytest.mark.parametrize("kind", ["text/plain", "application/octet-stream", None])
@pytest.mark.parametrize("size", [600_000, 1_100_000, 9_000_000])
def test_a_robots_txt_of_any_size_is_obeyed(site: Site, run: Run, size: int, kind: str | None) -> None:
    site.routes |= {"/robots.txt": Reply(body=RULE + b"#" * size, type=kind), "/": html("/private/a", "/b")}
    site.routes |= {"/b": html()}

    outcome = run(source(f"{site.url}/", walk="site", politeness=OBEY, limits={"page_bytes": "1KiB"}))

    assert site.paths == ["/", "/b"]
    assert (outcome.outcome, outcome.dropped) == ("done", {"robots": 1})


@pytest.mark.parametrize("first", [Reply(503), Reply(cut=True), Reply(429)])
def test_a_failed_robots_txt_is_requested_again_by_the_next_run(site: Site, run: Run, first: Reply) -> None:
    site.routes |= {"/robots.txt": first, "/": html()}
    page = source(f"{site.url}/", walk="page", politeness=OBEY | {"retries": 0})
    crawls = run.begin()

    async def main() -> list[str]:
        before = await crawls.crawl(run.order(page))
        site.routes["/robots.txt"] = Reply(body="User-agent: *", type="text/plain")
        after = await crawls.crawl(run.order(page))
        return [before.outcome, after.outcome]

    before, after = asyncio.run(main())

    assert before in ("failed", "blocked")
    assert (after, site.times("/robots.txt"), site.times("/")) == ("done", 2, 1)


def test_a_robots_txt_that_the_parser_fails_on_counts_as_one_that_could_not_be_fetched(
    site: Site, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def parse(text: str) -> Protego:
        raise RecursionError("too deep")

    monkeypatch.setattr(Protego, "parse", parse)
    site.routes |= {"/robots.txt": Reply(body="User-agent: *\nAllow: /", type="text/plain"), "/": html()}

    outcome = run(source(f"{site.url}/", walk="page", politeness=OBEY))

    assert outcome.outcome == "blocked"
    assert f"{site.url}/robots.txt could not be fetched (it can't be read: too deep)" in outcome.reason
    assert [asked.path for asked in site.asked] == ["/robots.txt"]


def test_a_run_requests_an_unreachable_robots_txt_once(site: Site, run: Run) -> None:
    site.routes |= {"/robots.txt": Reply(503), "/": html()}

    run(source(f"{site.url}/", f"{site.url}/b", f"{site.url}/c", walk="page", politeness=OBEY | {"retries": 0}))

    assert [asked.path for asked in site.asked] == ["/robots.txt"]


@pytest.fixture
def order(site: Site, run: Run, tmp_path: Path) -> Iterator[Order]:
    """Order a run of a user's spider, whose robots.txt is redirected to another host."""
    with serving(host=OTHER_HOST) as other:
        other.routes["/robots.txt"] = Reply(body="User-agent: *\nDisallow:", type="text/plain")
        furnish(site).routes["/robots.txt"] = redirect(f"{other.url}/robots.txt")
        yield run.order(own_source(site, "Paging"), spiders=SPIDERS, items=tmp_path / "items.jsonl")


async def waiting(crawls: Crawls) -> None:
    async with asyncio.timeout(50):
        while not crawls.politeness.host(OTHER_HOST).waiting:
            await asyncio.sleep(0.02)


def test_a_spider_whose_robots_txt_waits_for_a_busy_host_continues_once_the_host_is_free(
    run: Run, order: Order
) -> None:
    crawls = run.begin()

    async def main() -> str:
        busy = crawls.politeness.politeness_client(lambda host: None)
        assert busy.wait_for(OTHER_HOST, delay=0, concurrency=1) == 0
        busy.started(OTHER_HOST)
        crawling = asyncio.ensure_future(crawls.crawl(order))
        await waiting(crawls)
        busy.ended(OTHER_HOST, sent=False)
        return (await asyncio.wait_for(crawling, 50)).outcome

    assert asyncio.run(main()) == "done"
    assert [event["verdict"] for event in events(run) if event["event"] == "robots"] == ["rules"]


class CountingLoop(asyncio.SelectorEventLoop):
    """Counts its timers."""

    timers = 0

    def call_at(
        self, when: float, callback: Callable[[*_Ts], object], *args: *_Ts, context: Context | None = None
    ) -> asyncio.TimerHandle:
        self.timers += 1
        return super().call_at(when, callback, *args, context=context)


def test_a_robots_txt_that_waits_for_a_paused_host_costs_one_timer_however_often_the_run_wakes(
    run: Run, order: Order
) -> None:
    crawls = run.begin()

    async def main() -> int:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, CountingLoop)
        crawls.politeness.politeness_client(lambda host: None).pause(OTHER_HOST, 50.0, page="/")
        crawling = asyncio.ensure_future(crawls.crawl(order))
        await waiting(crawls)
        before = loop.timers
        for _ in range(100):
            crawls.politeness.host(OTHER_HOST).wake(OTHER_HOST)
        added = loop.timers - before
        crawls.cancel(order.run, "cancelled by the test")
        await asyncio.wait_for(crawling, 50)
        return added

    with asyncio.Runner(loop_factory=CountingLoop) as runner:
        assert runner.run(main()) <= 2
