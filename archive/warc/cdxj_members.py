"""Compressed CDXJ: one gzip member (RFC 1952) per few thousand lines, as in ZipNum, for reading by ranges."""

from __future__ import annotations

import gzip
import io
import zlib

from archive.values.errors import DamagedRecord

LINES = 3000
"""Lines per member, as in pywb and the Common Crawl index."""
_LEVEL = 6
_MAGIC = b"\x1f\x8b"
_PIECE = 1 << 20
_LONGEST = 1 << 31
"""Maximum bytes of a decompressed index: a segment has 64 MiB, so a larger index is a compression bomb."""


def compress(index: bytes) -> bytes:
    """Compress a CDXJ file. The same lines give the same bytes."""
    lines = index.splitlines(keepends=True)
    members = (b"".join(lines[start : start + LINES]) for start in range(0, len(lines), LINES))
    return b"".join(gzip.compress(member, _LEVEL, mtime=0) for member in members)


def plain(index: bytes) -> bytes:
    """Return the lines of a CDXJ file, compressed or not. Raises DamagedRecord if they cannot be decompressed."""
    if not index.startswith(_MAGIC):
        return index
    found = bytearray()
    try:
        file = gzip.GzipFile(fileobj=io.BytesIO(index))
        while piece := file.read(_PIECE):  # one read of all would reserve as much as may come
            found += piece
            if len(found) > _LONGEST:
                raise DamagedRecord("a compressed CDXJ file", f"it has more than {_LONGEST} bytes")
    except (OSError, EOFError, zlib.error) as error:
        raise DamagedRecord("a compressed CDXJ file", f"{type(error).__name__}: {error}") from error
    return bytes(found)
