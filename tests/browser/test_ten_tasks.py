"""Ten tasks of a new user, in the pages: each is done in as many steps as docs/side-by-side.md says.

In the long form, the visitor is as slow as a person, and each task must take less than two minutes. With `-s`, it says
how long.
"""

from __future__ import annotations

import asyncio
import re
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from browser.conftest import TOKEN, session_of
from browser.world import ARTICLE, World, ask, populated
from conftest import FORM, figure
from mcp import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from playwright.sync_api import Page, expect
from services.waiting import eventually
from web_of_tests.newspaper import Newspaper

from pressmark.client import Pressmark

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(FORM == "sample", reason="a minute of Chromium: make test-faults"),
]
TABLE = Path(__file__).parents[2] / "docs" / "side-by-side.md"
PACE = figure(0, 0, 1)
_THINK, _KEY = 2.45 * PACE, 0.2 * PACE
"""Seconds of a person for each step, to think (1.35) and to point (1.1), and for each character: the keystroke-level
model of Card, Moran and Newell (1980)."""
WITHIN = 120.0
SENTENCE = "The Ministry of Kettles has named a new inspector of queues."


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with populated(tmp_path_factory) as made:
        yield made


def typed(text: str) -> float:
    """Wait as long as a person types a text, and return when that began."""
    began = time.monotonic()
    time.sleep(_THINK * text.count("\n") + _KEY * len(text))
    return began


def say(task: str, began: float) -> None:
    """Say how long a task took, and check it if the visitor is as slow as a person."""
    took = time.monotonic() - began
    print(f"\n{task}: {took:.1f} s")
    assert not PACE or took < WITHIN


class Visitor:
    """A visitor of the front page, whose clicks and filled-in fields are counted."""

    def __init__(self, world: World, page: Page) -> None:
        page.context.add_cookies([session_of(world.served)])
        page.goto(world.served.url)
        self.page, self.steps, self._began = page, 0, time.monotonic()

    def finish(self, task: str) -> None:
        """Check the steps of a task, and the time if the visitor is as slow as a person."""
        say(task, self._began)
        assert self.steps == steps(task)

    def press(self, name: str, role: Any = "link", *, within: str = "main", exact: bool = True) -> None:
        time.sleep(_THINK)
        self.page.locator(within).get_by_role(role, name=name, exact=exact).first.click()
        self.steps += 1

    def go(self, name: str) -> None:
        """Press a link of the navigation."""
        self.press(name, within="header nav")

    def fill(self, label: str, text: str) -> None:
        time.sleep(_THINK)
        field = self.page.locator("main").get_by_label(label).first
        if PACE:
            field.clear()
            field.press_sequentially(text, delay=1000 * _KEY)
        else:
            field.fill(text)
        self.steps += 1

    def choose(self, name: str, value: str) -> None:
        time.sleep(_THINK)
        self.page.locator(f"main select[name={name}]").first.select_option(value)
        self.steps += 1

    def open_newest(self) -> None:
        """Open the newest capture of a list."""
        time.sleep(_THINK)
        self.page.locator("tbody td a time").first.click()
        self.steps += 1

    def see(self, url: str) -> None:
        """Find the captures of a page."""
        self.fill("URL of a page", url)
        self.press("Find captures", "button")


@pytest.fixture
def visitor(world: World, page: Page) -> Visitor:
    return Visitor(world, page)


def steps(task: str) -> int:
    """Return the number of steps that the table gives for a task."""
    rows = re.findall(r"^\| ([^|]+?) \| (\d+): ", TABLE.read_text("utf-8"), re.MULTILINE)
    assert len(rows) == 10
    return int(dict(rows)[task])


def test_a_site_is_added(visitor: Visitor) -> None:
    with Newspaper() as other:
        visitor.go("Sources")
        visitor.press("Add a source")
        visitor.fill("URL of any page of the site", f"{other.url}/")
        visitor.page.get_by_text("The site is on your own network").click()  # only as this site is on loopback
        visitor.page.get_by_label("Private networks").fill("127.0.0.0/8")
        visitor.press("Check the site", "button")
        visitor.press("Save source", "button")
        visitor.page.wait_for_url("**/sources/*")
        shown = visitor.page.locator("dl.facts").inner_text()

    assert other.url in shown and "manual only" not in shown
    visitor.finish("add a site")


def test_the_timetable_of_a_site_is_changed(visitor: Visitor, world: World) -> None:
    visitor.press("gazette")
    visitor.press("Change")
    visitor.choose("rhythm", "every")
    visitor.fill("Interval or times", "12h")
    visitor.press("Save source", "button")
    visitor.page.wait_for_url("**/sources/gazette")

    assert "12" in ask(world.served, "GET", "/api/v1/sources/gazette").json["timetable"]
    visitor.finish("change its timetable")


