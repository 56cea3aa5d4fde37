"""An article of several pages: a walk whose list names only the first part archives all parts, and they are joined."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from journeys.household import Household, gazette
from web_of_tests.sockets import Server, Wire

SAID = {
    "/long-story.html": "The first clock of the harbour was built in a year when nobody asked for the time.",
    "/long-story_2.html": "The second clock ran, and the town began to be late, as it had never been.",
    "/long-story_3.html": "The third clock was taken down in the night, and ferries left when full.",
}
PATHS = list(SAID)
WALKS = {"listing": "/", "site": "/", "feed": "/feed.xml", "sitemap": "/sitemap.xml"}
"""Where each walk begins."""


def page_of(path: str) -> str:
    following = PATHS[PATHS.index(path) + 1 : PATHS.index(path) + 2]
    links = "".join(f'<a href="{one}">{number}</a> ' for number, one in enumerate(PATHS, 1))
    onward = "".join(f'<a rel="next" href="{one}">Next</a>' for one in following)
    said = f"<p>{SAID[path]}</p><p>{SAID[path].replace('clock', 'bell')}</p>"
    head = "<title>The clocks of the harbour</title><article><h1>The clocks of the harbour</h1>"
    return f"{head}{said}</article><div class=pagination>{links}{onward}</div>"


def listing() -> str:
    more = "".join(f'<h2><a href="/news/{n}.html">Another article about the harbour, {n}</a></h2>' for n in range(4))
    story = f'<h2><a href="{PATHS[0]}">The clocks of the harbour and its ferries</a></h2>'
    return f"<title>News</title><main>{story}{more}</main>"


def feed(url: str) -> str:
    item = f"<item><title>The clocks of the harbour</title><link>{url}{PATHS[0]}</link></item>"
    return f"<rss version='2.0'><channel><title>News</title><link>{url}</link>{item}</channel></rss>"


def sitemap(url: str) -> str:
    return f"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><url><loc>{url}{PATHS[0]}</loc></url></urlset>"


LISTS: dict[str, Callable[[str], str]] = {"/feed.xml": feed, "/sitemap.xml": sitemap}


class Paper:
    """A site whose lists name the first part only."""

    def __init__(self) -> None:
        self.lost: set[str] = set()
        self.server = Server(self.respond)
        self.server.start()
        self.url = f"http://127.0.0.1:{self.server.port}"

    def respond(self, method: str, target: str, headers: dict[str, str]) -> Wire:
        if target in LISTS:
            return Wire(200, [("Content-Type", "application/xml")], LISTS[target](self.url).encode())
        if target in self.lost or not (target in SAID or target == "/" or target.startswith("/news/")):
            return Wire(404)
        html = page_of(target) if target in SAID else listing()
        return Wire(200, [("Content-Type", "text/html; charset=utf-8")], html.encode())


@pytest.fixture
def paper() -> Iterator[Paper]:
    one = Paper()
    yield one
    one.server.stop()


def test_the_parts_of_an_article_are_followed_and_joined(household: Household, paper: Paper) -> None:
    household.source("gazette", gazette(f"{paper.url}/", walk="listing"))
    household.run("run", "gazette")

    whole = household.look("article", paper.url + PATHS[0], "--json").json
    from_the_last = household.look("article", paper.url + PATHS[2], "--json").json
    text = household.look("article", paper.url + PATHS[1]).out

    assert [part["url"] for part in whole["parts"]] == [paper.url + path for path in PATHS]
    assert (whole["complete"], whole["missing"], whole["title"]) == (True, [], "The clocks of the harbour")
    assert from_the_last == whole
    assert text.rstrip("\n") == whole["text"]
    places = [whole["text"].index(said) for said in SAID.values()]
    assert places == sorted(places)
    assert all(said in whole["markdown"] for said in SAID.values())
    with household.serving() as service:
        answer = service.get(f"/api/v1/articles/latest/{paper.url}{PATHS[1]}")
        assert (answer.status, answer.json) == (200, whole)
        assert service.get(f"/api/v1/articles/latest/{paper.url}/nothing").status == 404


@pytest.mark.parametrize(
    "walk", [pytest.param(walk, marks=() if walk == "site" else pytest.mark.costly) for walk in WALKS]
)
def test_every_walk_follows_the_parts_that_no_list_names(household: Household, paper: Paper, walk: str) -> None:
    household.source("gazette", gazette(paper.url + WALKS[walk], walk=walk))
    household.run("run", "gazette")

    whole = household.look("article", paper.url + PATHS[0], "--json").json

    assert [part["url"] for part in whole["parts"]] == [paper.url + path for path in PATHS]
    assert whole["complete"] is True


def test_a_missing_part_is_named(household: Household, paper: Paper) -> None:
    paper.lost.add(PATHS[2])
    household.source("gazette", gazette(f"{paper.url}/", walk="listing"))
    household.run("run", "gazette")

    whole = household.look("article", paper.url + PATHS[0], "--json", code=3).json

    assert [part["url"] for part in whole["parts"]] == [paper.url + path for path in PATHS[:2]]
    assert (whole["complete"], whole["missing"]) == (False, [paper.url + PATHS[2]])
