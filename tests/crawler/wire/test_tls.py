"""Certificates, under each setting of the source."""

from __future__ import annotations

import asyncio
import datetime
import socket
import ssl
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import trustme
from scrapy import Request
from scrapy.exceptions import DownloadFailedError, DownloadTimeoutError
from scrapy.http import Response
from wire.certificates import server_context, trusting
from wire.crawls import Kept, Loop, crawl, handling, in_loop
from wire.framing import PAGE, sized
from wire.ledger import Case, LedgerServer, playing

from crawler.wire.guard import EVERYTHING, Guard
from crawler.wire.recording import TlsPolicy

PAGE_OF = Case("page", sized(PAGE), PAGE)
ONCE = Case("once", sized(PAGE, b"Connection: close"), PAGE, then="close")


async def to_loopback(host: str, port: int) -> Sequence[str]:
    return ["127.0.0.1"]


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(autouse=True)
def trusted(authority: trustme.CA, tmp_path: Path) -> Iterator[None]:
    with trusting(authority, tmp_path):
        yield


def expired(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    past = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    authority.issue_cert("site.example", not_before=past, not_after=past + datetime.timedelta(1)).configure_cert(
        context
    )
    return context


def fetch(server: LedgerServer, tls: TlsPolicy, case: Case = PAGE_OF, times: int = 1) -> tuple[Kept, list[object]]:
    """Fetch the page under the server's name."""
    recording = Kept(guard=Guard(allow=EVERYTHING, resolver=to_loopback), tls=tls)
    url = f"https://site.example:{server.port}{case.path}"
    outcomes = crawl([Request(url)] * times, recording, CONCURRENT_REQUESTS=1)
    return recording, list(outcomes.values())


@pytest.mark.parametrize("tls", ["strict", "record"])
def test_a_valid_certificate_is_recorded_as_verified(authority: trustme.CA, tls: TlsPolicy) -> None:
    with playing([PAGE_OF], server_context(authority, "site.example")) as server:
        recording, (response,) = fetch(server, tls)

    (exchange,) = recording.exchanges
    assert exchange.tls is not None
    assert (exchange.tls.version, exchange.tls.verified) == ("TLSv1.3", True)
    assert exchange.tls.cipher.startswith("TLS_")
    assert isinstance(response, Response)
    assert ssl.DER_cert_to_PEM_cert(response.certificate).startswith("-----BEGIN")


WRONG = {
    "another name": lambda authority: server_context(authority, "other.example"),
    "an unknown authority": lambda _: server_context(trustme.CA(), "site.example"),
    "out of date": expired,
}


@pytest.mark.parametrize("wrong", WRONG)
def test_strict_an_invalid_certificate_is_recorded_as_a_failure(authority: trustme.CA, wrong: str) -> None:
    with playing([PAGE_OF], WRONG[wrong](authority)) as server:
        recording, (failure,) = fetch(server, "strict")

        assert server.ledger == []
    (exchange,) = recording.exchanges
    assert type(failure).__name__ == "DownloadFailedError"
    assert (exchange.request.head, exchange.response, exchange.ip) == (b"", None, "127.0.0.1")
    assert "no TLS session with site.example" in (exchange.error or "")


@pytest.mark.parametrize("wrong", WRONG)
def test_record_an_invalid_certificate_is_accepted_and_reported(authority: trustme.CA, wrong: str) -> None:
    with playing([ONCE], WRONG[wrong](authority)) as server:
        recording, _ = fetch(server, "record", ONCE, times=2)

    assert [one.response and one.response.body for one in recording.exchanges] == [PAGE, PAGE]
    assert [one.tls and one.tls.verified for one in recording.exchanges] == [False, False]


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1 is deprecated")
def test_record_an_old_server_is_accepted(authority: trustme.CA) -> None:
    context = server_context(authority, "site.example")
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.maximum_version = ssl.TLSVersion.TLSv1
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    with playing([PAGE_OF], context) as server:
        strict, _ = fetch(server, "strict")
        recording, _ = fetch(server, "record")

    assert [one.response for one in strict.exchanges] == [None]
    (exchange,) = recording.exchanges
    assert exchange.tls is not None
    assert (exchange.tls.version, exchange.tls.verified) == ("TLSv1", False)


@pytest.mark.parametrize("tls", ["strict", "record"])
def test_a_server_without_tls_is_recorded_as_a_failure(tls: TlsPolicy) -> None:
    recording = Kept(tls=tls)

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 The plain HTTP request was sent to HTTPS port\r\n\r\n")
        writer.close()

    async def fetches() -> None:
        server = await asyncio.start_server(refuse, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server, handling(recording) as handler:
            with pytest.raises(DownloadFailedError, match="no TLS session"):
                await handler.download_request(Request(f"https://127.0.0.1:{port}/"))

    in_loop(fetches(), "asyncio")

    assert ["no TLS session" in (one.error or "") for one in recording.exchanges] == [True]


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_a_handshake_that_is_not_completed_in_time_is_late(loop: Loop) -> None:
    recording = Kept(tls="record")
    with socket.create_server(("127.0.0.1", 0)) as listener:  # connects, and sends nothing
        url = f"https://127.0.0.1:{listener.getsockname()[1]}/"

        async def fetches() -> None:
            async with handling(recording) as handler:
                with pytest.raises(DownloadTimeoutError):
                    await handler.download_request(Request(url, meta={"download_timeout": 0.5}))

        in_loop(fetches(), loop)

    assert recording.exchanges == []


def test_http_1_1_is_negotiated(authority: trustme.CA) -> None:
    context = server_context(authority, "site.example")
    context.set_alpn_protocols(["h2", "http/1.1"])
    with playing([PAGE_OF], context) as server:
        recording, _ = fetch(server, "strict")

        assert server.protocols == ["http/1.1"]
    assert [one.response and one.response.body for one in recording.exchanges] == [PAGE]
