from __future__ import annotations

import base64
import hashlib
import io

from hypothesis import given
from hypothesis import strategies as st

from archive.digest import digest_payload, sha1_base32


@given(st.binary(max_size=40))
def test_digests_are_those_of_the_libraries(octets: bytes) -> None:
    sha1 = base64.b32encode(hashlib.sha1(octets).digest()).decode()

    assert sha1_base32(octets) == sha1
    assert digest_payload(octets) == digest_payload(io.BytesIO(octets))
    assert digest_payload(octets).sha256 == hashlib.sha256(octets).hexdigest()
