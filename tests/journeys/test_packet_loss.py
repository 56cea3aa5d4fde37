"""The kernel drops packets between a crawl and its site: TCP sends them again, and every page is kept."""

from __future__ import annotations

import pytest
from conftest import figure
from crawling.site import Asked, Reply, html, serving
from journeys.household import Household
from services.networks import needs_network, own_network

PAGES = figure(20, 300, 3_000)
SOURCE = """
source: lossy
seeds: ["{url}/"]
walk: site
politeness: {{delay: 0s, concurrency: 4, timeout: {timeout}, retries: {retries}}}
addresses: [127.0.0.0/8]
"""
pytestmark = [pytest.mark.system, needs_network]


def page(asked: Asked) -> Reply:
    number = int(asked.path.strip("/") or 0)
    return html(*(f"/{n}" for n in range(number * 3 + 1, number * 3 + 4) if n < PAGES), text="harbour " * 1_000)


@pytest.mark.parametrize("share", figure([5], [5, 20], [5, 20]))
def test_every_page_is_kept_though_the_kernel_loses_packets(household: Household, share: int) -> None:
    drop = f"meta l4proto tcp numgen random mod 100 < {share}"
    with own_network(drop=drop) as network, serving() as site:
        site.routes["/robots.txt"] = Reply(404)
        site.otherwise = page
        household.source("lossy", SOURCE.format(url=site.url, timeout="120s", retries=2))
        run = household.run("run", "lossy", "--json").json["items"][0]
        dropped = network.dropped()

    assert run["outcome"] == "done"
    assert len({asked.path for asked in site.asked} - {"/robots.txt"}) == PAGES
    assert dropped > 0


def test_where_every_packet_is_lost_the_run_ends_and_says_so(household: Household) -> None:
    with own_network(drop="meta l4proto tcp") as network, serving() as site:
        household.source("lossy", SOURCE.format(url=site.url, timeout="1s", retries=0))
        ended = household.run("run", "lossy", "--json", code=None)
        dropped = network.dropped()

    [run] = ended.json["items"]
    assert (ended.code != 0, run["outcome"], site.asked) == (True, "failed", [])
    assert run["reason"]
    assert dropped > 0
