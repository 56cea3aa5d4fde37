"""Pages that a browser rendered, on the page of the run, in `why`, in the snapshot and in `doctor`."""

from __future__ import annotations

import gzip
import json
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from http.client import HTTPConnection
from zipfile import ZipFile

import pytest
from crawling.site import Reply, Site, serving
from journeys.household import Answer, Household, gazette

pytestmark = pytest.mark.skipif(
    shutil.which("chromium") is None, reason="chromium is not installed (apt-get install chromium): no page is drawn"
)

SENTENCE = "A sentence that only the script of the page has written, about the harbour."
SHELL = f"<!doctype html><title>t</title><div id=root></div><script>root.append('{SENTENCE} '.repeat(9))</script>"


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as site:
        site.routes |= {"/robots.txt": Reply(404), "/": Reply(body=SHELL)}
        yield site


def test_a_page_is_rendered_and_why_says_at_what_price(household: Household, site: Site) -> None:
    household.source("gazette", gazette(f"{site.url}/", walk="page", more="fetch: auto\n"))

    household.run("run", "gazette")
    said = household.look("why", f"{site.url}/").out
    [shown] = [household.look("why", f"{site.url}/", "--json").json["drawn"]]
    text = household.look("snapshot", "get", f"{site.url}/", "--text").out

    assert "; reason: the empty element" in said
    assert (shown["reason"], shown["problem"], shown["complete"]) == ('the empty element "root"', None, True)
    assert shown["requests"] >= 0
    assert SENTENCE in text


def test_the_settings_of_the_browser_hold(household: Household, site: Site) -> None:
    site.routes["/"] = Reply(body=f"{SHELL}<img src=/a.png><img src=/b.png><img src=/c.png>")
    household.environment |= {"PRESSMARK_BROWSER__REQUESTS": "2", "PRESSMARK_BROWSER__TIMEOUT": "1h"}
    household.source("gazette", gazette(f"{site.url}/", walk="page", more="fetch: browser\n"))

    household.run("run", "gazette")

    shown = household.look("why", f"{site.url}/", "--json").json["drawn"]
    assert (shown["requests"], shown["complete"]) == (2, True)
    assert sum(shown["refused"].values()) >= 1


def test_doctor_says_whether_a_browser_starts(household: Household, site: Site) -> None:
    assert "no source (archived site) needs a browser to render its pages" in household.look("doctor").out

    household.source("gazette", gazette(f"{site.url}/", walk="page", more="fetch: auto\n"))

    assert "pages can be rendered by the browser chromium" in household.look("doctor").out


def test_the_snapshot_shows_what_the_browser_rendered_and_its_screenshot(household: Household, site: Site) -> None:
    household.source("gazette", gazette(f"{site.url}/", walk="page", more="fetch: auto\n"))
    household.run("run", "gazette")

    with household.serving() as served:
        page = served.get(f"/snapshot/latest/{site.url}/").text
        stamp = page.partition('href="/view/screenshot/')[2].partition("/")[0]
        screenshot = served.get(f"/view/screenshot/{stamp}/{site.url}/").text
        framed, picture = _framed(page), _framed(screenshot)
        [run] = served.get("/api/v1/runs").json["items"]
        of_run = served.get(f"/runs/{run['id']}").text

    assert "The page is shown as a browser rendered it" in page
    assert SENTENCE in framed.body.decode()
    assert b"<script" not in framed.body
    assert (picture.headers["content-type"], picture.body[8:12]) == ("image/webp", b"WEBP")
    assert "The browser rendered 1 pages" in of_run
    assert "the empty element &#34;root&#34;" in of_run


@pytest.mark.costly
def test_pictures_are_on_the_pages_of_the_source_of_its_captures_and_of_changes(
    household: Household, site: Site
) -> None:
    household.source("gazette", gazette(f"{site.url}/", walk="page", more="fetch: auto\n"))
    household.run("run", "gazette")
    site.routes["/"] = Reply(body=SHELL.replace("harbour", "lighthouse"))
    household.run("run", "gazette")

    with household.serving() as served:
        source, listed = served.get("/sources/gazette").text, served.get(f"/captures?url={site.url}/").text
        today = datetime.now(UTC)
        month = served.get(f"/captures?url={site.url}/&month={today:%Y-%m}").text.partition("</tbody>")[0]
        other = served.get(f"/captures?url={site.url}/&month={today - timedelta(days=40):%Y-%m}").text
        changes = served.get(f"/diff/previous/latest/{site.url}/").text
        tail = source.partition('src="/view/thumbnail/')[2].partition('"')[0]
        small, picture = served.get(f"/view/thumbnail/{tail}"), served.get(f"/view/picture/{tail}")
        record = served.get(f"/view/record/{tail}").text

    assert (picture.headers["content-type"], picture.body[8:12]) == ("image/webp", b"WEBP")
    assert small.body[8:12] == b"WEBP"
    assert len(small.body) < len(picture.body)
    assert "sandbox" in small.headers["content-security-policy"]
    assert "sandbox" in picture.headers["content-security-policy"]
    assert "How a browser rendered the page" in record
    assert listed.count('class="thumbnail"') == 2
    assert re.findall('<img class="thumbnail" src="([^"]+)', month) == [f"/view/thumbnail/{tail}"]
    assert "<img" not in other
    assert changes.count('<img src="/view/picture/') == 4, "side by side, and one above the other"
    assert "What differs: black is the same in both." in changes


def test_a_wacz_has_the_rendered_text_and_the_records_beside_the_page(household: Household, site: Site) -> None:
    household.source("gazette", gazette(f"{site.url}/", walk="page", more="fetch: auto\n"))
    household.run("run", "gazette")
    file = household.home.parent / "site.wacz"

    household.run("export", "wacz", "--source", "gazette", "--output", str(file))

    with ZipFile(file) as package:
        _, *pages = map(json.loads, package.read("pages/pages.jsonl").splitlines())
        records = gzip.decompress(package.read("archive/data.warc.gz"))
    assert [(page["url"], SENTENCE in page["text"]) for page in pages] == [(f"{site.url}/", True)]
    assert b"WARC-Type: conversion" in records
    assert f"WARC-Target-URI: urn:view:{site.url}/".encode() in records


@pytest.mark.costly
def test_a_page_without_a_browser_has_no_screenshot(household: Household, site: Site) -> None:
    household.source("gazette", gazette(f"{site.url}/", walk="page"))
    household.run("run", "gazette", code=3)

    with household.serving() as served:
        page = served.get(f"/snapshot/latest/{site.url}/").text
        missing = served.get(f"/view/screenshot/latest/{site.url}/").status

    assert "The page is shown without its scripts" in page
    assert "/view/screenshot/" not in page
    assert missing == 404


def _framed(page: str) -> Answer:
    """Return what the frame of a page shows."""
    address = unescape(page.partition("<iframe")[2].partition('src="')[2].partition('"')[0])
    origin, _, path = address.partition("//")[2].partition("/")
    port = origin.rpartition(":")[2]
    connection = HTTPConnection("127.0.0.1", int(port), timeout=60)
    try:
        connection.request("GET", f"/{path}", headers={"Host": origin})
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read())
    finally:
        connection.close()
