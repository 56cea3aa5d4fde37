"""Compute the root of a Merkle tree over digests (RFC 6962, section 2.1).

A leaf is SHA-256(0x00 || entry), a node SHA-256(0x01 || left || right); the left side holds the largest power of two of
entries that is less than their number. So one digest commits to all records of a segment, and a few digests on the path
from a record to the root prove that the record was among them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import BinaryIO

from archive.values.digest import Sha256

_BLOCK = 1 << 20


def merkle_root(entries: Iterable[bytes]) -> Sha256:
    """Return the root over entries in their order; for no entries, the digest of the empty string."""
    return Sha256(_root([_sha256(b"\0" + entry) for entry in entries]).hex())


def digests_between(file: BinaryIO, cuts: Sequence[int], size: int) -> list[bytes]:
    """Return the SHA-256 of each piece of a file that is cut at these offsets; the first piece starts at offset 0.

    `size` is the end of the last piece. A shorter file gives a shorter piece, and so another digest.
    """
    bounds = sorted({0, size, *(cut for cut in cuts if 0 < cut < size)})
    return [_digest_piece(file, start, end) for start, end in pairwise(bounds)]


def _root(leaves: list[bytes]) -> bytes:
    if len(leaves) <= 1:
        return leaves[0] if leaves else _sha256(b"")
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return _sha256(b"\1" + _root(leaves[:split]) + _root(leaves[split:]))


def _digest_piece(file: BinaryIO, start: int, end: int) -> bytes:
    file.seek(start)
    whole = hashlib.sha256()
    while start < end and (block := file.read(min(_BLOCK, end - start))):
        whole.update(block)
        start += len(block)
    return whole.digest()


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()
