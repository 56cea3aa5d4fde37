"""The timeline of an active run, as a browser without scripts sees it, and of the same run when it is over."""

from __future__ import annotations

from typing import NamedTuple

from journeys.household import Household, Served, gazette
from lxml import html
from services.waiting import eventually
from web_of_tests.newspaper import Newspaper


class Timeline(NamedTuple):
    """What the page of a run shows."""

    counts: list[int]
    """The captures of each interval, by the table under the chart."""
    bars: int
    reloads: bool


def shown(served: Served, run: str) -> Timeline:
    root = html.fromstring(served.get(f"/runs/{run}").text)
    rows = root.xpath("//div[@id='timeline']//tbody/tr/td/text()")
    counts = [int(row.replace(",", "")) for row in rows]
    return Timeline(counts, len(root.xpath("//div[@id='timeline']//svg/rect")), bool(root.xpath("//noscript/meta")))


def test_the_timeline_of_a_slow_run_grows_while_it_is_active_and_is_whole_at_its_end(household: Household) -> None:
    with Newspaper(latency=0.05) as paper, household.serving() as served:
        household.source("gazette", gazette(f"{paper.url}/").replace("delay: 0s", "delay: 200ms"))
        eventually(lambda: served.ask("GET", "/api/v1/sources/gazette").status == 200)
        run = served.ask("POST", "/api/v1/sources/gazette/runs").json["id"]
        early = eventually(lambda: (seen := shown(served, run)) and seen.counts and seen)
        later = eventually(lambda: (seen := shown(served, run)) and len(seen.counts) > len(early.counts) and seen)
        last = eventually(lambda: (seen := served.get(f"/api/v1/runs/{run}").json)["status"] == "over" and seen)
        whole = eventually(lambda: (seen := shown(served, run)) and sum(seen.counts) == last["captures"] and seen)

    assert early.reloads and not whole.reloads
    assert 0 < sum(early.counts) <= sum(later.counts) <= sum(whole.counts) == last["captures"]
    assert all(seen.bars == len(seen.counts) > 1 for seen in (early, later, whole))
    assert whole.counts[0] > 0 and whole.counts[-1] > 0, "at the end it is from the first capture to the last"
