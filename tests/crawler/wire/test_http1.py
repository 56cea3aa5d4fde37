"""Laws of the parser: it never raises, it never hangs, and the split of bytes into segments changes nothing."""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Iterable
from typing import Any, NamedTuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from wire.cases import CASES
from wire.ledger import Case
from wire.octets import answers, ends, methods, places

from crawler.wire.body import Body
from crawler.wire.http1 import Answer
from crawler.wire.recording import WireLimits

SMALL = WireLimits(head_bytes=400, header_count=6)
PAGE_BYTES = 300


class Reading(NamedTuple):
    """All results of reading an answer."""

    over: bool
    head: bytes
    status: int
    headers: object
    body: bytes
    chunked: bool
    trailers: bytes
    interim: tuple[bytes, ...]
    received: bytes
    truncated: str | None
    error: str | None


def read(
    segments: Iterable[bytes],
    *,
    method: str = "GET",
    limits: WireLimits = SMALL,
    most: int = PAGE_BYTES,
    end: str = "closed",
) -> Reading:
    body = Body(1 << 30)
    answer = Answer(method, limits, body, page_bytes=most)
    for segment in segments:
        answer.feed(segment)
    match end:
        case "closed":
            answer.end()
        case "reset":
            answer.end(reset=True)
        case "late":
            answer.cut("time", "too late")
    octets = body.release()
    assert isinstance(octets, bytes)
    assert len(octets) == body.length
    return Reading(
        answer.over,
        answer.head,
        answer.status,
        answer.headers,
        octets,
        answer.chunked,
        answer.trailers,
        tuple(answer.interim),
        answer.received,
        answer.truncated,
        answer.error,
    )


def as_they_came(octets: bytes, reading: Reading) -> list[bytes]:
    """Return what was read before the body: empty lines before the first head, the heads, and bytes in none of them."""
    skipped = re.match(rb"[\r\n]{0,4}", octets) if reading.head or reading.interim else None
    before = skipped[0] if skipped else b""
    assert reading.received.startswith(before)
    return [before, *reading.interim, reading.head, reading.received[len(before) :]]


def cut(octets: bytes, ends: Iterable[int]) -> list[bytes]:
    places = sorted({0, len(octets), *(end % (len(octets) + 1) for end in ends)})
    return [octets[begin:end] for begin, end in itertools.pairwise(places)]


@given(answers, methods, ends, places)
@example(
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", "GET", "closed", list(range(80))
)
def test_the_split_into_segments_changes_nothing(octets: bytes, method: str, end: str, at: list[int]) -> None:
    assert read([octets], method=method, end=end) == read(cut(octets, at), method=method, end=end)


@given(answers, methods, ends)
def test_one_byte_at_a_time_gives_the_same_as_all_at_once(octets: bytes, method: str, end: str) -> None:
    assert read([octets], method=method, end=end) == read(cut(octets, range(len(octets))), method=method, end=end)


@given(answers, methods, ends)
def test_an_answer_ends_and_every_byte_before_its_body_is_kept(octets: bytes, method: str, end: str) -> None:
    reading = read([octets], method=method, end=end)

    assert reading.over
    assert octets.startswith(b"".join(as_they_came(octets, reading)))
    assert not reading.head or re.fullmatch(rb"[\r\n]{0,4}", reading.received)
    assert len(reading.body) <= PAGE_BYTES
    assert len(b"".join(reading.interim) + reading.head + reading.received) <= SMALL.head_bytes


@given(answers, methods)
def test_bytes_without_framing_are_kept_unchanged(octets: bytes, method: str) -> None:
    reading = read([octets], method=method)

    if reading.head and not reading.chunked:
        before, *heads, _ = as_they_came(octets, reading)
        assert octets.startswith(before + b"".join(heads) + reading.body)


@given(answers, methods, st.binary(max_size=50))
def test_bytes_after_an_answer_do_not_change_it(octets: bytes, method: str, more: bytes) -> None:
    answer = Answer(method, SMALL, body := Body(1 << 30), page_bytes=PAGE_BYTES)
    if answer.feed(octets):
        before = (answer.head, answer.truncated, answer.error, body.length)
        answer.feed(more)
        answer.end(reset=True)
        answer.cut("time", "late")
        assert before == (answer.head, answer.truncated, answer.error, body.length)
        assert not (more and answer.reusable)


@given(st.binary(max_size=400), st.binary(min_size=1, max_size=20), places)
def test_decoded_chunks_equal_the_encoded_ones(body: bytes, sizes: bytes, at: list[int]) -> None:
    framed, begin = b"", 0
    while begin < len(body):
        size = 1 + sizes[begin % len(sizes)] % 90
        piece = body[begin : begin + size]
        framed += b"%X;x=y\r\n%b\r\n" % (len(piece), piece)
        begin += size
    octets = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + framed + b"0\r\nX-Sum: 1\r\n\r\n"

    reading = read(cut(octets, at), most=0)

    assert (body, b"X-Sum: 1\r\n", None) == (reading.body, reading.trailers, reading.error)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_case_reads_the_same_byte_by_byte(case: Case) -> None:
    octets = case.octets[:4000] if len(case.octets) < 600_000 else case.octets[:2000]

    at_once = read([octets], method=case.method, limits=WireLimits(), most=0)

    assert at_once == read(cut(octets, range(len(octets))), method=case.method, limits=WireLimits(), most=0)