def test_what_changed_is_found(visitor: Visitor) -> None:
    visitor.go("New")
    visitor.press("changed")
    expect(visitor.page.locator("main ins").first).to_be_visible()

    visitor.finish("find what changed yesterday")


def test_a_watch_tells_when_a_ministry_is_named(visitor: Visitor, world: World) -> None:
    visitor.go("Watches")
    visitor.press("Add a watch")
    visitor.fill("Name, in lowercase", "ministry")
    visitor.fill("Words and phrases", "Ministry of Kettles")
    visitor.press("Save watch", "button")
    visitor.page.wait_for_url("**/watches/ministry")
    visitor.finish("be told when a ministry is named")
    world.paper.edit(ARTICLE, [f"{SENTENCE} Nobody knows why the queue is for a kettle. " * 3])
    world.household.run("run", "gazette", "--all", "--json")
    hits = eventually(lambda: ask(world.served, "GET", "/api/v1/watches/ministry/hits").json["items"])
    visitor.page.reload()

    assert "Ministry of Kettles" in hits[0]["sentence"] and "Ministry of Kettles" in visitor.page.inner_text("main")


def test_a_version_is_cited(visitor: Visitor, world: World) -> None:
    visitor.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visitor.see(world.paper.url_of(ARTICLE))
    visitor.open_newest()
    visitor.press("Cite")
    visitor.press("Copy", "button")
    expect(visitor.page.get_by_role("button", name="Copied")).to_have_count(1)

    assert "/snapshot/2" in visitor.page.evaluate("navigator.clipboard.readText()")
    visitor.finish("cite a version")


def test_two_versions_are_compared(visitor: Visitor, world: World) -> None:
    visitor.see(world.paper.url_of(ARTICLE))
    visitor.press("Compare the two captures", "button")
    visitor.page.wait_for_url("**/diff/2**")
    expect(visitor.page.locator("main ins, main del, main .note").first).to_be_visible()

    visitor.finish("compare two versions")


TWO_LINES = """from pressmark.client import Pressmark
frame = Pressmark("https://archive.example.org", token="...").texts(since="2026", latest=True).pandas()
"""


def test_the_texts_of_a_year_are_a_table_of_pandas(world: World) -> None:
    began = typed(f"pip install pressmark[client]\n{TWO_LINES}")
    with Pressmark(world.served.url, token=TOKEN) as archive:
        frame = archive.texts(source="gazette", since="2026", latest=True).pandas()

    assert {"title", "date", "text"} <= set(frame.columns) and len(frame) > 20
    say("get a year's texts into pandas", began)
    assert steps("get a year's texts into pandas") == 2, "install the client, and run these two lines"


def test_a_language_model_answers_with_citations(world: World) -> None:
    began = typed("pip install pressmark[mcp]\npressmark mcp\nWhat was written about the kettle?\n")
    command = ["-P", "-m", "pressmark", "--home", str(world.household.home), "mcp"]
    start = StdioServerParameters(command=sys.executable, args=command, env=world.household.env())

    async def search() -> Any:
        async with Client(stdio_client(start)) as client:
            return (await client.call_tool("search_texts", {"query": "kettle"})).structured_content

    with ThreadPoolExecutor(1) as apart:  # Playwright has an event loop in this thread
        found = apart.submit(lambda: asyncio.run(search())).result()

    evidence = found["items"][0]["evidence"]
    assert {"record_id", "sha256"} <= evidence.keys() and "/snapshot/" in evidence["link"]
    say("ask a language model with citations", began)
    assert steps("ask a language model with citations") == 3, "install, add the program to the settings of a model, ask"


def test_a_page_is_taken_down(visitor: Visitor, world: World) -> None:
    url = next(world.paper.url_of(one.slug) for one in world.paper.articles if one.slug != ARTICLE)
    visitor.see(url)
    visitor.open_newest()
    visitor.press("Take down")
    visitor.fill("Reason, which readers see", "A court decided so (2026/18).")
    visitor.press("Take down", "button")
    visitor.page.get_by_text("A court decided so (2026/18).").wait_for()

    assert ask(world.served, "GET", f"/snapshot/latest/{url}").status == 451
    visitor.finish("take a page down")


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/search?q=a", "may not fetch the page"),
        ("/nothing-links-here.html", "covers the page"),
    ],
)
def test_why_a_page_is_missing_is_found(visitor: Visitor, world: World, path: str, why: str) -> None:
    visitor.see(f"{world.paper.url}{path}")
    shown = visitor.page.locator("main").inner_text()

    assert why in shown
    visitor.finish("find why a page is missing")
