"""The Merkle tree: its root is as in RFC 6962, and proves the entries and their order."""

from __future__ import annotations

import io
from hashlib import sha256
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.warc.integrity.merkle import digests_between, merkle_root

# The test vectors of certificate-transparency: the roots of the first n of these entries.
ENTRIES = [
    bytes.fromhex(entry)
    for entry in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


@pytest.mark.parametrize("count", range(1, 9))
def test_the_root_is_that_of_rfc_6962(count: int) -> None:
    assert merkle_root(ENTRIES[:count]) == ROOTS[count - 1]


def test_the_root_without_entries_is_the_digest_of_the_empty_string() -> None:
    assert merkle_root([]) == sha256(b"").hexdigest()


@given(st.lists(st.binary(max_size=4), min_size=1, max_size=40), st.data())
def test_any_other_entry_and_any_other_order_gives_another_root(entries: list[bytes], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(entries) - 1))
    other = data.draw(st.binary(max_size=4).filter(lambda entry: entry != entries[place]))

    assert merkle_root([*entries[:place], other, *entries[place + 1 :]]) != merkle_root(entries)
    assert merkle_root(entries[:-1]) != merkle_root(entries)


@given(st.binary(min_size=1, max_size=200), st.lists(st.integers(-5, 250), max_size=10))
def test_the_pieces_of_a_file_cover_all_of_it(content: bytes, cuts: list[int]) -> None:
    pieces = digests_between(io.BytesIO(content), cuts, len(content))
    bounds = sorted({0, len(content), *(cut for cut in cuts if 0 < cut < len(content))})

    assert pieces == [sha256(content[start:end]).digest() for start, end in pairwise(bounds)]
