"""Compute the digests that an upload needs: of the whole file and of each part."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import BinaryIO

from archive.values.digest import Sha256

PART_BYTES = 8 << 20
SINGLE_BYTES = 16 << 20
"""From this size on an object is uploaded in parts."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a file, with its digests in base64, as S3 expects them."""

    number: int
    """From 1 on."""
    offset: int
    length: int
    md5: str
    sha256: str

    def read(self, body: BinaryIO) -> bytes:
        body.seek(self.offset)
        return body.read(self.length)


@dataclass(frozen=True, slots=True)
class Measured:
    size: int
    sha256: Sha256
    parts: tuple[Part, ...]

    @property
    def checksum(self) -> str:
        """The SHA-256 that a server reports: for an upload in N parts, that of the parts' digests, and ``-N``."""
        if len(self.parts) == 1:
            return self.parts[0].sha256
        digests = b"".join(base64.b64decode(part.sha256) for part in self.parts)
        return f"{_base64(hashlib.sha256(digests).digest())}-{len(self.parts)}"


def measure(body: BinaryIO) -> Measured:
    """Digest the rest of a seekable file. Its position is then the end."""
    start = body.tell()
    size = body.seek(0, 2) - start
    body.seek(start)
    whole, parts = hashlib.sha256(), []
    step = size if size < SINGLE_BYTES else PART_BYTES
    for number, offset in enumerate(range(0, max(size, 1), max(step, 1)), 1):
        block = body.read(min(step, size - offset))
        whole.update(block)
        md5 = hashlib.md5(block, usedforsecurity=False).digest()
        sums = _base64(md5), _base64(hashlib.sha256(block).digest())
        parts.append(Part(number, start + offset, len(block), *sums))
    return Measured(size, Sha256(whole.hexdigest()), tuple(parts))


def _base64(digest: bytes) -> str:
    return base64.b64encode(digest).decode()
