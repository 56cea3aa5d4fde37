"""The root of a Merkle tree over digests, as RFC 6962, section 2.1, builds it.

A leaf is SHA-256(0x00 || entry), a node SHA-256(0x01 || left || right); the left side holds the largest power of two of
entries that is less than their number. One digest so commits to all records of a segment, and the way from a record to
the root proves with a few digests that the record was among them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import BinaryIO

from archive.values.digest import Sha256

_BLOCK = 1 << 20


def merkle_root(entries: Iterable[bytes]) -> Sha256:
    """The root over entries in their order; that of no entries is the digest of nothing."""
    return Sha256(_root([_sha256(b"\0" + entry) for entry in entries]).hex())


def digests_between(file: BinaryIO, cuts: Sequence[int], size: int) -> list[bytes]:
    """The SHA-256 of each piece of a file that is cut at those offsets; what lies before the first cut is a piece too.

    `size` is where the last piece ends. A file that ends before gives a shorter piece, and so another digest.
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
