"""The bytes of a request as sent over the wire."""

from __future__ import annotations

import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy import Request
from scrapy.exceptions import NotSupported

from crawler.wire.outgoing import outgoing
from crawler.wire.proxy import Proxy, proxy_of


def verbatim(url: str, **more: Any) -> Request:
    """Return a request whose URL Scrapy leaves unchanged."""
    return Request(url, meta={"verbatim_url": True}, **more)


def test_a_request_is_a_line_a_host_and_its_fields_in_order() -> None:
    asked = outgoing(Request("http://example.org/a?b=1", headers={"User-Agent": "pressmark", "Accept": "text/html"}))

    assert asked.data == (
        b"GET /a?b=1 HTTP/1.1\r\nHost: example.org\r\nUser-Agent: pressmark\r\nAccept: text/html\r\n"
        b"Accept-Encoding: gzip, deflate, br\r\n\r\n"
    )


@pytest.mark.parametrize(
    ("url", "target", "host", "port"),
    [
        ("http://example.org", b"/", b"example.org", 80),
        ("http://example.org?a=1", b"/?a=1", b"example.org", 80),
        ("HTTP://Example.ORG/A", b"/A", b"example.org", 80),
        ("https://example.org:443/a;b?c", b"/a;b?c", b"example.org", 443),
        ("https://example.org:8443/", b"/", b"example.org:8443", 8443),
        ("http://[::1]:8080/a", b"/a", b"[::1]:8080", 8080),
        ("http://example.org:/a", b"/a", b"example.org", 80),
        ("http://example.org/a//b/../c?d=http://x/?y", b"/a//b/../c?d=http://x/?y", b"example.org", 80),
        ("http://user:secret@example.org/a#part", b"/a", b"example.org", 80),
        ("http://a@b@example.org/", b"/", b"example.org", 80),
        ("http://xn--caf-dma.example/%C3%A9", b"/%C3%A9", b"xn--caf-dma.example", 80),
    ],
)
def test_the_target_and_the_host_are_those_of_the_url(url: str, target: bytes, host: bytes, port: int) -> None:
    asked = outgoing(verbatim(url))

    line, field = asked.head.split(b"\r\n")[:2]
    assert (line, field) == (b"GET %b HTTP/1.1" % target, b"Host: " + host)
    assert asked.route.port == port


def test_userinfo_and_fragment_are_neither_sent_nor_archived() -> None:
    asked = outgoing(verbatim("http://user:secret@example.org/a?b#part"))

    assert asked.url == "http://example.org/a?b"
    assert b"secret" not in asked.data


@pytest.mark.parametrize(
    "url",
    [
        "http:///a",
        "http://",
        "http://:80/",
        "http://ex.com\\@evil.example/",
        "http://ex ample.org/",
        "http://example.org/a b",
        "http://example.org/a\r\nX-Evil: 1",
        "http://example.org\r\nX-Evil: 1/",
        "http://example.org/\x00",
        "http://example.org/caf\xe9",
        "http://caf\xe9.example/",
        "http://example.org:99999/",
        "http://example.org:0/",
        "http://example.org:80a/",
        "http://[::1/",
        "http://[::1]x/",
        "http://" + "a" * 254 + "/",
        "ftp://example.org/",
    ],
)
def test_requests_that_can_not_be_sent_are_not_supported(url: str) -> None:
    with pytest.raises(NotSupported):
        outgoing(verbatim(url))


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\nb", "a\rb", "\r\n\r\nGET /evil HTTP/1.1"])
def test_a_field_can_not_smuggle_another_one(value: str) -> None:
    with pytest.raises(NotSupported):
        outgoing(Request("http://example.org/", headers={"X-A": value}))


@pytest.mark.parametrize(
    ("given_", "sent"),
    [
        ("gzip, deflate, br, zstd", b"gzip, deflate, br"),
        ("zstd", b"gzip, deflate, br"),
        ("identity", b"identity"),
        ("gzip", b"gzip"),
        (None, b"gzip, deflate, br"),
    ],
)
def test_zstd_is_never_requested(given_: str | None, sent: bytes) -> None:
    asked = outgoing(Request("http://example.org/", headers={"Accept-Encoding": given_} if given_ else None))

    assert [b"Accept-Encoding: " + sent] == [line for line in asked.head.split(b"\r\n") if b"Encoding" in line]


def test_a_body_has_a_length() -> None:
    assert b"Content-Length: 3\r\n" in outgoing(Request("http://example.org/", method="POST", body=b"abc")).head
    assert b"Content-Length: 0\r\n" in outgoing(Request("http://example.org/", method="POST")).head
    assert b"Content-Length" not in outgoing(Request("http://example.org/")).head


def test_an_http_proxy_gets_the_whole_url() -> None:
    proxy = proxy_of("http://user:secret@proxy.example:3128")

    asked = outgoing(verbatim("http://example.org:8080/a?b#c"), proxy)

    assert asked.data.startswith(b"GET http://example.org:8080/a?b HTTP/1.1\r\nHost: example.org:8080\r\n")
    assert b"\r\nProxy-Authorization: Basic dXNlcjpzZWNyZXQ=\r\n\r\n" in asked.data


def test_the_credentials_of_a_proxy_are_not_archived() -> None:
    proxy = proxy_of("http://user:secret@proxy.example:3128")
    request = Request("http://example.org/", headers={"Proxy-Authorization": "Basic dXNlcjpzZWNyZXQ="})

    for asked in (outgoing(request, proxy), outgoing(request)):
        assert b"Proxy-Authorization" not in asked.head
    assert "secret" not in repr(proxy) + str(proxy)


@pytest.mark.parametrize("scheme", ["https", "http"])
def test_through_a_tunnel_the_target_is_a_path(scheme: str) -> None:
    proxy = proxy_of("socks5://user:secret@proxy.example" if scheme == "http" else "http://user:secret@proxy.example")

    asked = outgoing(Request(f"{scheme}://example.org/a"), proxy)

    assert asked.data == asked.head
    assert asked.head.startswith(b"GET /a HTTP/1.1\r\n")


@pytest.mark.parametrize(
    ("url", "proxy"),
    [
        ("http://proxy.example:3128", Proxy("http", "proxy.example", 3128)),
        ("proxy.example:3128", Proxy("http", "proxy.example", 3128)),
        ("http://proxy.example", Proxy("http", "proxy.example", 80)),
        ("socks5://proxy.example", Proxy("socks5", "proxy.example", 1080)),
        ("socks5h://a:b%40c@[::1]:9", Proxy("socks5", "::1", 9, "a", "b@c")),
    ],
)
def test_a_proxy_is_parsed_from_its_url(url: str, proxy: Proxy) -> None:
    assert proxy_of(url) == proxy


@pytest.mark.parametrize(
    "url", ["https://proxy.example", "http://", "ftp://x", "http://x:99999", "socks5://u:" + "p" * 256 + "@x"]
)
def test_an_invalid_proxy_url_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(ValueError) as refused:
        proxy_of(url)

    assert "ppp" not in str(refused.value)


@given(st.text(string.printable, max_size=30), st.text(max_size=30))
def test_any_url_sends_one_request_or_none(host: str, path: str) -> None:
    try:
        asked = outgoing(verbatim(f"http://{host}/{path}"))
    except NotSupported:
        return
    assert asked.head.count(b"\r\n\r\n") == 1
    assert asked.head.endswith(b"\r\n\r\n")
    assert asked.head.count(b"\nHost: ") == 1
