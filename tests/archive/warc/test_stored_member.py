"""A body that the server compressed is stored as it came, in a gzip member that every reader understands."""

from __future__ import annotations

import gzip
import io
import os
import zlib
from dataclasses import replace

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st
from specimens.exchanges import context, numbered

from archive.warc.exchange_records import records
from archive.warc.http_head import headers_of
from archive.warc.integrity.verify import flaws
from archive.warc.record import Record, record_at
from archive.warc.stored_member import StoredMember

TEXT = b"<html>" + b"<p>words and words</p>" * 400
NOISE = os.urandom(5_000)


def member(head: bytes, pieces: list[bytes]) -> bytes:
    out = list[bytes]()
    made = StoredMember(out.append, head, 2)
    for piece in (b"WARC/1.1\r\n\r\n", head, *pieces):
        made.write(piece)
    made.flush()
    assert made.size == len(b"".join(out))
    return b"".join(out)


@given(st.binary(max_size=300), st.lists(st.binary(max_size=40)))
def test_a_member_has_what_was_written(head: bytes, pieces: list[bytes]) -> None:
    octets = member(head, pieces)

    whole = zlib.decompressobj(31)
    assert whole.decompress(octets) == b"WARC/1.1\r\n\r\n" + head + b"".join(pieces)
    assert (whole.eof, whole.unused_data) == (True, b"")


@pytest.mark.parametrize("size", [0, 1, 65_534, 65_535, 65_536, 131_070, 131_071, 1_000_000])
def test_a_body_of_any_length_fits(size: int) -> None:
    body = os.urandom(size)

    octets = member(b"HTTP/1.1 200 OK\r\n\r\n", [body[at : at + 16_384] for at in range(0, size, 16_384)])

    assert gzip.decompress(octets).endswith(body)
    assert len(octets) < size + 100 + 5 * (size // 65_535)


def test_a_damaged_byte_is_noticed() -> None:
    octets = bytearray(member(b"HTTP/1.1 200 OK\r\n\r\n", [NOISE]))
    octets[-100] ^= 1

    with pytest.raises(gzip.BadGzipFile):
        gzip.decompress(octets)


def written(coding: bytes, body: bytes) -> tuple[Record, bytes]:
    """Return the record of a response with that Content-Encoding, and its bytes in the file."""
    exchange, file = numbered(1), io.BytesIO()
    assert exchange.response
    head = b"HTTP/1.1 200 OK\r\n" + coding + b"\r\n\r\n"
    response = replace(exchange.response, head=head, headers=headers_of(head), body=body, length=len(body))
    length = records(replace(exchange, response=response), context(), file.write).length
    file.seek(0)
    return record_at(file), file.getvalue()[:length]


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        (b"Content-Encoding: gzip", gzip.compress(NOISE)),
        (b"content-encoding:  X-GZIP ", gzip.compress(NOISE)),
        (b"Content-Encoding: zstd", zstandard.compress(NOISE)),
        (b"Content-Encoding: br", NOISE),
    ],
)
def test_a_compressed_body_stands_in_the_file_as_it_came(coding: bytes, body: bytes) -> None:
    record, octets = written(coding, body)

    assert body in octets
    assert isinstance(record.block, bytes) and record.block.endswith(body)
    assert list(flaws(record)) == []


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        (b"Content-Encoding: gzip", TEXT),
        (b"Content-Encoding: zstd", TEXT),
        (b"Content-Encoding: gzip, gzip", TEXT),
        (b"Content-Encoding: gzip\r\nContent-Encoding: br", TEXT),
        (b"Content-Encoding: identity", TEXT),
        (b"Content-Type: text/html", TEXT),
    ],
)
def test_a_body_that_is_plain_whatever_the_server_says_is_compressed(coding: bytes, body: bytes) -> None:
    record, octets = written(coding, body)

    assert len(octets) < len(body) // 4
    assert isinstance(record.block, bytes) and record.block.endswith(body)
    assert list(flaws(record)) == []
