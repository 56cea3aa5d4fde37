from __future__ import annotations

import base64
import hashlib
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.values.digest import Sha256, StatedDigests, digest_payload, sha1_base32, stated_digests

NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@given(st.binary(max_size=40))
def test_digests_equal_those_of_the_standard_library(octets: bytes) -> None:
    sha1 = base64.b32encode(hashlib.sha1(octets).digest()).decode()

    assert sha1_base32(octets) == sha1
    assert digest_payload(octets) == digest_payload(io.BytesIO(octets))
    assert digest_payload(octets).sha256 == hashlib.sha256(octets).hexdigest()


@pytest.mark.parametrize(
    ("said", "sha1", "sha256"),
    [
        ("sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ", "3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ", None),
        ("SHA-1:da39a3ee5e6b4b0d3255bfef95601890afd80709", "3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ", None),
        (f"sha256:{NOTHING}", None, NOTHING),
        ("sha-256:4OYMIQUY7QOBJGX36TEJS35ZEQT24QPEMSNZGTFESWMRW6CSXBKQ====", None, NOTHING),
        ("sha256:4OYMIQUY7QOBJGX36TEJS35ZEQT24QPEMSNZGTFESWMRW6CSXBKQ", None, NOTHING),
        ("sha1:3I42", None, None),
        (f"sha1:{NOTHING}", None, None),
        ("sha1:1I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYé", None, None),
        ("md5:d41d8cd98f00b204e9800998ecf8427e", None, None),
        ("", None, None),
        (None, None, None),
    ],
)
def test_a_payload_digest_is_read_in_any_form(said: str | None, sha1: str | None, sha256: str | None) -> None:
    assert stated_digests(said) == StatedDigests(sha1, Sha256(sha256) if sha256 else None)
