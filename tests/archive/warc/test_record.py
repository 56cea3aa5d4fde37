"""Records of any origin are read completely, or not at all."""

from __future__ import annotations

import gzip
import io
import zlib
from datetime import UTC, datetime

import pytest
from isal import isal_zlib

from archive.values.timestamps import parse_date
from archive.warc.record import IN_MEMORY, Damage, read, record_at


def plain(block: bytes = b"x", *, kind: str = "response", http: bool = False, length: int | None = None) -> bytes:
    content_type = "application/http; msgtype=response" if http else "text/plain"
    said = len(block) if length is None else length
    head = (
        f"WARC/1.0\r\nwarc-type: {kind}\r\nWARC-Record-ID: <urn:x:1>\r\nWARC-Date: 2020-01-02T03:04:05Z\r\n"
        f"WARC-Target-URI: <http://example.org/>\r\nContent-Type: {content_type}\r\nX-Fold: a\r\n  b\r\n"
        f"Content-Length: {said}\r\n\r\n"
    )
    return head.encode() + block + b"\r\n\r\n"


def damage_of(octets: bytes) -> Damage:
    with pytest.raises(Damage) as caught:
        list(read(io.BytesIO(octets)))
    return caught.value


@pytest.mark.parametrize("packed", [False, True])
def test_foreign_records_are_read_compressed_or_not(packed: bool) -> None:
    octets = [gzip.compress(plain(block)) if packed else plain(block) for block in (b"one", b"", b"three")]

    got = [(record.offset, record.length, record.block, record.url) for record in read(io.BytesIO(b"".join(octets)))]

    ends = [0, len(octets[0]), len(octets[0]) + len(octets[1])]
    url = "http://example.org/"
    assert got == [
        (end, len(part), block, url) for end, part, block in zip(ends, octets, [b"one", b"", b"three"], strict=True)
    ]


def test_names_are_read_in_any_case_and_folds_are_joined() -> None:
    record = record_at(io.BytesIO(plain()))

    assert (record.type, record.header("x-fold")) == ("response", "a b")


def test_reading_begins_at_the_position_of_the_file() -> None:
    file = io.BytesIO(b"1234567" + gzip.compress(plain(b"two")))
    file.seek(7)

    assert record_at(file, offset=7).offset == 7


def test_a_long_block_is_a_file_until_the_next_record_is_read() -> None:
    octets = b"HTTP/1.1 200 OK\r\n\r\n" + b"z" * IN_MEMORY
    seen = []
    for record in read(io.BytesIO(gzip.compress(plain(octets, http=True)) + gzip.compress(plain(b"next")))):
        seen.append(record)
        assert record.raw_payload().read(1) in {b"z", b"n"}

    assert not isinstance(seen[0].block, bytes)
    assert seen[0].block.closed
    assert seen[0].payload_length == IN_MEMORY


@pytest.mark.parametrize(
    ("body", "payload"),
    [
        (b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n", b"abcde"),
        (b"not chunked at all", b"not chunked at all"),
        (b"5\r\nabc\r\n0\r\n\r\n", b"5\r\nabc\r\n0\r\n\r\n"),
        (b"", b""),
    ],
)
def test_chunked_framing_in_foreign_records_is_removed(body: bytes, payload: bytes) -> None:
    block = b"HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n" + body

    with record_at(io.BytesIO(plain(block, http=True))) as record, record.payload() as got:
        assert got.read() == payload


def test_a_cut_damage_and_garbage_are_distinguished() -> None:
    member = gzip.compress(plain(bytes(range(256))))
    flipped = bytearray(member)
    flipped[-6] ^= 1

    assert damage_of(member[:-1]).kind == "torn"
    assert damage_of(bytes(flipped)).kind == "gzip"
    assert damage_of(member + b"\x00" * 512).kind == "garbage"
    assert damage_of(member + b"\x00" * 512).offset == len(member)


@pytest.mark.parametrize(
    ("octets", "kind"),
    [
        (plain(b"abc", length=4), "length"),
        (plain(b"abc", length=9), "length"),
        (plain(b"abc", length=2), "length"),
        (plain(b"a" * 50, length=2 * IN_MEMORY), "length"),
        (plain(b"abc") + plain(b"def"), "whole-file-gzip"),
        (b"WARC/1.1\r\nWARC-Type: x\r\n", "head"),
        (b"WARC/1.1\r\nContent-Length: -3\r\n\r\n", "head"),
        (b"HTTP/1.1 200 OK\r\n\r\n", "head"),
        (b"", "head"),
    ],
)
def test_the_defect_inside_a_member_is_named(octets: bytes, kind: str) -> None:
    assert damage_of(gzip.compress(octets)).kind == kind


@pytest.mark.parametrize("bit", range(80))
def test_a_bit_that_flips_in_the_header_of_a_member_is_accepted_only_where_zlib_accepts_it(bit: int) -> None:
    member = bytearray(isal_zlib.compress(plain(b"page " * 99), wbits=31))
    member[bit // 8] ^= 1 << bit % 8

    assert is_read(bytes(member)) == is_unpacked_by_zlib(bytes(member))


def is_read(member: bytes) -> bool:
    try:
        return len([record.length for record in read(io.BytesIO(member))]) == 1
    except Damage:
        return False


def is_unpacked_by_zlib(member: bytes) -> bool:
    zlibs = zlib.decompressobj(31)
    try:
        zlibs.decompress(member)
    except zlib.error:
        return False
    return zlibs.eof


def test_a_bomb_is_not_unpacked_beyond_its_stated_length() -> None:
    bomb = isal_zlib.compress(plain(b"a", length=1)[:-4] + b"\0" * (64 << 20), 2, 31)

    assert damage_of(bomb).kind == "length"


def test_an_empty_file_has_no_records() -> None:
    assert list(read(io.BytesIO(b""))) == []
    with pytest.raises(Damage, match="the file ends here"):
        record_at(io.BytesIO(b""))


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-11-24T06:30:00.123456Z", datetime(2026, 11, 24, 6, 30, 0, 123456, tzinfo=UTC)),
        ("2026-11-24T06:30:00.123456789Z", datetime(2026, 11, 24, 6, 30, 0, 123456, tzinfo=UTC)),
        ("2026-11-24T06:30:00.5Z", datetime(2026, 11, 24, 6, 30, 0, 500000, tzinfo=UTC)),
        ("2026-11-24T06:30Z", datetime(2026, 11, 24, 6, 30, tzinfo=UTC)),
        ("2026-11", datetime(2026, 11, 1, tzinfo=UTC)),
        ("2026", datetime(2026, 1, 1, tzinfo=UTC)),
        ("2016-12-31T23:59:60Z", datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("2024-03-01T00:30:00+02:00", datetime(2024, 2, 29, 22, 30, tzinfo=UTC)),
        ("2024-02-29T22:30:00.5-0230", datetime(2024, 3, 1, 1, 0, 0, 500000, tzinfo=UTC)),
        ("0001-01-01T00:00:00+01:00", None),
        ("2024-03-01T00:30:00+99:00", None),
        ("2024-03-01T00:30:00+02:75", None),
        ("2016-12-31T23:59:61Z", None),
        ("2026-13-01T00:00:00Z", None),
        ("yesterday", None),
    ],
)
def test_a_date_may_have_any_precision(text: str, at: datetime | None) -> None:
    assert parse_date(text) == at
