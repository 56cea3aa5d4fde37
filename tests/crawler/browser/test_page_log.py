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
setTimeout(() => { throw new Error('an error of the page'); });</script>"""


@pytest.mark.system
@pytest.mark.skipif(FORM == "sample", reason="make test-faults starts the browser")
def test_requests_errors_times_and_a_small_picture_are_recorded_beside_the_page(site: Site, run: Run) -> None:
    site.routes |= {
        "/robots.txt": Reply(body="User-agent: *\nDisallow: /hidden", type="text/plain"),
        "/p": Reply(body=PAGE),
        "/a.png": Reply(404),
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
    assert "robots" in urls["/hidden/b.png"]["refused"]
    assert all(facts["ms"] >= 0 and facts["startMs"] >= 0 for facts in urls.values())
    texts = [one["text"] for one in said["console"]]
    assert any("an error of the page" in text for text in texts)
    assert "a warning" in texts
    assert "a plain message" not in texts
    assert said["counts"]["jsErrors"] >= 1
    assert said["timing"]["loadMs"] > 0
    assert said["complete"]
    assert size_of(small.body) == (320, 256)


def size_of(jpeg: bytes) -> tuple[int, int]:
    """Return the width and height of a JPEG: those of its first frame (ITU-T T.81, B.2.2)."""
    at = 2
    while jpeg[at + 1] not in (0xC0, 0xC1, 0xC2):
        at += 2 + int.from_bytes(jpeg[at + 2 : at + 4])
    return int.from_bytes(jpeg[at + 7 : at + 9]), int.from_bytes(jpeg[at + 5 : at + 7])


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
