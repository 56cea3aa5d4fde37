"""Tell from the key alone whether the bytes of an object are those that were put under it."""

from __future__ import annotations

from typing import BinaryIO

from archive.values.digest import Sha256
from archive.values.errors import IntegrityError
from archive.warc.keys import MANIFESTS, is_stamp_of_key, is_undigested_stamp, sha256_of_key
from archive.warc.manifest import Manifest


def is_of_key(key: str, digest: Sha256, file: BinaryIO) -> bool:
    """Return whether an object with this SHA-256 may be under a key; its file is read only if the key has no digest.

    A manifest has its own digest, and a time stamp of a former version that of its root. Of any other key without a
    digest nothing is known: True.
    """
    if (named := sha256_of_key(key)) is not None:
        return named == digest
    if not (is_undigested_stamp(key) or key.startswith(MANIFESTS)):
        return True
    file.seek(0)
    content = file.read()
    file.seek(0)
    return is_stamp_of_key(content, key) if is_undigested_stamp(key) else _is_manifest(content, key)


def _is_manifest(content: bytes, key: str) -> bool:
    try:
        return Manifest.parse(content, key).key == key
    except IntegrityError:
        return False
