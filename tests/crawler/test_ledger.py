"""The record of an exchange equals the ledger of the server, byte for byte."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme
from scrapy import Request
from scrapy.http import Response
from wire.cases import CASES
from wire.certificates import server_context, trusting
from wire.crawls import Kept, Loop, crawl
from wire.ledger import Case, Entry, LedgerServer, playing

from archive.warc.exchange import Exchange


@dataclass
class World:
    """All cases, crawled once."""

    server: LedgerServer
    recording: Kept
    outcomes: dict[str, Response | BaseException]

    def outcome(self, case: Case) -> Response | BaseException:
        return self.outcomes[self.server.url(case)]

    def exchanges(self, case: Case) -> list[tuple[Exchange, Entry]]:
        """Yield each exchange of a case with its line of the ledger."""
        recorded = self.recording.of(self.server.url(case))
        return list(zip(recorded, self.server.entries(case.path), strict=True))


WORLDS: list[tuple[Loop, str]] = [("asyncio", "http"), ("uvloop", "http"), ("asyncio", "https"), ("uvloop", "https")]


@pytest.fixture(scope="module", params=WORLDS, ids="-".join)
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    loop, scheme = request.param
    authority = trustme.CA()
    context = server_context(authority, "127.0.0.1") if scheme == "https" else None
    with playing(CASES, context) as server, trusting(authority, tmp_path_factory.mktemp("trusted")):
        recording = Kept()
        requests = [
            Request(server.url(case), method=case.method, body=case.sent_body, meta=dict(case.meta)) for case in CASES
        ]
        yield World(server, recording, crawl(requests, recording, loop))
        for exchange in recording.exchanges:
            if exchange.response and not isinstance(exchange.response.body, bytes):
                exchange.response.body.close()


cases = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


@cases
def test_the_request_is_recorded_as_the_server_received_it(world: World, case: Case) -> None:
    for exchange, entry in world.exchanges(case):
        assert entry.received == exchange.request.head + exchange.request.body
        assert case.method == exchange.request.method


@cases
def test_the_answer_is_recorded_as_the_server_sent_it(world: World, case: Case) -> None:
    assert world.exchanges(case)
    for exchange, entry in world.exchanges(case):
        assert case.octets.startswith(entry.sent) if case.truncated == "length" else case.octets == entry.sent
        assert (case.interim, case.received) == (exchange.interim, exchange.received)
        assert bool(case.head) == (exchange.response is not None)
        if exchange.response is not None:
            body = _octets(exchange)
            assert case.head == exchange.response.head
            assert case.body[: case.kept] == body
            assert len(body) == exchange.response.length
            assert (case.chunked, case.trailers) == (exchange.response.chunked, exchange.response.trailers)


@cases
def test_an_incomplete_answer_says_so(world: World, case: Case) -> None:
    for exchange, _ in world.exchanges(case):
        assert case.truncated == exchange.truncated
        assert (case.error or case.truncated) is None or (case.error or "") in (exchange.error or "")
        assert bool(case.truncated or case.error) == bool(exchange.error)


@cases
def test_scrapy_gets_a_response_or_its_own_exception(world: World, case: Case) -> None:
    outcome = world.outcome(case)
    if not isinstance(outcome, Response):
        assert case.raises == type(outcome).__name__
        return
    assert case.raises is None
    assert list(case.flags) == outcome.flags
    assert (b"" if "body-on-disk" in case.flags else case.body) == outcome.body


@cases
def test_an_exchange_knows_its_time_and_its_peer(world: World, case: Case) -> None:
    for exchange, _ in world.exchanges(case):
        assert exchange.at.utcoffset() is not None
        assert exchange.elapsed.total_seconds() > 0
        assert exchange.ip == "127.0.0.1"
        secure = exchange.request.url.startswith("https:")
        assert (exchange.tls is not None and exchange.tls.verified) == secure


def test_the_page_on_warcs_names_every_case() -> None:
    page = (Path(__file__).parent.parent.parent / "docs" / "formats" / "warc.md").read_text()
    rows = [line.rstrip(" |").rpartition("| ")[2] for line in page.splitlines() if line.startswith("| ")]
    named = {name for row in rows for name in row.split("; ")}

    assert [case.name for case in CASES if case.name not in named] == []


def _octets(exchange: Exchange) -> bytes:
    assert exchange.response is not None
    body = exchange.response.body
    if isinstance(body, bytes):
        return body
    body.seek(0)
    return body.read()
