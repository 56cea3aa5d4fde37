"""Compute digests in the forms that the file formats use."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import BinaryIO, NewType

Sha256 = NewType("Sha256", str)
"""64 lower-case hexadecimal digits."""

_BLOCK = 1 << 20
_USUAL = re.compile("sha1:[A-Z2-7]{32}")
_PAIRS = ["".join(pair) for pair in product("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", repeat=2)]
_SHIFTS = range(150, -1, -10)
"""SHA-1 is sixteen pairs of base32 (RFC 4648, 6). The library accepts any number of bytes, and takes twice as long."""


def sha1_base32(data: bytes) -> str:
    """Return the SHA-1 in base32 of CDX and WARC-Payload-Digest, without the prefix ``sha1:``."""
    number = int.from_bytes(hashlib.sha1(data, usedforsecurity=False).digest(), "big")
    return "".join([_PAIRS[number >> shift & 1023] for shift in _SHIFTS])


def sha256(data: bytes) -> Sha256:
    return Sha256(hashlib.sha256(data).hexdigest())


class Hashed:
    """A file that is read forward, while its digest is computed."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._whole = file, hashlib.sha256()

    def read(self, size: int = -1, /) -> bytes:
        block = self._file.read(size)
        self._whole.update(block)
        return block

    def finish(self) -> Sha256:
        """Read the rest, and return the digest of all."""
        while self.read(_BLOCK):
            pass
        return Sha256(self._whole.hexdigest())


def sha256_file(file: BinaryIO) -> Sha256:
    """Return the digest of the rest of an open file, which is read to its end."""
    whole = hashlib.sha256()
    while block := file.read(_BLOCK):
        whole.update(block)
    return Sha256(whole.hexdigest())


@dataclass(frozen=True, slots=True)
class Payload:
    """The two digests of a payload, and its length in bytes."""

    sha1: str
    sha256: Sha256
    length: int


def blocks(body: bytes | BinaryIO) -> Iterator[bytes]:
    """Yield the bytes of a body from its beginning, one MiB at a time.

    The position of a file with a descriptor does not change, since the spider may be reading it in another thread.
    """
    if isinstance(body, bytes):
        yield body
        return
    try:
        descriptor = body.fileno()
    except (io.UnsupportedOperation, AttributeError):
        body.seek(0)
        while block := body.read(_BLOCK):
            yield block
        body.seek(0)
        return
    body.flush()
    offset = 0
    while block := os.pread(descriptor, _BLOCK, offset):
        offset += len(block)
        yield block


def digest_payload(body: bytes | BinaryIO) -> Payload:
    """Digest bytes, or a whole seekable file, whatever its position is."""
    if isinstance(body, bytes):
        return Payload(sha1_base32(body), sha256(body), len(body))
    return digest_pieces(blocks(body))


def digest_pieces(pieces: Iterable[bytes]) -> Payload:
    """Digest a payload given in pieces."""
    one, two, length = hashlib.sha1(usedforsecurity=False), hashlib.sha256(), 0
    for piece in pieces:
        one.update(piece)
        two.update(piece)
        length += len(piece)
    return Payload(base64.b32encode(one.digest()).decode(), Sha256(two.hexdigest()), length)


@dataclass(frozen=True, slots=True)
class StatedDigests:
    """The content of a WARC-Payload-Digest field, in the forms of the index."""

    sha1: str | None = None
    sha256: Sha256 | None = None


def stated_digests(value: str | None) -> StatedDigests:
    """Parse a field ``algorithm:value``, the value in base32 or hexadecimal. Algorithms other than SHA-1 and SHA-256
    give an empty result.
    """
    if value is None:
        return StatedDigests()
    if _USUAL.fullmatch(value):
        return StatedDigests(sha1=value[5:])
    algorithm, _, digest = value.strip().partition(":")
    name = algorithm.lower().replace("-", "")
    content = _octets(digest)
    if name == "sha1" and len(content) == 20:
        return StatedDigests(sha1=base64.b32encode(content).decode())
    if name == "sha256" and len(content) == 32:
        return StatedDigests(sha256=Sha256(content.hex()))
    return StatedDigests()


def _octets(digest: str) -> bytes:
    """Decode a digest in hexadecimal, or in base32 with or without padding; empty if it is invalid."""
    try:
        return bytes.fromhex(digest) if len(digest) in (40, 64) else base64.b32decode(_padded(digest), casefold=True)
    except ValueError:
        return b""


def _padded(digest: str) -> str:
    return digest.rstrip("=") + "=" * (-len(digest.rstrip("=")) % 8)
