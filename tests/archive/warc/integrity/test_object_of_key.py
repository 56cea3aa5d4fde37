from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO

import pytest

from archive.values.digest import Sha256, sha256
from archive.warc.integrity.object_of_key import is_of_key
from archive.warc.keys import ROOTS, STAMP, cdxj_key, root_of_stamp, run_key, stamp_key, text_key, warc_key
from archive.warc.manifest import Manifest, StoredObject

AT = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
DIGEST = Sha256("ab" * 32)


def judged(key: str, content: bytes) -> bool:
    return is_of_key(key, sha256(content), BytesIO(content))


def test_bytes_belong_to_a_key_that_ends_with_their_checksum_and_to_no_other() -> None:
    for key in (warc_key, text_key):
        assert judged(key("news", AT, sha256(b"one")), b"one")
        assert not judged(key("news", AT, sha256(b"one")), b"two")


def test_a_manifest_belongs_to_the_key_that_it_has_of_itself() -> None:
    stored = (
        StoredObject("warc", warc_key("news", AT, DIGEST), 1000, DIGEST),
        StoredObject("cdxj", cdxj_key("news", AT, DIGEST), 100, DIGEST),
    )
    manifest = Manifest(
        "20260131T123000Z-7-1-00000001", "news", "w1", 7, stored, 9, 3, AT, AT, DIGEST, (), "pressmark/1", None
    )

    assert judged(manifest.key, manifest.to_bytes())
    assert not judged(manifest.key.replace("/w1/", "/w2/"), manifest.to_bytes())
    assert not judged(manifest.key, manifest.to_bytes()[:-1])


@pytest.mark.parametrize(("content", "belongs"), [(bytes.fromhex(DIGEST), True), (b"another", False)])
def test_a_time_stamp_without_its_digest_belongs_to_the_root_in_its_key(content: bytes, belongs: bool) -> None:
    assert judged(f"{ROOTS}2026/01/31/20260131T120000Z-{DIGEST}{STAMP}", b"0" + content) is belongs


def test_a_time_stamp_belongs_to_a_key_with_its_digest() -> None:
    key = stamp_key(f"{ROOTS}2026/01/31/20260131T120000Z-{DIGEST}.json", sha256(b"a stamp"))

    assert judged(key, b"a stamp")
    assert not judged(key, bytes.fromhex(DIGEST))
    assert root_of_stamp(key) == f"{ROOTS}2026/01/31/20260131T120000Z-{DIGEST}.json"


def test_any_bytes_may_be_under_a_key_that_is_written_again() -> None:
    assert judged(run_key("news", "run-1"), b"one") and judged(run_key("news", "run-1"), b"two")


def test_the_file_is_at_its_beginning_afterwards() -> None:
    file = BytesIO(b"{}")
    is_of_key("manifest/v1/news/w1/2026/01/31/a.json", sha256(b"{}"), file)

    assert file.read() == b"{}"
