"""Stored HTTP heads fit the stored body, and are otherwise unchanged."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from specimens.exchanges import heads, heads_as_received

from archive.warc.http_head import as_stored, headers_of, redacted, status_of

START = b"HTTP/1.1 200 OK\r\n"


@given(st.data(), st.integers(0, 30), st.booleans())
def test_the_received_head_can_be_restored_from_the_stored_one(
    data: st.DataObject, length: int, bodiless: bool
) -> None:
    head = data.draw(heads(length))

    assert head in heads_as_received(as_stored(head, length, bodiless=bodiless))


@given(st.data(), st.integers(0, 30), st.booleans())
def test_a_stored_head_fits_the_stored_body(data: st.DataObject, length: int, bodiless: bool) -> None:
    head = data.draw(heads(length))

    fields = [(name.lower(), value) for name, value in headers_of(as_stored(head, length, bodiless=bodiless))]

    assert b"transfer-encoding" not in {name for name, _ in fields}
    lengths = {part.strip() for name, value in fields if name == b"content-length" for part in value.split(b",")}
    assert bodiless or lengths <= {b"%d" % length}


@given(st.data(), st.integers(0, 30))
def test_storing_a_stored_head_changes_nothing(data: st.DataObject, length: int) -> None:
    once = as_stored(data.draw(heads(length)), length)

    assert as_stored(once, length) == once


@pytest.mark.parametrize(
    ("came", "stored"),
    [
        (b"Content-Length: 5\r\nX: y\r\n", b"Content-Length: 5\r\nX: y\r\n"),
        (b"X: y\r\n", b"X: y\r\n"),
        (
            b"Transfer-Encoding: chunked\r\nX: y\r\n",
            b"X-Archive-Orig-Transfer-Encoding: chunked\r\nX: y\r\nContent-Length: 5\r\n",
        ),
        (
            b"content-length: 7\r\nTRANSFER-encoding : Chunked\r\n",
            b"X-Archive-Orig-content-length: 7\r\nX-Archive-Orig-TRANSFER-encoding : Chunked\r\nContent-Length: 5\r\n",
        ),
        (
            b"Content-Length: 5\r\nContent-Length: 6\r\n",
            b"Content-Length: 5\r\nX-Archive-Orig-Content-Length: 6\r\n",
        ),
        (
            b"Transfer-Encoding:\r\n chunked\r\nX: y\r\n z\r\n",
            b"X-Archive-Orig-Transfer-Encoding:\r\n chunked\r\nX: y\r\n z\r\nContent-Length: 5\r\n",
        ),
        (b"X-Content-Length: 9\r\nNo-Transfer-Encoding: a\r\n", b"X-Content-Length: 9\r\nNo-Transfer-Encoding: a\r\n"),
    ],
)
def test_only_a_wrong_line_is_renamed(came: bytes, stored: bytes) -> None:
    assert as_stored(START + came + b"\r\n", 5) == START + stored + b"\r\n"


def test_a_response_without_a_body_may_have_a_content_length() -> None:
    head = START + b"Content-Length: 1234\r\n\r\n"

    assert as_stored(head, 0, bodiless=True) == head


def test_the_added_field_is_before_an_empty_line_of_any_kind() -> None:
    assert as_stored(b"HTTP/1.1 200\nTransfer-Encoding: chunked\n\n", 3).endswith(b"chunked\nContent-Length: 3\r\n\n")


@pytest.mark.parametrize(
    "secret",
    [b"Cookie: a=s3cret; b=s3cret", b"authorization:Basic s3cret", b"PROXY-Authorization : x\r\n s3cret\r\n\ts3cret"],
)
def test_credentials_are_redacted(secret: bytes) -> None:
    head = b"GET / HTTP/1.1\r\nHost: a\r\n" + secret + b"\r\nX: y\r\n\r\n"

    kept = redacted(head)

    assert b"s3cret" not in kept
    assert kept.startswith(b"GET / HTTP/1.1\r\nHost: a\r\n")
    assert kept.endswith(b"[redacted]\r\nX: y\r\n\r\n")


def test_other_fields_are_kept() -> None:
    head = b"GET / HTTP/1.1\r\nSet-Cookie: a\r\nX-Authorization: b\r\nCookies: c\r\n\r\n"

    assert redacted(head) == head


def test_folds_become_one_space_and_lines_without_a_colon_are_skipped() -> None:
    head = START + b"A:  b\r\n \t c \r\nnot a field\r\nD : e\xff\r\n\r\n"

    assert headers_of(head) == ((b"A", b"b c"), (b"D", b"e\xff"))


@pytest.mark.parametrize(
    ("line", "status"), [(START, 200), (b"HTTP/1.0  404", 404), (b"ICY 200 OK", None), (b"", None)]
)
def test_the_status_is_read_from_the_first_line(line: bytes, status: int | None) -> None:
    assert status_of(line) == status
