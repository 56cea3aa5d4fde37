"""Decoding of content-codings: intact, damaged, nested, and bombs."""

from __future__ import annotations

import gzip
import zlib

import brotlicffi
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from extractor.values.content import Decoded, decode_content

WORDS = b" ".join(b"word %d of a page that is long enough to be worth packing" % number for number in range(3000))


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


PACKERS = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotlicffi.compress,
    "zstd": zstandard.compress,
}
CODINGS = st.sampled_from(sorted(PACKERS))


@given(st.binary(max_size=5000), st.lists(CODINGS, max_size=4))
def test_any_number_of_codings_is_decoded(data: bytes, names: list[str]) -> None:
    body = data
    for name in names:
        body = PACKERS[name](body)

    assert decode_content(body, ", ".join(names)) == Decoded(data)


@pytest.mark.parametrize("name", PACKERS)
def test_a_truncated_body_gives_its_beginning_and_an_error(name: str) -> None:
    body = PACKERS[name](WORDS)

    decoded = decode_content(body[: len(body) * 2 // 3], name)

    assert decoded.error
    if name != "zstd":  # a frame with one block gives nothing before its end
        assert WORDS.startswith(decoded.body)
        assert len(decoded.body) > len(WORDS) / 4


@given(CODINGS, st.integers(0, 1 << 20), st.integers(1, 255))
def test_a_flipped_bit_never_raises(name: str, place: int, flip: int) -> None:
    body = bytearray(PACKERS[name](WORDS[:20_000]))
    body[place % len(body)] ^= flip

    decoded = decode_content(bytes(body), name)

    assert len(decoded.body) <= 32 << 20


@given(st.sampled_from(["gzip", "deflate", "br", "zstd", "gzip, br", "compress", "", "\0"]), st.binary(max_size=300))
def test_any_bytes_are_accepted_with_any_coding(name: str, body: bytes) -> None:
    decode_content(body, name)


def test_a_damaged_gzip_gives_the_part_before_the_damage() -> None:
    body = bytearray(gzip.compress(WORDS))
    middle = len(body) // 2
    body[middle : middle + 8] = bytes(8)

    decoded = decode_content(bytes(body), "gzip")

    assert decoded.error
    assert decoded.body[:10_000] == WORDS[:10_000]


@pytest.mark.parametrize(
    ("name", "bomb"),
    [
        ("gzip", gzip.compress(bytes(64 << 20))),
        ("deflate", zlib.compress(bytes(64 << 20))),
        ("br", brotlicffi.compress(bytes(64 << 20), quality=5)),
        ("zstd", zstandard.compress(bytes(64 << 20))),
        ("gzip, gzip", gzip.compress(gzip.compress(bytes(64 << 20)))),
        ("br, gzip", gzip.compress(brotlicffi.compress(bytes(64 << 20), quality=5))),
    ],
)
def test_a_bomb_gives_its_first_bytes(name: str, bomb: bytes) -> None:
    decoded = decode_content(bomb, name, limit=1 << 20)

    assert decoded.cut
    assert decoded.body == bytes(1 << 20)
    assert "more than 1048576 bytes" in (decoded.error or "")


def test_a_million_empty_members_cost_little() -> None:
    assert decode_content(gzip.compress(b"") * 100_000, "gzip").error


def test_a_body_of_exactly_the_limit_is_complete() -> None:
    assert decode_content(gzip.compress(bytes(1000)), "gzip", limit=1000) == Decoded(bytes(1000))


@pytest.mark.parametrize("name", [None, "", "identity", "none", " Identity ,, "])
def test_without_a_coding_a_body_stays_unchanged(name: str | None) -> None:
    assert decode_content(WORDS, name) == Decoded(WORDS)


def test_deflate_may_be_raw() -> None:
    assert decode_content(raw_deflate(WORDS), "deflate") == Decoded(WORDS)


def test_members_and_zeroes_after_the_end_are_part_of_gzip() -> None:
    body = gzip.compress(b"one ") + gzip.compress(b"two")

    assert decode_content(body, "gzip") == Decoded(b"one two")
    assert decode_content(body + bytes(512), "gzip") == Decoded(b"one two")


def test_bytes_after_the_end_are_reported() -> None:
    assert decode_content(gzip.compress(b"one") + b"junk", "gzip") == Decoded(b"one", "gzip: 4 bytes follow its end")


def test_zstd_may_have_several_frames() -> None:
    assert decode_content(zstandard.compress(b"one ") + zstandard.compress(b"two"), "zstd") == Decoded(b"one two")


def test_a_body_with_a_wrong_coding_stays_unchanged() -> None:
    decoded = decode_content(b"<html>plain</html>", "gzip")

    assert decoded.body == b"<html>plain</html>"
    assert decoded.error == "gzip: it does not begin like gzip; the body is left as it came"


def test_a_body_with_an_unknown_coding_stays_unchanged() -> None:
    assert decode_content(b"abc", "compress") == Decoded(b"abc", "the content-coding 'compress' is not known")


def test_too_many_nested_codings_are_not_decoded() -> None:
    assert "6 content-codings" in (decode_content(b"abc", "gzip," * 6).error or "")
