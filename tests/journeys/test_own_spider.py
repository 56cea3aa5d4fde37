"""The tutorial of docs/how-to/own-spiders.md, run as it is written there."""

from __future__ import annotations

import html
import itertools
import json
import re
from pathlib import Path
from typing import Any

import pytest
from crawling.site import Reply, serving
from crawling.warcs import WarcFiles, ledger_of
from journeys.household import Household
from services.waiting import eventually

GUIDE = (Path(__file__).parents[2] / "docs" / "how-to" / "own-spiders.md").read_text("utf-8")


def block(language: str) -> str:
    """Return the first code block of a language."""
    found = re.search(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL)
    assert found is not None
    return found[1]


def quotes(author: str, following: str = "") -> Reply:
    quote = f'<div class="quote"><span class="text">So it is.</span><small class="author">{author}</small></div>'
    return Reply(body=quote + (f'<li class="next"><a href="{following}">Next</a></li>' if following else ""))


def household_of(household: Household, url: str) -> None:
    (household.home / "spiders").mkdir(parents=True)
    (household.home / "spiders" / "quotes.py").write_text(block("python"))
    local = "addresses: [127.0.0.0/8]\npoliteness: {delay: 0s}\n"
    household.source("quotes", block("yaml").replace("https://quotes.toscrape.com", url) + local)


def test_the_tutorial_spider_runs_as_written(household: Household) -> None:
    with serving() as site:
        site.routes["/tag/humor"] = quotes("Ann", "/tag/humor/page/2/")
        site.routes["/tag/humor/page/2/"] = quotes("Bob")
        household_of(household, site.url)

        checked = household.run("source", "check", "quotes")
        household.run("run", "quotes")

    [run] = household.look("runs", "list", "--source", "quotes", "--json").json["items"]
    items = [json.loads(line) for line in household.look("runs", "items", run["id"]).out.splitlines()]
    captures = household.look("captures", f"{site.url}/tag/humor", "--json").out
    shipped = WarcFiles(household.home / "store")

    with household.serving() as served:
        page = served.ask("GET", f"/runs/{run['id']}").text
        given = served.ask("GET", f"/api/v1/runs/{run['id']}/items").text
        [found] = json.loads(served.ask("GET", "/api/v1/search/items?q=bob").text)["items"]
        pages = [served.ask("GET", f"/search?q=bob{more}").text for more in ("", "&items=1")]
        snapshot = served.ask("GET", found["page"])

    assert (found["run"], found["source"], found["item"]) == (run["id"], "quotes", items[1]["item"])
    assert [found["record_id"]] == items[1]["records"]
    assert snapshot.status == 200
    assert 'href="/search?q=bob&amp;items=1"' in pages[0]
    assert f'href="{found["page"]}"' in pages[1]
    assert f'href="/runs/{run["id"]}"' in pages[1]
    assert '"author": "Bob"' in html.unescape(page)
    assert "item_scraped_count: 2" in page
    assert [json.loads(line) for line in given.splitlines()] == items
    assert checked.out == "quotes: ok\n"
    assert (run["outcome"], run["pages"], run["spider"]["items"]) == ("done", 2, 2)
    assert [one["item"]["author"] for one in items] == ["Ann", "Bob"]
    assert items[0]["records"][0] in captures
    assert shipped.exchanges == ledger_of(site)
    assert [[shipped.urls[record] for record in one["records"]] for one in items] == [[one["url"]] for one in items]
    assert list((household.home / "store" / "item" / "v1").rglob("*.jsonl.zst"))
    assert not list((household.home / "items").rglob("*.jsonl"))


@pytest.mark.costly
def test_a_spider_on_the_timetable_continues_after_its_service_was_killed(household: Household) -> None:
    paths = ["/tag/humor", *(f"/tag/humor/page/{number}/" for number in range(2, 7))]

    def runs() -> list[dict[str, Any]]:
        return list(household.look("runs", "list", "--source", "quotes", "--json").json["items"])

    with serving() as site:
        for number, (path, following) in enumerate(itertools.zip_longest(paths, paths[1:], fillvalue="")):
            site.routes[path] = quotes(f"Author {number}", following)
        third, site.routes[paths[3]] = site.routes[paths[3]], Reply(after=3600)
        household_of(household, site.url)
        daily = household.home / "sources" / "quotes.yaml"
        daily.write_text(daily.read_text().replace("every: 1d", "every: 2s"))
        with household.serving(kill=True):
            eventually(lambda: site.times(paths[3]))
        killed = runs()[-1]
        site.routes[paths[3]] = third
        with household.serving():
            eventually(lambda: runs()[-1]["outcome"] == "done")

    run = runs()[-1]
    items = [json.loads(line) for line in household.look("runs", "items", run["id"]).out.splitlines()]
    assert (run["id"], run["pages"], run["spider"]["items"]) == (killed["id"], 6, 6)
    assert [one["item"]["author"] for one in items] == [f"Author {number}" for number in range(6)]


BEGIN = "import os, scrapy\nclass Own(scrapy.Spider):\n    name = 'own'\n    start_urls = ['SITE/']\n"
BAD = {
    "imports": ("import nowhere_at_all\n", "nowhere_at_all"),
    "raises": (f"{BEGIN}    def parse(self, response):\n        raise ValueError('no luck')\n", "ValueError: no luck"),
    "loops": (f"{BEGIN}    def parse(self, response):\n        while True: yield\n", "blocked its event loop"),
    "yields": (
        f"{BEGIN}    def parse(self, response):\n        yield {{'a': object()}}\n",
        "could not be stored as items",
    ),
    "forks": (
        f"{BEGIN}    def parse(self, response):\n        os.fork() or os._exit(3)\n        os._exit(3)\n",
        "the process of the spider ended",
    ),
}
"""Spiders that fail, and the sentence of each."""


@pytest.mark.costly
def test_the_sentence_about_a_bad_spider_is_in_command_api_and_page(household: Household) -> None:
    household.environment["PRESSMARK_WORKER__STALLED_AFTER"] = "5s"
    household.environment["PRESSMARK_WORKER__CONFINE_SPIDERS"] = "false"  # a confined one may not fork at all
    told = dict[str, tuple[str, str, str]]()
    with serving() as site:
        site.routes["/"] = quotes("Ann")
        (household.home / "spiders").mkdir(parents=True)
        for name, (text, _) in BAD.items():
            (household.home / "spiders" / f"{name}.py").write_text(text.replace("SITE", site.url))
            facts = "addresses: [127.0.0.0/8]\npoliteness: {delay: 0s}\n"
            household.source(name, f"source: {name}\nspider: {name}.py:Own\n{facts}")
        with household.serving() as served:
            for name in BAD:
                run = served.ask("POST", f"/api/v1/sources/{name}/runs").json["id"]
                eventually(lambda run=run: served.get(f"/api/v1/runs/{run}").json["status"] == "over")
                page = html.unescape(served.get(f"/runs/{run}").text)
                reason = served.get(f"/api/v1/runs/{run}").json["reason"]
                told[name] = (reason, page, household.look("runs", "show", run).out)

    for name, places in told.items():
        for place in places:
            assert BAD[name][1] in " ".join(place.split()), (name, place)


def test_source_check_says_what_is_wrong_with_a_spider(household: Household) -> None:
    household_of(household, "http://127.0.0.1:9")
    (household.home / "spiders" / "quotes.py").write_text("import scrapy\nraise ValueError('no luck')\n")

    ended = household.run("source", "check", "quotes", code=4)

    assert "quotes.py:QuotesSpider can't be used: ValueError: no luck (quotes.py:2)" in ended.out
