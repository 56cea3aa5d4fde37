"""Remove chunked framing from payloads in foreign WARCs (RFC 9112, 7.1)."""

from __future__ import annotations

import tempfile
from typing import BinaryIO, cast

_LINE = 1 << 12
_IN_MEMORY = 1 << 20
_PIECE = 1 << 16


def dechunked(body: BinaryIO) -> BinaryIO | None:
    """Return the bytes inside the chunks; None, with `body` at its old position, if it is not chunked after all."""
    begin = body.tell()
    out = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 -- handed to the caller
    while (size := _size(body.readline(_LINE))) and _copied(body, out, size) and body.readline(3).strip() == b"":
        pass
    if size == 0:
        out.seek(0)
        return cast(BinaryIO, out)
    out.close()
    body.seek(begin)
    return None


def _size(line: bytes) -> int | None:
    digits = line.partition(b";")[0].strip()
    try:
        return int(digits, 16) if digits.isalnum() and line.endswith(b"\n") else None
    except ValueError:
        return None


def _copied(body: BinaryIO, out: tempfile.SpooledTemporaryFile[bytes], size: int) -> bool:
    while size and (piece := body.read(min(size, _PIECE))):
        out.write(piece)
        size -= len(piece)
    return not size
