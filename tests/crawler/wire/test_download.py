"""The download handler in real crawls: Scrapy's handling around it, and the keys of request.meta it respects."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from scrapy import Request
from scrapy.crawler import AsyncCrawlerRunner
from scrapy.http import HtmlResponse, Response, XmlResponse
from wire.crawls import SETTINGS, Kept, Listed, Loop, crawl
from wire.framing import GZIPPED, PAGE, head, sized
from wire.ledger import Case, playing

from crawler.wire.recording import WireLimits

TIMEOUTS = "scrapy.downloadermiddlewares.downloadtimeout.DownloadTimeoutMiddleware"
TEXT = b"<p>text</p>" * 1000


@pytest.fixture(params=["asyncio", "uvloop"])
def loop(request: pytest.FixtureRequest) -> Loop:
    name: Loop = request.param
    return name


def test_each_retry_is_an_exchange_of_its_own(loop: Loop) -> None:
    busy = Case("busy", sized(b"later", b"Retry-After: 0", status=b"HTTP/1.1 503 Busy"), b"later")
    gone = Case("busy", received=b"HTTP/1.1 20", then="close")
    well = Case("busy", sized(PAGE), PAGE)
    recording = Kept()
    with playing([busy, gone, well]) as server:
        outcomes = crawl([Request(server.url(busy))], recording, loop, RETRY_ENABLED=True, RETRY_TIMES=2)

        assert [outcome.body for outcome in outcomes.values() if isinstance(outcome, Response)] == [PAGE]
        assert [one.request.head for one in recording.exchanges] == [entry.received for entry in server.ledger]
    assert [one.response and one.response.status for one in recording.exchanges] == [503, None, 200]
    assert recording.exchanges[1].received == b"HTTP/1.1 20"


def test_each_hop_of_a_redirect_is_an_exchange_of_its_own(loop: Loop) -> None:
    moved = Case("moved", sized(b"over there", b"Location: /well", status=b"HTTP/1.1 302 Found"), b"over there")
    well = Case("well", sized(PAGE), PAGE)
    recording = Kept()
    with playing([moved, well]) as server:
        request = Request(server.url(moved), meta={"handle_httpstatus_list": [200]})
        crawl([request], recording, loop, REDIRECT_ENABLED=True)

    assert [one.response and one.response.status for one in recording.exchanges] == [302, 200]
    assert [one.response and one.response.body for one in recording.exchanges] == [b"over there", PAGE]


def test_scrapy_can_decode_what_is_recorded_as_received(loop: Loop) -> None:
    case = Case("gzip", sized(GZIPPED, b"Content-Encoding: gzip", b"Content-Type: text/html"), GZIPPED)
    recording = Kept()
    with playing([case]) as server:
        outcomes = crawl([Request(server.url(case))], recording, loop, COMPRESSION_ENABLED=True)

        (response,) = outcomes.values()
        assert isinstance(response, HtmlResponse)
        assert response.body == PAGE
        assert b"Accept-Encoding: gzip, deflate, br\r\n" in server.ledger[0].received
    assert recording.exchanges[0].response is not None
    assert recording.exchanges[0].response.body == GZIPPED


def test_the_class_of_a_response_is_by_its_content_type() -> None:
    cases = {
        Case("html", sized(TEXT, b"Content-Type: text/html; charset=utf-8"), TEXT): HtmlResponse,
        Case("feed.html", sized(TEXT, b"content-type: application/rss+xml"), TEXT): XmlResponse,
        Case("picture.html", sized(TEXT, b"Content-Type: image/png"), TEXT): Response,
        Case("encoded", sized(TEXT, b"Content-Type: text/html", b"Content-Encoding: br"), TEXT): Response,
        Case("unknown.html", sized(TEXT), TEXT): HtmlResponse,
    }
    with playing(list(cases)) as server:
        outcomes = crawl([Request(server.url(case)) for case in cases], Kept())

        assert {case.name: type(outcomes[server.url(case)]) for case in cases} == {
            case.name: kind for case, kind in cases.items()
        }


def test_a_response_has_the_headers_the_address_and_the_latency() -> None:
    case = Case("a page", sized(PAGE, b"x-a: 1", b"X-A: 2", b"ETag: x"), PAGE)
    with playing([case]) as server:
        (response,) = crawl([Request(server.url(case) + "#part")], Kept()).values()

    assert isinstance(response, Response)
    assert response.url == server.url(case)
    assert response.headers.getlist("X-a") == [b"1", b"2"]
    assert str(response.ip_address) == "127.0.0.1"
    assert response.protocol == "HTTP/1.1"
    assert response.meta["download_latency"] > 0


@pytest.mark.parametrize(
    ("content_type", "most", "shown"),
    [
        (b"text/html", 20_000, True),
        (b"text/html", 5_000, False),
        (b"image/png", 20_000, False),
        (b"application/atom+xml", 20_000, True),
    ],
)
def test_a_large_body_is_handed_over_when_it_is_textual_and_not_too_long(
    content_type: bytes, most: int, shown: bool, tmp_path: Path
) -> None:
    case = Case("large", sized(TEXT, b"Content-Type: " + content_type), TEXT)
    recording = Kept(limits=WireLimits(memory_bytes=1000, textual_bytes=most, directory=tmp_path))
    with playing([case]) as server:
        (response,) = crawl([Request(server.url(case))], recording).values()

    assert isinstance(response, Response)
    assert (response.body, response.flags) == ((TEXT, []) if shown else (b"", ["body-on-disk"]))
    kept = recording.exchanges[0].response
    assert kept is not None
    assert not isinstance(kept.body, bytes)
    with kept.body as file:
        assert file.read() == TEXT


def test_a_body_that_the_disk_refuses_is_incomplete(tmp_path: Path, loop: Loop) -> None:
    case = Case("large", sized(TEXT), TEXT)
    recording = Kept(limits=WireLimits(memory_bytes=1000, directory=tmp_path / "missing"))
    with playing([case]) as server:
        (outcome,) = crawl([Request(server.url(case))], recording, loop).values()

    assert type(outcome).__name__ == "ResponseDataLossError"
    (exchange,) = recording.exchanges
    assert exchange.truncated == "unspecified"
    assert "could not be stored" in (exchange.error or "")


def test_the_limits_of_the_source_apply_when_the_request_has_none(loop: Loop) -> None:
    slow = Case("slow", head(b"Content-Length: 9"), b"half", then="stall")
    long = Case("long", sized(TEXT), TEXT)
    recording = Kept(limits=WireLimits(timeout=0.5, page_bytes=1000))
    with playing([slow, long]) as server:
        requests = [Request(server.url(case)) for case in (slow, long)]
        outcomes = crawl(requests, recording, loop, DOWNLOADER_MIDDLEWARES={TIMEOUTS: None})

        assert {url.rpartition("/")[2]: type(outcome).__name__ for url, outcome in outcomes.items()} == {
            "slow": "DownloadTimeoutError",
            "long": "DownloadCancelledError",
        }
    assert {one.truncated for one in recording.exchanges} == {"time", "length"}


def test_nothing_is_fetched_when_nothing_records() -> None:
    case = Case("a page", sized(PAGE), PAGE)
    outcomes: dict[str, Response | BaseException] = {}
    with playing([case]) as server:

        async def unattached() -> None:
            runner = AsyncCrawlerRunner(SETTINGS)
            await runner.crawl(runner.create_crawler(Listed), requests=[Request(server.url(case))], outcomes=outcomes)

        asyncio.run(unattached())

        assert server.ledger == []
    assert [type(outcome).__name__ for outcome in outcomes.values()] == ["NotSupported"]
