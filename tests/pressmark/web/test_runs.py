"""The page of a run, and the API for one: its pages, its failures, its files."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from lxml import html
from services.retrieving import Retrieving, served
from specimens.captures import NOON
from specimens.segments import CONTEXT, SegmentFile, answered

from config.settings import Settings
from crawler.policy.order import Outcome
from pressmark.service.assembly import open_pressmark

SITE = "https://news.example"
CHINESE = f"{SITE}/%E6%B8%AF%E5%8F%A3"
SOURCE = f"source: news\nseeds: ['{SITE}/']\nwalk: feed\n"


@dataclass
class Ran:
    """A finished run of a source, and the server that shows it."""

    pages: Retrieving
    run: str

    def json(self, path: str) -> Any:
        return json.loads(self.pages.get(f"/api/v1/runs/{self.run}{path}")[2])

    def page(self, query: str = "") -> str:
        return self.pages.text(f"/runs/{self.run}{query}")


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ran]:
    home = tmp_path_factory.mktemp("runs") / "home"
    (home / "sources").mkdir(parents=True)
    (home / "sources" / "news.yaml").write_text(SOURCE)
    with open_pressmark(Settings(home=home)) as service:
        service.request("news")
        run = service.runs.claim("w", service.epochs.begin("w"))
        assert run is not None
        segment = SegmentFile(home, "20260131T120000Z-1-0-abcd")
        write(segment, run.id)
        service.index.opened(segment.name, collection="default", worker="w", epoch=1, path=segment.path, at=NOON)
        service.index.add(segment.captures)
        log(home, run.id)
        dropped = {"not-due": 71, "robots": 1}
        service.runs.finish(run, Outcome(outcome="partial", captures=9, pages=4, failures=2, dropped=dropped))
        with served(service) as url:
            yield Ran(Retrieving(url, service, segment.captures), run.id)


def write(segment: SegmentFile, run: str) -> None:
    """Write two pages, one in Chinese and requested twice, an error, a picture twice, robots.txt.

    Another run's page.
    """
    mine, other = (replace(CONTEXT, source="news", run=name) for name in (run, "another"))
    tagged = ("Content-Type: text/html", 'ETag: "a"')
    picture = segment.write(answered(f"{SITE}/a.png", b"png", headers=("Content-Type: image/png",)), context=other)
    page = segment.write(answered(CHINESE, b"<p>old", minute=1, headers=tagged), context=other)
    segment.write(answered(f"{SITE}/robots.txt", b"", minute=2, headers=("Content-Type: text/plain",)), context=mine)
    segment.write(answered(f"{SITE}/", b"<p>home", minute=3), context=mine)
    for was, minute in ((page, 4), (picture, 5)):
        same = segment.unchanged(was, minute=minute)
        segment.captures[-1] = same._replace(run=run)
    segment.write(answered(f"{SITE}/gone", b"gone", minute=6, status="404 Not Found"), context=mine)
    segment.write(answered(f"{SITE}/a.css", b"p {}", minute=7, headers=("Content-Type: text/css",)), context=mine)


def log(home: Path, run: str) -> None:
    """Write its log, as a crawl writes it."""
    at = NOON.isoformat()
    drawn = [
        {"at": at, "event": "drawn", "url": f"{SITE}/drawn/{n}", "requests": 2, "seconds": 0.5} for n in range(250)
    ]
    events = [
        *drawn,
        {"at": at, "event": "failure", "url": f"{CHINESE}/2", "reason": "timeout"},
        {"at": at, "event": "failures", "count": 1, "by_reason": {"timeout": 1}},
        {"at": at, "event": "over", "outcome": "partial", "reason": "so", "dropped": {"not-due": 71}},
    ]
    (home / "logs" / "runs").mkdir(parents=True)
    (home / "logs" / "runs" / f"{run}.jsonl").write_text("".join(f"{json.dumps(event)}\n" for event in events))


def test_the_pages_of_a_run_are_listed_without_their_requisites(ran: Ran) -> None:
    pages, everything = ran.json("/captures"), ran.json("/captures?requisites=true")

    assert [(one["url"], one["status"], one["kind"]) for one in pages["items"]] == [
        (f"{SITE}/", 200, "response"),
        (CHINESE, 304, "not-modified"),
        (f"{SITE}/gone", 404, "response"),
    ]
    assert len(everything["items"]) == 6
    assert pages["next"] is None


def test_a_list_of_pages_continues_where_it_ended(ran: Ran) -> None:
    first = ran.json("/captures?limit=2")
    rest = ran.json(f"/captures?limit=2&cursor={first['next']}")

    assert [len(first["items"]), len(rest["items"]), rest["next"]] == [2, 1, None]
    assert ran.pages.get(f"/api/v1/runs/{ran.run}/captures?cursor=moon")[0] == 422
    assert ran.pages.get("/api/v1/runs/nothing/captures")[0] == 404


def test_the_page_of_a_run_links_to_the_snapshot_of_each_page_and_shows_its_url_decoded(ran: Ran) -> None:
    text = ran.page()

    assert re.search(rf'<a class="clamp" href="/snapshot/\d+/{re.escape(CHINESE)}">{SITE}/港口</a>', text)
    assert "a.css" not in text
    assert "a.css" in ran.page("?requisites=true")


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("/api/v1/sources/news/runs", (False, False)),
        ("/api/v1/sources/news/runs?all=true", (True, False)),
        ("/api/v1/sources/news/runs?force=true", (True, True)),
        ("/sources/news/run", (False, False)),
        ("/sources/news/run-all", (True, False)),
        ("/sources/news/run-in-full", (True, True)),
    ],
)
def test_a_run_of_all_pages_and_one_in_full_are_requested_by_the_api_and_by_buttons(
    ran: Ran, path: str, wanted: tuple[bool, bool]
) -> None:
    status, headers, _ = ran.pages.ask("POST", path)
    run = ran.pages.service.runs.get(headers["Location"].rpartition("/")[2])
    _, retried, _ = ran.pages.ask("POST", f"/runs/{run.id}/retry")
    ran.pages.service.runs.cancel(run.id)

    assert (status, run.everything, run.in_full) == (202 if "api" in path else 303, *wanted)
    assert retried["Location"] == f"/runs/{run.id}"  # it requests the same, so the waiting run is enough


def test_failures_are_shown_with_url_and_reason(ran: Ran) -> None:
    [failure] = ran.json("/failures")["items"]

    assert (failure["url"], failure["reason"]) == (f"{CHINESE}/2", "timeout")
    assert f"{SITE}/港口/2</a>: timeout</li>" in ran.page()


def test_the_first_and_last_hundred_pages_of_the_browser_are_listed_and_all_are_summed_up(ran: Ran) -> None:
    page = ran.page()
    listed = re.findall(r'<a class="clamp" href="/captures\?url=[^"]*drawn/(\d+)"', page)

    assert [*map(int, listed)] == [*range(100), *range(150, 250)]
    assert "The browser rendered 250 pages in 125.0 seconds. Their scripts requested 500 more files." in page
    assert "Pages in between that are not shown: 50" in page


def test_pages_that_were_not_due_are_counted_and_the_way_to_fetch_them_is_given(ran: Ran) -> None:
    text = ran.page()

    assert ran.json("")["not_fetched"] == {"not-due": 71, "robots": 1}
    assert (
        "71 pages were not fetched, as it is not yet time for the next fetch<br>the file robots.txt of the "
        "site forbids programs to fetch 1 page<br>To also fetch pages that are not due yet, press “Fetch all"
    ) in text


def test_the_log_of_a_run_has_no_python_dict(ran: Ran) -> None:
    assert "failures count=1 by_reason=timeout (1)" in ran.page()
    assert "{&#39;" not in ran.page()


def test_a_run_is_downloaded_as_wacz_and_its_texts_as_a_file(ran: Ran) -> None:
    text = ran.page()
    [wacz] = re.findall(r'href="(/api/v1/exports/wacz[^"]+)"', text)
    status, headers, body = ran.pages.get(wacz)
    pages = zipfile.ZipFile(BytesIO(body)).read("pages/pages.jsonl").decode()
    texts = ran.pages.get(f"/api/v1/runs/{ran.run}/texts")[1]

    assert (status, headers["Content-Type"]) == (200, "application/wacz")
    assert f'"{SITE}/"' in pages
    assert texts["Content-Disposition"] == f'attachment; filename="{ran.run}-texts.jsonl"'
    assert ran.pages.get("/api/v1/exports/wacz?run=nothing")[0] == 404


def test_the_captures_over_the_time_of_a_run_are_a_chart_with_its_table(ran: Ran) -> None:
    page = html.fromstring(ran.page())
    [chart] = page.xpath("//div[@id='timeline']//figure")
    rows = [int(cell.text_content().replace(",", "")) for cell in chart.xpath(".//tbody/tr/td")]

    assert len(chart.xpath(".//rect")) == len(rows) > 1
    assert sum(rows) == len(ran.json("/captures?requisites=true")["items"])
