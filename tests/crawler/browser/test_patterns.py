"""`fetch: auto` remembers which pages need the browser, by the pattern of their URLs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from crawling.crawls import Run, events, remembering, source
from crawling.site import Reply, Site

pytestmark = pytest.mark.system

HEAD = "<!doctype html><title>t</title>"
TEXT = "text that the script has written " * 40
EMPTY = f"{HEAD}<div id=root></div><script>document.title = 'still empty'</script>"
SHELL = f"{HEAD}<div id=root></div><script>root.append('{TEXT}')</script>"
SHORT = f"{HEAD}<p>{'A frame with some words. ' * 12}</p><div id=m></div><script>m.append('{TEXT}')</script>"


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    with remembering(tmp_path) as run:
        yield run


def crawl(run: Run, site: Site, *paths: str) -> list[str]:
    """Fetch pages one by one; return the paths of those that the browser drew."""
    before = len(events(run)) if run.log.exists() else 0
    seeds = [f"{site.url}{path}" for path in paths]
    run(source(*seeds, walk="page", fetch="auto", politeness={"concurrency": 1}, timetable={"adaptive": {"min": "1h"}}))
    told = events(run)[before:]
    return [str(one["url"]).removeprefix(site.url) for one in told if one["event"] == "drawn"]


def test_pages_to_which_the_browser_brings_nothing_are_drawn_no_more(site: Site, run: Run) -> None:
    site.routes |= {f"/tool/{n}": Reply(body=EMPTY) for n in range(10)}

    for n in range(4):
        crawl(run, site, f"/tool/{n}")
    later = crawl(run, site, "/tool/4")

    noted = [one for one in events(run) if one["event"] == "browser-not-needed"]
    assert [str(one["url"])[-1] for one in events(run) if one["event"] == "drawn"] == ["0", "1", "2"]
    assert later == []
    assert noted[-1]["pattern"] == f"{site.url}/tool/*"
    assert "brought no text to the last 3 pages" in str(noted[-1]["reason"])


def test_a_short_page_is_drawn_where_the_pages_like_it_needed_the_browser(site: Site, run: Run) -> None:
    site.routes |= {f"/story/{n}": Reply(body=SHELL) for n in range(3)}
    site.routes |= {"/story/short": Reply(body=SHORT), "/other/short": Reply(body=SHORT)}

    assert crawl(run, site, "/story/short") == []
    for n in range(3):
        crawl(run, site, f"/story/{n}")
    site.routes["/story/short2"] = Reply(body=SHORT)

    assert crawl(run, site, "/story/short2", "/other/short") == ["/story/short2"]


def test_a_page_with_more_than_a_hundred_parameters_is_read(site: Site, run: Run) -> None:
    page = f"/find?{'&'.join(f'facet{n}=1' for n in range(101))}"
    site.routes[page] = Reply(body=f"{HEAD}<h1>Results</h1><p>{'The harbour was dredged in January. ' * 40}</p>")

    assert crawl(run, site, page) == []
    assert [one for one in events(run) if one["event"] == "failure"] == []