HOSTILE = {
    "a head of spaces": b"HTTP/1.1 200 OK\r\nX-A:" + b" " * 500_000 + b"\r\n\r\n",
    "a head of folds": b"HTTP/1.1 200 OK\r\nX-A: 1\r\n" + b" \r\n" * 150_000 + b"\r\n",
    "a head of tabs and line ends": b"HTTP/1.1 200 OK\r\n" + b"\t \r\n" * 120_000 + b"X: 1\r\n\r\n",
    "100,000 fields": b"HTTP/1.1 200 OK\r\n" + b"a:\r\n" * 100_000 + b"\r\n",
    "30,000 heads of 1xx": b"HTTP/1.1 100\r\n\r\n" * 30_000 + b"HTTP/1.1 200\r\n\r\n",
    "a status line without end": b"HTTP/1.1 200 " + b"x" * 600_000,
    "a version without end": b"HTTP/" + b"1" * 600_000,
    "a length without end": b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 100_000 + b"\r\n\r\n",
    "chunks of one octet": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 100_000,
    "a chunk size without end": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"0" * 500_000,
    "an extension without end": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;" + b"x" * 500_000,
    "trailers without end": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + b"a: b\r\n" * 100_000,
    "spaces before a chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b" " * 500_000,
    "line ends only": b"\r\n" * 300_000,
}


@pytest.mark.parametrize("octets", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("size", [7, 65536, 1 << 20])
def test_hostile_answers_cost_only_linear_time(octets: bytes, size: int) -> None:
    began = time.process_time()

    reading = read([octets[at : at + size] for at in range(0, len(octets), size)], limits=WireLimits(), most=0)

    assert reading.over
    assert time.process_time() - began < 5


def fields_of(head: bytes) -> Any:
    return read([b"HTTP/1.1 200 OK\r\n" + head + b"\r\n"], method="HEAD", limits=WireLimits()).headers


@pytest.mark.parametrize(
    ("head", "fields"),
    [
        (b"X-A: 1\r\nx-a:2\r\n", ((b"X-A", b"1"), (b"x-a", b"2"))),
        (b"X-A: one\r\n two  \r\n\tthree\r\nB: 1\r\n", ((b"X-A", b"one two three"), (b"B", b"1"))),
        (b"X-A : 1\r\nX-B\t:\t2 \r\n", ((b"X-A", b"1"), (b"X-B", b"2"))),
        (b"no colon\r\n: no name\r\nX-A: 1\r\n", ((b"X-A", b"1"),)),
        (b" a fold of nothing\r\nX-A: 1\r\n", ((b"X-A", b"1"),)),
        (b"X-A: a:b: c\r\nX-B:\r\n", ((b"X-A", b"a:b: c"), (b"X-B", b""))),
        (b"X-A: caf\xe9\x00\r\n", ((b"X-A", b"caf\xe9\x00"),)),
        (b"X-A: 1\nX-B: 2\n", ((b"X-A", b"1"), (b"X-B", b"2"))),
    ],
)
def test_fields_are_read_as_browsers_read_them(head: bytes, fields: object) -> None:
    assert fields_of(head) == fields


@pytest.mark.parametrize("before", [b"\r\n", b"\n", b"\r\n\r\n", b"\n\n\n\n"])
@pytest.mark.parametrize("interim", [b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"])
@pytest.mark.parametrize("step", [1, 2, 3, 1000])
def test_up_to_four_bytes_of_empty_lines_before_the_first_head_are_skipped_and_kept(
    before: bytes, interim: bytes, step: int
) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
    octets = before + interim + head + b"ok"

    got = read(octets[at : at + step] for at in range(0, len(octets), step))

    assert (got.status, got.head, got.body, got.received) == (200, head, b"ok", before)
    assert (got.interim, got.truncated, got.error) == ((interim,) if interim else (), None, None)


def test_more_empty_lines_do_not_begin_an_answer() -> None:
    octets = b"\r\n\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"

    got = read([octets])

    assert (got.status, got.head, got.received) == (0, b"", octets)


HTTP2 = bytes.fromhex("000012040000000000000300000080000400010000000500ffffff") + b"\x00\x00\x08\x07\x00" + bytes(12)
"""SETTINGS and GOAWAY, as a server that speaks only HTTP/2 sends them (RFC 9113, 6.5 and 6.8)."""


@pytest.mark.parametrize("step", [1, 9, 1000])
@pytest.mark.parametrize("end", ["closed", "reset", "late"])
def test_a_server_that_speaks_only_http2_is_recognised_without_waiting(step: int, end: str) -> None:
    got = read((HTTP2[at : at + step] for at in range(0, len(HTTP2), step)), end=end)

    assert got.error == "the server accepts only HTTP/2, but Pressmark asks in HTTP/1.1, so it can't archive this page"
    assert (got.status, got.head) == (0, b"")
    assert HTTP2.startswith(got.received) and len(got.received) >= 9


def test_an_answer_that_only_begins_like_a_frame_is_not_http2() -> None:
    got = read([b"\x00\x00\x12\x05\x00\x00\x00\x00\x00"])

    assert got.error and got.error.startswith("the response has no status line; it begins with ")
