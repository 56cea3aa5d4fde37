"""For any compression and any piece boundaries, the records equal those of a simple, slow reader."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator

from conftest import LONG
from hypothesis import example, given, settings
from hypothesis import strategies as st

from archive.warc.record import Fields, read
from archive.warc.record_head import RecordHead

Plain = tuple[int, int, Fields, bytes]
"""Offset, length, fields and block of a record."""

ASKED = ("warc-type", "warc-record-id", "warc-target-uri", "content-type", "content-length", "x-odd")


def packed(fields: Fields, block: bytes, level: int) -> bytes:
    lines = ["WARC/1.1", *(f"{name}:{value}" for name, value in fields), f"Content-Length: {len(block)}"]
    gzip = zlib.compressobj(level, zlib.DEFLATED, 31)
    return gzip.compress("\r\n".join(lines).encode() + b"\r\n\r\n" + block + b"\r\n\r\n") + gzip.flush()


def plainly(octets: bytes) -> Iterator[Plain]:
    offset = 0
    while offset < len(octets):
        member = zlib.decompressobj(31)
        head, _, rest = member.decompress(octets[offset:]).partition(b"\r\n\r\n")
        length = len(octets) - offset - len(member.unused_data)
        yield offset, length, fields_of(head), rest[:-4]
        offset += length


def fields_of(head: bytes) -> Fields:
    """Parse fields line by line; a fold becomes one space."""
    lines = re.sub(r"\r\n[ \t]+", " ", head.decode(errors="replace")).split("\r\n")[1:]
    return tuple((line.partition(":")[0], line.partition(":")[2].strip()) for line in lines)


names = st.sampled_from(
    ["WARC-Type", "warc-type", "WARC-Record-ID", "WARC-Target-URI", "CONTENT-TYPE", "X-Odd", "İ", "ſ"]
)
values = st.text(st.sampled_from("ab :<>\r\n\t\xa0é\x00İſK"), max_size=12).map(
    lambda text: re.sub(r"\n(?=[^ \t]|\Z)", "", text).replace("\r\n\r\n", "")
)
heads = st.lists(st.tuples(names, values.map(lambda text: " " + text)), max_size=8).map(tuple)
sizes = st.integers(0, 200) | st.sampled_from([2047, 2048, 2049, 6143, 32_767, 32_768, 40_000, 100_000])


def noise(size: int, seed: int) -> bytes:
    return zlib.crc32(bytes([seed])).to_bytes(4, "big") * (size // 4) + b"." * (size % 4)


blocks = st.builds(noise, sizes, st.integers(0, 255))


@settings(max_examples=2_000 if LONG else 60)
@given(st.lists(st.tuples(heads, blocks, st.sampled_from([0, 1, 9])), min_size=1, max_size=5))
@example([((), bytes(range(256)) * n, 0) for n in (7, 8, 100, 127, 128, 129)])
def test_records_equal_those_of_a_simple_reader(made: list[tuple[Fields, bytes, int]]) -> None:
    octets = b"".join(packed(*record) for record in made)

    got = [(record.offset, record.length, record.headers, record.block) for record in read(io.BytesIO(octets))]

    assert got == list(plainly(octets))


@settings(max_examples=5_000 if LONG else 200)
@given(heads)
@example((("X-Odd", " a\r b"), ("X-Odd", " c")))
@example((("X-Odd", " a\r\n  X-Odd: b"), ("x-odd", "")))
def test_a_lookup_returns_the_first_field_of_that_name(fields: Fields) -> None:
    octets = "\r\n".join(["WARC/1.1", *(f"{name}:{value}" for name, value in fields)]).encode()
    first = {name.lower(): value for name, value in reversed(fields_of(octets)) if name.isascii()}

    head = RecordHead(octets)

    assert head.fields() == fields_of(octets)
    assert {name: head.first(name) for name in ASKED} == {name: first.get(name) for name in ASKED}


def test_a_head_of_folds_alone_is_read_as_fast_as_any_other() -> None:
    head = RecordHead(b"WARC/1.1\r\nX-Odd: a" + b"\r\n b" * 200_000)

    assert len(head.first("x-odd") or "") == 400_001
