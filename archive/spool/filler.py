"""Make records that replace damaged bytes in a segment.

A filler has exactly the length of those bytes, so that every other record keeps its offset: journal, CDXJ and index
stay valid.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from datetime import datetime

from archive.warc.exchange_records import date, new_id

_GZIP = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"
"""The header of a gzip member without any field (RFC 1952, 2.3)."""
_FRAME = len(_GZIP) + 8
_LONGEST = 0xFFFF
_STORED = 5
"""Bytes before the content of a stored block, and how much that can be (RFC 1951, 3.2.4)."""
_END = b"\r\n\r\n"
_WHY = b"damage: these bytes were damaged on the disk; what was left of them was set aside in quarantine"


def filler(length: int, *, at: datetime, companion_of: str | None = None) -> Iterator[bytes]:
    """Make a gzip member of exactly `length` bytes, in pieces: a metadata record without a URL (ISO 28500:2017, 6.5).

    `companion_of` is the id of the intact record that the damaged bytes accompanied: the exchange keeps its span.
    Raises ValueError when `length` is less than `LEAST`.
    """
    blocks = -(-(length - _FRAME) // (_LONGEST + _STORED))
    left = length - _FRAME - _STORED * blocks
    start = _start(left, at, companion_of)
    crc, size = 0, left
    yield _GZIP
    for number in range(blocks, 0, -1):
        content = start.ljust(-(-left // number))
        if number == 1:
            content = content[: -len(_END)] + _END
        crc, left, start = zlib.crc32(content, crc), left - len(content), b""
        yield struct.pack("<BHH", number == 1, len(content), len(content) ^ _LONGEST) + content
    yield struct.pack("<II", crc, size & 0xFFFFFFFF)


def _start(size: int, at: datetime, companion_of: str | None) -> bytes:
    """Return the head of a record of `size` bytes, with the reason for the filler if there is space."""
    of = f"WARC-Concurrent-To: {companion_of}\r\n" if companion_of else ""
    form = (
        f"WARC/1.1\r\nWARC-Type: metadata\r\nWARC-Record-ID: {new_id()}\r\nWARC-Date: {date(at)}\r\n{of}"
        "Content-Type: application/warc-fields\r\nContent-Length: {:010}\r\n\r\n"
    )
    room = size - len(form.format(0)) - len(_END)
    if room < 0:
        raise ValueError(f"a record can't be {size} bytes long")
    return form.format(room).encode() + (_WHY if room > len(_WHY) else b"")


LEAST = _FRAME + _STORED + 274 + len(_END)
"""Bytes of the shortest. No record that we write is shorter: each has ids, a date and a digest."""
