"""Mail addresses that Cloudflare hides from programs."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from extractor.html.page import Page
from extractor.values.mail_addresses import revealed

ADDRESS = st.from_regex(r"[a-z0-9.+-]{1,20}@[a-z0-9-]{1,20}\.[a-z]{2,6}", fullmatch=True)


def hidden(address: str, key: int) -> str:
    return bytes([key, *(octet ^ key for octet in address.encode())]).hex()


def said(markup: str) -> str:
    body = Page("https://a.example/", f"<body>{markup}".encode()).tree.body
    assert body is not None
    return body.text()


@given(ADDRESS, st.integers(0, 255))
def test_an_address_is_decoded(address: str, key: int) -> None:
    assert revealed(hidden(address, key)) == address


def test_the_address_is_at_its_visible_place() -> None:
    link = '<a href="/cdn-cgi/l/email-protection" class="__cf_email__" data-cfemail="{}">[email&#160;protected]</a>'

    assert said(f"Write to {link.format(hidden('ada@quist.example', 77))} soon.") == "Write to ada@quist.example soon."


@given(st.one_of(st.text(max_size=40), st.binary(max_size=40).map(bytes.hex)))
def test_an_invalid_address_stays_unchanged(value: str) -> None:
    found = revealed(value)

    assert found is None or (
        "@" in found and hidden(found, int(value.strip()[:2], 16)) in value.lower().replace(" ", "")
    )
    if found is None and value.isalnum() and value.isascii():
        assert said(f'<span data-cfemail="{value}">[protected]</span>') == "[protected]"
