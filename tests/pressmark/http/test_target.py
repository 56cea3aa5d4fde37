from __future__ import annotations

from urllib.parse import quote, unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressmark.http.target import address_of, target
from pressmark.views.links import SAFE, link

BEFORE = b"/api/v1/snapshots/2026/json/"


def read(rest: bytes, query: bytes = b"") -> str:
    return target(BEFORE + rest, query, before=5)


@pytest.mark.parametrize(
    ("rest", "query", "url"),
    [
        (b"https://example.org/a/b", b"", "https://example.org/a/b"),
        (b"https://example.org/a", b"x=1&y=%202", "https://example.org/a?x=1&y=%202"),
        (b"https%3A//example.org/a%3Fx%3D1", b"", "https://example.org/a?x=1"),
        (b"https%3A%2F%2Fexample.org%2Fa%2520b", b"", "https://example.org/a%20b"),
        (b"https:/example.org/a", b"", "https://example.org/a"),
        (b"example.org/a", b"", "http://example.org/a"),
        (b"example.org:8080/a", b"", "http://example.org:8080/a"),
        (b"https://example.org/a%20b", b"", "https://example.org/a%20b"),
        (b"https://example.org/http://other.org/", b"", "https://example.org/http://other.org/"),
        (b"https://example.org//a", b"", "https://example.org//a"),
        ("https://example.org/量子".encode(), b"", "https://example.org/量子"),
        (b"https://example.org/\xff", b"", "https://example.org/%FF"),
        (b"", b"", ""),
    ],
)
def test_everything_after_the_view_is_the_url(rest: bytes, query: bytes, url: str) -> None:
    assert read(rest, query) == url


urls = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="#?"), max_size=60).map(
    lambda path: f"https://example.org/{path}"
)


@given(urls)
def test_a_link_leads_to_the_url_that_it_was_made_from(url: str) -> None:
    assert read(link(url).encode()) == quote(url, safe=SAFE)


@given(urls)
def test_a_url_encoded_whole_is_decoded_once(url: str) -> None:
    assert read(quote(url, safe="").encode()) == url


@given(st.binary().filter(lambda raw: b"?" not in raw and b"#" not in raw), st.binary())
def test_the_address_of_a_request_leads_to_the_same_page_again(rest: bytes, query: bytes) -> None:
    address = address_of({"raw_path": b"/" + rest, "path": "/", "query_string": query})
    path, _, asked = address.partition("?")

    assert address.isascii() and address.isprintable()
    assert unquote_to_bytes(path) == unquote_to_bytes(b"/" + rest)
    assert unquote_to_bytes(asked) == unquote_to_bytes(query)
