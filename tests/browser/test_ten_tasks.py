"""Ten tasks of a new user, in the pages: each is done in as many steps as docs/side-by-side.md says.

They are done in English and in Chinese: the words that are pressed are those of the catalog, and no English is left on
the pages on the way.

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
from browser.conftest import PATIENCE, TOKEN, session_of
from browser.english import english_in
from browser.world import ARTICLE, World, ask, populated
from conftest import FORM, figure
from mcp import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from playwright.sync_api import Browser, BrowserContext, Page, expect
from services.waiting import eventually
from web_of_tests.newspaper import Newspaper

from pressmark.client import Pressmark
from pressmark.http.catalog import translator

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


@pytest.fixture(scope="module", params=["en", "zh-Hans"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def context(browser: Browser, language: str) -> Iterator[BrowserContext]:
    opened = browser.new_context(locale={"en": "en-GB", "zh-Hans": "zh-CN"}[language])
    opened.set_default_timeout(PATIENCE)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, language: str) -> Iterator[World]:
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

    def __init__(self, world: World, page: Page, language: str) -> None:
        page.context.add_cookies([session_of(world.served)])
        page.goto(world.served.url)
        self.page, self.steps, self._began = page, 0, time.monotonic()
        self.words, self._language, self._english = translator(language), language, set[str]()

    def finish(self, task: str) -> None:
        """Check the steps of a task, and the time if the visitor is as slow as a person."""
        self._look()
        say(task, self._began)
        assert self.steps == steps(task)
        assert self._english <= {"ministry"}  # the name of the watch

    def _look(self) -> None:
        """Note what is English on a page in Chinese."""
        if self._language != "en":
            self._english |= english_in(self.page.content())

    def press(self, name: str, role: Any = "link", *, within: str = "main", exact: bool = True) -> None:
        time.sleep(_THINK)
        self._look()
        self.page.locator(within).get_by_role(role, name=self.words(name), exact=exact).first.click()
        self.steps += 1

    def go(self, name: str) -> None:
        """Press a link of the navigation."""
        self.press(name, within="header nav")

    def fill(self, label: str, text: str) -> None:
        time.sleep(_THINK)
        field = self.page.locator("main").get_by_label(self.words(label)).first
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
def visitor(world: World, page: Page, language: str) -> Visitor:
    return Visitor(world, page, language)


def steps(task: str) -> int:
    """Return the number of steps that the table gives for a task."""
    rows = re.findall(r"^\| ([^|]+?) \| (\d+): ", TABLE.read_text("utf-8"), re.MULTILINE)
    assert len(rows) == 10
    return int(dict(rows)[task])


def test_a_site_is_added(visitor: Visitor) -> None:
    with Newspaper() as other:
        visitor.go("Sources")
        visitor.press("Add a source")
        visitor.fill("URL of any page of the site, of its feed or of its sitemap", f"{other.url}/")
        visitor.page.get_by_text(visitor.words("The site is on your own network")).click()  # this one is on loopback
        networks = "Private networks from which Pressmark may fetch pages, e.g. 10.1.0.0/16"
        visitor.page.get_by_label(visitor.words(networks)).fill("127.0.0.0/8")
        visitor.press("Check the site", "button")
        visitor.press("Save source", "button")
        visitor.page.wait_for_url("**/sources/*")
        shown = visitor.page.locator("dl.facts").inner_text()

    assert other.url in shown and visitor.words("manual only") not in shown
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
    visitor.fill("Name, in lowercase letters, digits and hyphens", "ministry")
    visitor.fill("Words and phrases, one per line; one of them is enough", "Ministry of Kettles")
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
    expect(visitor.page.get_by_role("button", name=visitor.words("Copied"))).to_have_count(1)

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


def test_a_page_is_taken_down(visitor: Visitor, world: World, language: str) -> None:
    url = next(world.paper.url_of(one.slug) for one in world.paper.articles if one.slug != ARTICLE)
    visitor.see(url)
    visitor.open_newest()
    visitor.press("Take down")
    reason = {"en": "A court decided so (2026/18).", "zh-Hans": "法院裁定（2026/18）。"}[language]
    visitor.fill("Reason, which readers see", reason)
    visitor.press("Take down", "button")
    visitor.page.get_by_text(reason).wait_for()

    assert ask(world.served, "GET", f"/snapshot/latest/{url}").status == 451
    visitor.finish("take a page down")


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/search?q=a", {"en": "may not fetch the page", "zh-Hans": "不得抓取"}),
        ("/nothing-links-here.html", {"en": "covers the page", "zh-Hans": "的抓取范围内"}),
    ],
)
def test_why_a_page_is_missing_is_found(
    visitor: Visitor, world: World, path: str, why: dict[str, str], language: str
) -> None:
    visitor.see(f"{world.paper.url}{path}")
    shown = visitor.page.locator("main").inner_text()

    assert why[language] in shown
    visitor.finish("find why a page is missing")
