"""Through proxies, what is recorded is still what the site received and sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import quote

import pytest
import trustme
from scrapy import Request
from scrapy.http import Response
from wire.certificates import server_context, trusting
from wire.crawls import Kept, Loop, crawl
from wire.framing import PAGE, sized
from wire.ledger import Case, LedgerServer, playing
from wire.proxies import ProxyServer, proxying

from crawler.wire.guard import Guard

PAGE_OF = Case("page", sized(PAGE), PAGE)
SITE = "site.example"
LOOPBACK = ip_network("127.0.0.0/8")


async def never(host: str, port: int) -> Sequence[str]:
    """Fail if called: behind a proxy, the proxy resolves names."""
    raise AssertionError(f"{host} was looked up")


def recording_through(url: str) -> Kept:
    return Kept(guard=Guard(allow=[LOOPBACK], resolver=never), proxy=url)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LedgerServer]:
    with playing([PAGE_OF]) as server:
        yield server


@pytest.fixture
def secure_site(tmp_path: Path) -> Iterator[LedgerServer]:
    authority = trustme.CA()
    with trusting(authority, tmp_path), playing([PAGE_OF], server_context(authority, SITE)) as server:
        yield server


@pytest.fixture(params=["asyncio", "uvloop"])
def loop(request: pytest.FixtureRequest) -> Loop:
    name: Loop = request.param
    return name


@pytest.fixture
def proxy(site: LedgerServer) -> Iterator[ProxyServer]:
    with proxying(site.port) as server:
        yield server


def fetch(url: str, recording: Kept, loop: Loop = "asyncio", **settings: object) -> Response | BaseException:
    (outcome,) = crawl([Request(url)], recording, loop, **settings).values()
    return outcome


def test_a_plain_proxy_gets_the_whole_url(site: LedgerServer, proxy: ProxyServer, loop: Loop) -> None:
    recording = recording_through(f"http://user:secret@127.0.0.1:{proxy.port}")

    outcome = fetch(f"http://{SITE}/page", recording, loop)

    assert isinstance(outcome, Response)
    assert outcome.body == PAGE
    (exchange,), (asked,) = recording.exchanges, proxy.asked
    assert asked.startswith(b"GET http://site.example/page HTTP/1.1\r\nHost: site.example\r\n")
    assert asked == exchange.request.head[:-2] + b"Proxy-Authorization: Basic dXNlcjpzZWNyZXQ=\r\n\r\n"
    assert (exchange.proxy, exchange.ip) == (f"http://127.0.0.1:{proxy.port}", None)
    assert "secret" not in repr(exchange)


@pytest.mark.parametrize("scheme", ["http", "socks5"])
def test_through_a_tunnel_the_site_receives_what_is_recorded(
    secure_site: LedgerServer, scheme: str, loop: Loop
) -> None:
    with proxying(secure_site.port, user=b"user" if scheme == "socks5" else b"", password=b"secret") as proxy:
        recording = recording_through(f"{scheme}://user:secret@127.0.0.1:{proxy.port}")

        outcome = fetch(f"https://{SITE}/page", recording, loop)

        assert isinstance(outcome, Response)
        assert outcome.body == PAGE
        (exchange,), (entry,) = recording.exchanges, secure_site.ledger
        assert exchange.request.head == entry.received
        assert exchange.tls is not None
        assert exchange.tls.verified
        assert exchange.proxy == f"{scheme}://127.0.0.1:{proxy.port}"
        assert b"site.example" in proxy.asked[0]
        if scheme == "http":
            assert b"\r\nProxy-Authorization: Basic dXNlcjpzZWNyZXQ=\r\n" in proxy.asked[0]


def test_socks_carries_plain_requests_too(site: LedgerServer, proxy: ProxyServer, loop: Loop) -> None:
    recording = recording_through(f"socks5://127.0.0.1:{proxy.port}")

    outcome = fetch(f"http://{SITE}/page", recording, loop)

    assert isinstance(outcome, Response)
    assert proxy.asked == [b"\x05\x01\x00\x03\x0csite.example\x00\x50"]
    assert site.ledger[-1].received == recording.exchanges[0].request.head


@pytest.mark.parametrize(
    ("scheme", "refusal", "why"),
    [
        ("http", b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n", "407"),
        ("http", b"HTTP/1.1 502 Bad Gateway\r\n\r\n", "502 Bad Gateway"),
        ("http", b"nonsense", "nonsense"),
        ("socks5", b"\x02", "a rule forbids it"),
        ("socks5", b"\x05", "the connection was refused"),
        ("socks5", b"\x63", "99"),
    ],
)
def test_a_proxy_that_refuses_is_recorded_as_a_failure(scheme: str, refusal: bytes, why: str, loop: Loop) -> None:
    with proxying(1, refusal=refusal) as proxy:
        recording = recording_through(f"{scheme}://127.0.0.1:{proxy.port}")

        outcome = fetch(f"https://{SITE}/page", recording, loop)

        assert type(outcome).__name__ == "DownloadFailedError"
        (exchange,) = recording.exchanges
        assert (exchange.request.head, exchange.response) == (b"", None)
        assert why in (exchange.error or "")


@pytest.mark.parametrize(("user", "password"), [("jörg", "pässword"), ("user", "")])
def test_socks_accepts_passwords_of_any_characters_and_no_password(
    site: LedgerServer, user: str, password: str
) -> None:
    with proxying(site.port, user=user.encode(), password=password.encode()) as proxy:
        recording = recording_through(f"socks5://{quote(user)}:{quote(password)}@127.0.0.1:{proxy.port}")

        assert isinstance(fetch(f"http://{SITE}/page", recording), Response)


def test_wrong_credentials_are_reported_without_showing_them() -> None:
    with proxying(1, user=b"user", password=b"right") as proxy:
        recording = recording_through(f"socks5://user:secret@127.0.0.1:{proxy.port}")

        fetch(f"http://{SITE}/page", recording)

        assert "wrong user or password" in (recording.exchanges[0].error or "")
        assert "secret" not in repr(recording.exchanges)


def test_the_proxy_of_a_request_overrides_that_of_the_source(site: LedgerServer, proxy: ProxyServer) -> None:
    recording = recording_through("http://127.0.0.1:1")
    url = f"http://{SITE}/page"
    request = Request(url, meta={"proxy": f"http://user:secret@127.0.0.1:{proxy.port}"})

    outcomes = crawl([request], recording, HTTPPROXY_ENABLED=True)

    assert isinstance(outcomes[url], Response)
    assert b"\r\nProxy-Authorization: Basic dXNlcjpzZWNyZXQ=\r\n" in proxy.asked[0]
    assert b"Proxy-Authorization" not in recording.exchanges[0].request.head


@pytest.mark.parametrize(("user", "password"), [("user", "se:cret"), ("usér", "ß")])
def test_credentials_that_scrapy_has_moved_into_a_header_open_a_socks_proxy(
    site: LedgerServer, user: str, password: str
) -> None:
    recording = Kept(guard=Guard(allow=[LOOPBACK]))

    with proxying(site.port, user=user.encode(), password=password.encode()) as proxy:
        url = f"socks5://{quote(user)}:{quote(password)}@127.0.0.1:{proxy.port}"
        request = Request(site.url(PAGE_OF), meta={"proxy": url})
        outcomes = crawl([request], recording, HTTPPROXY_ENABLED=True)

    assert isinstance(outcomes[request.url], Response), outcomes
    assert len(proxy.asked) == 1
    assert b"Proxy-Authorization" not in recording.exchanges[0].request.head


def test_a_request_may_bypass_the_proxy(site: LedgerServer) -> None:
    recording = Kept(guard=Guard(allow=[LOOPBACK]), proxy="http://127.0.0.1:1")

    outcomes = crawl([Request(site.url(PAGE_OF), meta={"proxy": None})], recording)

    assert isinstance(outcomes[site.url(PAGE_OF)], Response)
    assert recording.exchanges[0].proxy is None


def test_a_proxy_on_a_forbidden_address_is_not_connected_to(proxy: ProxyServer) -> None:
    recording = Kept(guard=Guard(), proxy=f"http://127.0.0.1:{proxy.port}")

    outcome = fetch(f"http://{SITE}/page", recording)

    assert type(outcome).__name__ == "AddressForbidden"
    assert proxy.asked == recording.exchanges == []


@pytest.mark.parametrize("host", ["10.0.0.1", "0x7f.2", "2852039166", "[::1]", "site.example:22"])
def test_a_target_that_spells_a_forbidden_address_is_not_requested(host: str, proxy: ProxyServer) -> None:
    recording = Kept(guard=Guard(allow=[ip_network("127.0.0.1/32")]), proxy=f"http://127.0.0.1:{proxy.port}")

    outcome = fetch(f"http://{host}/page", recording)

    assert type(outcome).__name__ == "AddressForbidden"
    assert proxy.asked == []


@pytest.mark.parametrize("url", ["https://127.0.0.1:1", "ftp://127.0.0.1"])
def test_an_unusable_proxy_fetches_nothing(url: str, site: LedgerServer) -> None:
    before = len(site.ledger)

    outcome = fetch(site.url(PAGE_OF), recording_through(url))

    assert type(outcome).__name__ == "NotSupported"
    assert len(site.ledger) == before
