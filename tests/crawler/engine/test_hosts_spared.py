"""The rate and the concurrency of requests to a host."""

from __future__ import annotations

from crawling.crawls import Run, source
from crawling.site import Reply, Site

from crawler.process import Crawls


def test_the_concurrency_of_a_host_is_never_exceeded(site: Site, run: Run) -> None:
    site.otherwise = Reply(body="x", after=0.05)
    seeds = [f"{site.url}/{n}" for n in range(20)]
    run(source(*seeds, walk="page", politeness={"concurrency": 3}))

    assert site.busiest == 3


def test_concurrent_runs_share_a_host(site: Site, run: Run) -> None:
    site.otherwise = Reply(body="x", after=0.05)
    one, two = (
        source(*(f"{site.url}/{k}{n}" for n in range(8)), walk="page", politeness={"concurrency": 1}) for k in "ab"
    )

    async def beside(crawls: Crawls) -> None:
        assert (await crawls.crawl(run.order(two))).outcome == "done"

    assert run(one, beside=beside).outcome == "done"
    assert site.busiest == 1
    assert len(site.asked) == 16
    assert {asked.path[1] for asked in site.asked[:6]} == {"a", "b"}


def test_two_requests_are_a_delay_apart(site: Site, run: Run) -> None:
    site.otherwise = Reply(body="x")
    run(source(*(f"{site.url}/{n}" for n in range(4)), walk="page", politeness={"delay": "200ms"}))

    times = [asked.at for asked in site.asked]
    assert times[-1] - times[0] >= 0.5  # the first may have arrived late
