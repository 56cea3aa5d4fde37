"""Several exchanges of one URL or one page: all are in the WARC, in order, as in the server's ledger."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from scrapy import Request
from wire.crawls import crawl
from wire.framing import PAGE, head, sized
from wire.ledger import Case, Entry, playing
from wire.warcs import CONTEXT, TOOLS, Read, Warc, answer, as_sent, crawled, recording

from crawler.policy.revisit import reference

tools = pytest.mark.parametrize("tool", TOOLS)


def records(warc: Warc, tool: str, *kinds: str) -> list[Read]:
    return [record for record in warc.read()[tool] if record.kind in kinds]


def assert_the_requests_are_those_of(ledger: list[Entry], warc: Warc, tool: str) -> None:
    assert [record.block for record in records(warc, tool, "request")] == [entry.received for entry in ledger]


@tools
def test_each_retry_is_in_the_warc(tmp_path: Path, tool: str) -> None:
    busy = Case("page", sized(b"later", status=b"HTTP/1.1 503 Busy"), b"later")
    torn = Case("page", sized(PAGE), PAGE[:20], then="reset")
    none = Case("page", received=b"HTTP/1.1 20", then="close")
    with playing([busy, torn, none, well := Case("page", sized(PAGE), PAGE)]) as server:
        warc = crawled(tmp_path, [Request(server.url(well))], RETRY_ENABLED=True, RETRY_TIMES=3)

        assert_the_requests_are_those_of(server.ledger, warc, tool)
        answers = records(warc, tool, "response", "revisit")
        for one, entry in zip(answers, (server.ledger[number] for number in (0, 1, 3)), strict=True):
            octets = bytes(entry.sent)
            written, body = answer(answers, one, len(octets) - octets.index(b"\r\n\r\n") - 4)
            assert octets in [sent + body for sent in as_sent(written, len(body))]
        assert [one.fields.get("warc-truncated") for one in answers] == [None, "disconnect", None]
        assert len([one for one in records(warc, tool, "metadata") if b"received: SFRUUC8xLjEgMjA=" in one.block]) == 1


@tools
def test_each_hop_of_a_redirect_is_in_the_warc(tmp_path: Path, tool: str) -> None:
    moved = Case("moved", sized(b"there", b"Location: /again", status=b"HTTP/1.1 302 Found"), b"there")
    again = Case("again", head(b"Location: /page", b"Content-Length: 0", status=b"HTTP/1.1 308 For ever"))
    with playing([moved, again, page := Case("page", sized(PAGE), PAGE)]) as server:
        asked = Request(server.url(moved), meta={"handle_httpstatus_list": [200]})
        warc = crawled(tmp_path, [asked], REDIRECT_ENABLED=True)

        assert_the_requests_are_those_of(server.ledger, warc, tool)
        answers = records(warc, tool, "response")
        assert [one.url for one in answers] == [server.url(case) for case in (moved, again, page)]
        assert [one.block for one in answers] == [bytes(entry.sent) for entry in server.ledger]


@tools
@pytest.mark.parametrize("how", ["close", "reset"])
def test_a_request_sent_again_on_a_new_connection_is_in_the_warc_twice(tmp_path: Path, tool: str, how: str) -> None:
    first = Case("first", sized(b"first"), b"first")
    dead = Case("page", then="close" if how == "close" else "reset")
    with playing([first, dead, page := Case("page", sized(PAGE), PAGE)]) as server:
        asked = [Request(server.url(case)) for case in (first, page)]
        warc = crawled(tmp_path, asked, CONCURRENT_REQUESTS=1)

        assert [entry.path for entry in server.ledger] == ["/first", "/page", "/page"]
        assert_the_requests_are_those_of(server.ledger, warc, tool)
        assert [one.block for one in records(warc, tool, "response")] == [
            sized(b"first") + b"first",
            sized(PAGE) + PAGE,
        ]
        assert len([one for one in records(warc, tool, "metadata") if b"sent again" in one.block]) == 1


@tools
def test_a_304_to_our_validators_is_a_revisit_of_the_capture(tmp_path: Path, tool: str) -> None:
    page = Case("page", sized(PAGE, b'ETag: "a"'), PAGE)
    same = Case("page", head(b'ETag: "a"', b"Content-Length: 500", status=b"HTTP/1.1 304 Not Modified"))
    with playing([page, same]) as server, recording(tmp_path) as warc:
        crawl([Request(server.url(page))], warc.recording)
        warc.recording.flush()
        (receipt,) = warc.receipts
        assert receipt.capture is not None
        context = replace(CONTEXT, not_modified=reference(receipt.capture))
        asked = Request(server.url(page), headers={"If-None-Match": '"a"'}, meta={"context": context})
        crawl([asked], warc.recording)

    assert_the_requests_are_those_of(server.ledger, warc, tool)
    assert b'\r\nIf-None-Match: "a"\r\n' in server.ledger[1].received
    response, revisit = records(warc, tool, "response", "revisit")
    assert response.block == bytes(server.ledger[0].sent)
    assert revisit.block == bytes(server.ledger[1].sent)
    assert revisit.fields["warc-profile"].endswith("/revisit/server-not-modified")
    assert revisit.fields["warc-refers-to"] == response.fields["warc-record-id"]
