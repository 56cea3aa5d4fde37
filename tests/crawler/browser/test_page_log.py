"""What a page requested and said, its times and a small picture of it are recorded beside it."""

from __future__ import annotations

import json

import pytest
from conftest import FORM
from crawling.crawls import Run, source
from crawling.site import Reply, Site

from archive.values.capture import PAGE_INFO, THUMBNAIL
from crawler.browser.page_log import PageLog

PAGE = """<!doctype html><title>t</title><p>Text of the page itself.</p><img src=/a.png><img src=/hidden/b.png><script>
console.warn('a warning'); console.log('a plain message');
fetch('/said', {method: 'POST', body: '{}'});
new Worker('/worker.js');
setTimeout(() => { throw new Error('an error of the page'); });</script>"""


@pytest.mark.system
@pytest.mark.skipif(FORM == "sample", reason="make test-faults starts the browser")
def test_requests_errors_times_and_a_small_picture_are_recorded_beside_the_page(site: Site, run: Run) -> None:
    site.routes |= {
        "/robots.txt": Reply(body="User-agent: *\nDisallow: /hidden", type="text/plain"),
        "/p": Reply(body=PAGE),
        "/a.png": Reply(404),
        "/worker.js": Reply(body="fetch('/of-worker')", type="text/javascript"),
        "/of-worker": Reply(204),
        "/said": Reply(201, body="{}", type="application/json"),
    }

    run(source(f"{site.url}/p", walk="page", fetch="browser", politeness={"robots": "obey"}))

    beside = {one.url: one for one, _, _ in run.archive.derived}
    kept = {capture.url: capture for _, _, capture in run.archive.kept}
    info, small = beside[f"{PAGE_INFO}{site.url}/p"], beside[f"{THUMBNAIL}{site.url}/p"]
    said = json.loads(info.body)
    urls = {url.removeprefix(site.url): facts for url, facts in said["urls"].items()}
    page = kept[f"{site.url}/p"].record_id
    assert [one.original.record_id for one in (info, small) if one.original] == [page, page]
    assert (urls["/p"]["status"], urls["/p"]["mime"], urls["/p"]["type"]) == (200, "text/html", "Document")
    assert urls["/a.png"]["status"] == 404
    assert (urls["/said"]["method"], urls["/said"]["status"]) == ("POST", 201)
    assert urls["/of-worker"]["status"] == 204, "the page itself does not report it"
    assert "robots" in urls["/hidden/b.png"]["refused"]
    assert urls["/p"]["ms"] >= urls["/p"]["startMs"] == 0
    texts = [one["text"] for one in said["console"]]
    assert any("an error of the page" in text for text in texts)
    assert "a warning" in texts
    assert "a plain message" not in texts
    assert said["counts"]["jsErrors"] >= 1
    assert said["timing"]["loadMs"] > 0
    assert said["complete"]
    assert size_of(small.body) == (320, 256)


def size_of(webp: bytes) -> tuple[int, int]:
    """Return the width and height of a WebP with extended features (RFC 9649, section 2.7.1)."""
    assert webp[12:16] == b"VP8X"
    width, height = (int.from_bytes(webp[at : at + 3], "little") + 1 for at in (24, 27))
    return width, height


def requested(number: int, url: str) -> dict[str, object]:
    request = {"url": url, "method": "GET"}
    return {"requestId": str(number), "request": request, "timestamp": float(number), "type": "Image"}


def test_a_page_that_requests_and_says_without_end_fills_no_memory() -> None:
    log = PageLog()
    for number in range(2_500):
        log.happened("Network.requestWillBeSent", requested(number, f"http://a.example/{number}"))
        log.happened("Network.requestWillBeSent", requested(number, "http://a.example/0"))
        said = {"type": "error", "args": [{"type": "string", "value": "x" * 10_000}]}
        log.happened("Runtime.consoleAPICalled", said)

    facts = log.facts()

    assert (len(facts["urls"]), facts["urlsLeftOut"]) == (2_000, 500)
    assert facts["urls"]["http://a.example/0"]["count"] == 2_501
    assert (len(facts["console"]), facts["messagesLeftOut"], facts["counts"]) == (200, 2_300, {"jsErrors": 2_500})
    assert len(facts["console"][0]["text"]) == 2_000
    assert log.is_full


def test_a_page_that_logs_its_whole_markup_again_and_again_is_not_heard_for_long() -> None:
    log = PageLog()
    for _ in range(5):
        said = {"type": "log", "args": [{"type": "string", "value": "x" * (1 << 20)}]}
        log.happened("Runtime.consoleAPICalled", said)

    assert log.is_full


def test_addresses_that_contain_their_data_are_not_listed() -> None:
    log = PageLog()
    log.happened("Network.requestWillBeSent", requested(1, "data:image/png;base64,AAAA"))

    assert log.facts()["urls"] == {}
