"""Records not fetched over HTTP, from the file to every door: command line, API, CDX, mementos, pages and search."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import quote
from urllib.request import urlopen

import pytest
from journeys.household import QUICK, Household, Served
from specimens.uncrawled import FILE, HTML, LOST, PAGE, PNG, SCREENSHOT, write_uncrawled


@pytest.fixture(scope="module")
def household(tmp_path_factory: pytest.TempPathFactory, database_of_module: dict[str, str]) -> Household:
    return Household(tmp_path_factory.mktemp("uncrawled") / "home", QUICK | database_of_module)


@pytest.fixture(scope="module")
def told(household: Household, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    warc = write_uncrawled(tmp_path_factory.mktemp("file") / "uncrawled.warc.gz")
    [item] = household.run("ingest", str(warc), "--json").json["items"]
    ended = household.run("ingest", str(warc))
    return {**item, "out": ended.out, "err": ended.err}


@pytest.fixture(scope="module")
def served(household: Household, told: dict[str, Any]) -> Iterator[Served]:
    with household.serving() as service:
        yield service


def test_the_command_reports_the_result_of_every_record(told: dict[str, Any]) -> None:
    records = {"warcinfo": 1, "resource": 4, "revisit": 2, "conversion": 1, "metadata": 1, "continuation": 1}
    assert (told["captures"], told["taken"], told["refused"]) == (7, records, [])
    assert [one["url"] for one in told["dangling"]] == [LOST]
    assert "7 captures, skipped (it was imported before), 1 record without content" in told["out"]
    assert f"the archived version of {LOST} from " in told["err"]


@pytest.mark.parametrize("url", [SCREENSHOT, FILE, PAGE])
def test_the_command_reads_them_by_their_uri(household: Household, told: dict[str, Any], url: str) -> None:
    shape = household.look("snapshot", "get", url, "--json").json
    assert (shape["url"], shape["kind"], shape["status"]) == (url, "resource", None)
    assert "resource" in [item["kind"] for item in household.look("captures", url, "--json").json["items"]]


@pytest.mark.parametrize(("url", "media_type"), [(SCREENSHOT, "image/png"), (FILE, "text/html"), (PAGE, "text/html")])
def test_the_api_returns_them_by_their_uri(served: Served, url: str, media_type: str) -> None:
    shape = served.get(f"/api/v1/snapshots/latest/json/{url}").json
    assert (shape["url"], shape["kind"], shape["status"], shape["mime"]) == (url, "resource", None, media_type)
    listed = served.get(f"/api/v1/captures?url={quote(url, safe='')}").json["items"]
    assert (url, "resource") in [(item["url"], item["kind"]) for item in listed]


def test_the_cdx_server_has_no_status_for_them(served: Served) -> None:
    [line] = served.get(f"/all/cdx?url={quote(SCREENSHOT, safe='')}").text.splitlines()
    assert f'"url": "{SCREENSHOT}"' in line
    assert '"mime": "image/png"' in line
    assert '"status": "2' not in line
    [row] = served.get(f"/cdx/search/cdx?url={quote(SCREENSHOT, safe='')}").text.splitlines()
    assert row.split(" ")[2:5] == [SCREENSHOT, "image/png", "-"]


@pytest.mark.parametrize(("url", "body"), [(SCREENSHOT, PNG), (PAGE, HTML.encode()), (FILE, HTML.encode("latin-1"))])
def test_a_memento_has_their_bytes(served: Served, url: str, body: bytes) -> None:
    answer = served.get(f"/all/20200504030201id_/{url}")
    assert (answer.status, answer.body) == (200, body)


@pytest.mark.parametrize("url", [SCREENSHOT, PAGE, FILE])
def test_the_page_about_them_shows_them(served: Served, url: str) -> None:
    page = served.get(f"/snapshot/20200504030201/{url}")
    assert page.status == 200
    assert "<dd>file without an answer of a website</dd>" in served.get(f"/view/record/20200504030201/{url}").text
    assert served.get(f"/captures?url={quote(url, safe='')}").status == 200


@pytest.mark.parametrize(("url", "media_type"), [(SCREENSHOT, "image/png"), (PAGE, "text/html"), (FILE, "text/html")])
def test_the_frame_replays_them(served: Served, url: str, media_type: str) -> None:
    page = served.get(f"/snapshot/20200504030201/{url}").text
    [frame] = re.findall('<iframe[^>]* src="([^"]+)"', page)

    with urlopen(unescape(frame), timeout=30) as answer:
        body = answer.read()

    assert answer.headers.get_content_type() == media_type
    assert body == PNG or b"was never on a server" in body


def test_their_text_is_found(served: Served) -> None:
    urls = {item["url"] for item in served.get("/api/v1/search?q=directory").json["items"]}
    assert urls == {PAGE, FILE}
