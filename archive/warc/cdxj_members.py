"""Compressed CDXJ: a gzip member (RFC 1952) for each few thousand lines, as in ZipNum: a part is read by its range."""

from __future__ import annotations

import gzip
import io
import zlib

from archive.values.errors import DamagedRecord

LINES = 3000
"""Lines of a member, as pywb and the Common Crawl index have them."""
_LEVEL = 6
_MAGIC = b"\x1f\x8b"
_LONGEST = 1 << 31
"""Bytes of an index, decompressed: a segment is 64 MiB, so a larger index is a decompression bomb."""


def compress(index: bytes) -> bytes:
    """Compress a CDXJ file. The same lines give the same bytes."""
    lines = index.splitlines(keepends=True)
    members = (b"".join(lines[start : start + LINES]) for start in range(0, len(lines), LINES))
    return b"".join(gzip.compress(member, _LEVEL, mtime=0) for member in members)


def plain(index: bytes) -> bytes:
    """Return the lines of a CDXJ file, compressed or not. Raises DamagedRecord if they cannot be decompressed."""
    if not index.startswith(_MAGIC):
        return index
    try:
        found = gzip.GzipFile(fileobj=io.BytesIO(index)).read(_LONGEST + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise DamagedRecord("a compressed CDXJ file", f"{type(error).__name__}: {error}") from error
    if len(found) > _LONGEST:
        raise DamagedRecord("a compressed CDXJ file", f"it has more than {_LONGEST} bytes")
    return found
