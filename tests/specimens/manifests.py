"""Manifests for tests that only need one."""

from __future__ import annotations

from specimens.captures import NOON

from archive.values.digest import sha256
from archive.warc.keys import cdxj_key, warc_key
from archive.warc.manifest import Manifest, StoredObject


def manifest_of(segment: str, collection: str = "default", *, content: bytes = b"") -> Manifest:
    """Return the manifest of a segment whose objects do not exist; its WARC would be those bytes."""
    warc, cdxj = sha256(content or segment.encode()), sha256(b"")
    return Manifest(
        segment=segment,
        collection=collection,
        worker="w",
        epoch=7,
        objects=(
            StoredObject("warc", warc_key(collection, NOON, warc), len(content), warc),
            StoredObject("cdxj", cdxj_key(collection, NOON, cdxj), 0, cdxj),
        ),
        records=2,
        captures=1,
        first_at=NOON,
        last_at=NOON,
        merkle_root=sha256(b""),
        runs=(),
        software="pressmark/0",
        previous=None,
    )
