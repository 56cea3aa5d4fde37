"""A compressed index is read whole or by its members, and damage is an error."""

from __future__ import annotations

import gzip
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


def test_an_index_that_is_not_compressed_is_read_as_it_is() -> None:
    assert plain(INDEX) == INDEX
    assert plain(b"") == b""


def test_each_member_is_read_by_itself() -> None:
    members, rest = list[bytes](), compress(INDEX)
    while rest:
        reader = zlib.decompressobj(31)
        members.append(reader.decompress(rest))
        rest = reader.unused_data

    assert [member.count(b"\n") for member in members] == [LINES, LINES, 5]
    assert b"".join(members) == INDEX


def test_the_same_lines_give_the_same_bytes_and_take_a_fifth_of_the_room() -> None:
    assert compress(INDEX) == compress(INDEX)
    assert len(compress(INDEX)) < len(INDEX) / 5


@pytest.mark.parametrize(
    "damaged", [compress(INDEX)[:-9], compress(INDEX)[:99] + b"x" + compress(INDEX)[100:], b"\x1f\x8b"]
)
def test_a_damaged_index_is_an_error(damaged: bytes) -> None:
    with pytest.raises(DamagedRecord, match="a compressed CDXJ file"):
        plain(damaged)


def test_other_programs_read_it() -> None:
    assert gzip.decompress(compress(INDEX)) == INDEX
