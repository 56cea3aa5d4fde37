"""After kill -9, a run counts every archived exchange, even when its count was not saved."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from crawling.site import Reply, Site, html, serving
from journeys.household import Household
from services.waiting import eventually

from archive.spool.unanswered import unanswered_in
from archive.values.capture import Capture
from config.settings import load_settings
from pressmark.service.assembly import open_pressmark

PAGES = 12
COUNTS = ("captures", "revisits", "bytes", "unanswered")
SPIDER = """
import scrapy

class Own(scrapy.Spider):
    name = "own"

    def __init__(self, base):
        super().__init__()
        self.start_urls = [base + "/"]

    def parse(self, response):
        for link in response.css("a::attr(href)").getall():
            yield response.follow(link, self.parse, errback=self.failed, priority=-1 if link == "/late" else 0)

    def failed(self, failure):
        yield {"failed": failure.request.url}
"""
FAST = "politeness: {delay: 0s, concurrency: 1, retries: 0}\naddresses: [127.0.0.0/8]\n"


def furnish(site: Site) -> None:
    """Serve a page with links: to others with the same body, to one without a response, and last to a late one."""
    site.routes["/"] = html(*(f"/{number}" for number in range(PAGES)), "/cut", "/late")
    site.otherwise = html(text="the same on each page")
    site.routes["/cut"] = Reply(cut=True)
    site.routes["/late"] = Reply(after=3600)


def described(household: Household, site: Site, kind: str) -> None:
    (household.home / "spiders").mkdir(parents=True)
    (household.home / "spiders" / "own.py").write_text(SPIDER)
    walks = f"seeds: [{site.url}/]\nwalk: site\n"
    spider = f'spider: own.py:Own\narguments: {{base: "{site.url}"}}\n'
    household.source("own", f"source: own\n{FAST}{spider if kind == 'spider' else walks}")


def kept_in(home: Path) -> tuple[Path, Path]:
    """Return the frontier of the run, or the ledger of its spider, and the file of the spider's counts."""
    frontiers = home / "frontiers"
    [frontier] = (*frontiers.glob("*.db"), *frontiers.glob("*.spider/ledger.db"))
    run = frontier.parent if frontier.parent != frontiers else frontier
    return frontier, frontiers / f"{run.stem}.tally"


def unsave(home: Path) -> None:
    """Set the saved counts of exchanges to zero: the kill came before they were saved."""
    frontier, tally = kept_in(home)
    if tally.exists():
        tally.write_text(json.dumps(json.loads(tally.read_text()) | dict.fromkeys(COUNTS, 0)))
    with closing(sqlite3.connect(frontier)) as db, db:
        db.executemany("DELETE FROM tally WHERE name = ?", [(name,) for name in COUNTS])


def indexed(household: Household, site: Site) -> list[Capture]:
    """Return what the index has."""
    with open_pressmark(load_settings({"home": household.home})) as service:
        return list(service.index.captures(site.url, match="host"))


@pytest.mark.parametrize("kind", [pytest.param("spider", marks=pytest.mark.costly), "walk"])
def test_a_run_continued_after_a_kill_counts_all_its_exchanges(kind: str, household: Household) -> None:
    def latest() -> dict[str, Any]:
        return dict(household.look("runs", "list", "--source", "own", "--json").json["items"][0])

    with serving() as site:
        furnish(site)
        described(household, site, kind)
        with household.serving(kill=True) as served:
            served.ask("POST", "/api/v1/sources/own/runs")
            spool = load_settings({"home": household.home}).spool_path
            eventually(lambda: site.times("/late"))
            eventually(lambda: len(indexed(household, site)) == len(site.asked) - site.times("/cut") - 1)
            eventually(lambda: unanswered_in(spool, latest()["id"]) == site.times("/cut"))
        before = len(site.asked)
        unsave(household.home)
        site.routes["/late"] = html(text="late")
        with household.serving():
            run = eventually(lambda: (one := latest())["outcome"] and one)

    captures = indexed(household, site)
    assert before > PAGES
    assert run["captures"] == len(site.asked) - 1  # the late page was requested twice, and came once
    assert run["revisits"] == sum(one.kind == "revisit" for one in captures) >= PAGES - 1
    assert run["bytes"] == sum(one.payload_length for one in captures)
