"""A compressed index is read completely or by members, and damage is an error."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.values.errors import DamagedRecord
from archive.warc.cdxj_members import LINES, compress, plain

INDEX = b"".join(b"org,example)/%06d 2026 {}\n" % number for number in range(2 * LINES + 5))


@given(st.lists(st.from_regex(rb"[a-z]{1,9} 2026 \{\}\n", fullmatch=True)))
def test_an_index_is_read_as_it_was_compressed(lines: list[bytes]) -> None:
    assert plain(compress(b"".join(lines))) == b"".join(lines)


def test_an_uncompressed_index_is_read_unchanged() -> None:
    assert plain(INDEX) == INDEX
    assert plain(b"") == b""


def test_each_member_can_be_read_alone() -> None:
    members, rest = list[bytes](), compress(INDEX)
    while rest:
        reader = zlib.decompressobj(31)
        members.append(reader.decompress(rest))
        rest = reader.unused_data

    assert [member.count(b"\n") for member in members] == [LINES, LINES, 5]
    assert b"".join(members) == INDEX


def test_the_same_lines_give_the_same_bytes_and_take_a_fifth_of_the_space() -> None:
    assert compress(INDEX) == compress(INDEX)
    assert len(compress(INDEX)) < len(INDEX) / 5


@pytest.mark.parametrize(
    "damaged", [compress(INDEX)[:-9], compress(INDEX)[:99] + b"x" + compress(INDEX)[100:], b"\x1f\x8b"]
)
def test_a_damaged_index_is_an_error(damaged: bytes) -> None:
    with pytest.raises(DamagedRecord, match="a compressed CDXJ file"):
        plain(damaged)


def test_other_programs_read_a_compressed_index() -> None:
    assert gzip.decompress(compress(INDEX)) == INDEX


def test_a_short_index_takes_little_memory() -> None:
    index = compress(b"a 1 {}\n" * 100)

    tracemalloc.start()
    try:
        assert plain(index) == b"a 1 {}\n" * 100
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()
