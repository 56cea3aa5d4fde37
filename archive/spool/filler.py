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
"""The header of a gzip member without optional fields (RFC 1952, 2.3)."""
_FRAME = len(_GZIP) + 8
_LONGEST = 0xFFFF
_STORED = 5
"""Bytes before the content of a stored block, and the maximum of its content (RFC 1951, 3.2.4)."""
_END = b"\r\n\r\n"
_COMMENT = 0x10
"""The flag of a header with a comment, which ends with a zero byte (RFC 1952, 2.3.1)."""
_WHY = b"damage: these bytes were damaged on the disk; what was left of them was set aside in quarantine"


def filler(length: int, *, at: datetime, companion_of: str | None = None) -> Iterator[bytes]:
    """Make a gzip member of exactly `length` bytes, in pieces: a metadata record without a URL (ISO 28500:2017, 6.5).

    `companion_of` is the id of the intact record that the damaged bytes accompanied: the exchange keeps its span.
    `length` is at least `LEAST`; ValueError says that no record fits.
    """
    if length < _SHORT:
        yield _packed(length, _start(0, at, companion_of) + _END)
        return
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


def _packed(length: int, record: bytes) -> bytes:
    """Return a compressed member of a record that does not fit uncompressed; a comment makes it as long as needed."""
    packed = zlib.compress(record, 9, -zlib.MAX_WBITS)
    if (room := length - _FRAME - len(packed)) < 0:
        raise ValueError(f"a record can't be {length} bytes long")
    header = _GZIP[:3] + bytes([_COMMENT]) + _GZIP[4:] + b" " * (room - 1) + b"\0" if room else _GZIP
    return header + packed + struct.pack("<II", zlib.crc32(record), len(record))


def _start(size: int, at: datetime, companion_of: str | None) -> bytes:
    """Return the head of a record of `size` bytes, with the reason for the filler if there is space."""
    of = f"WARC-Concurrent-To: {companion_of}\r\n" if companion_of else ""
    form = (
        f"WARC/1.1\r\nWARC-Type: metadata\r\nWARC-Record-ID: {new_id()}\r\nWARC-Date: {date(at)}\r\n{of}"
        "Content-Type: application/warc-fields\r\nContent-Length: {:010}\r\n\r\n"
    )
    room = max(0, size - len(form.format(0)) - len(_END))
    return form.format(room).encode() + (_WHY if room > len(_WHY) else b"")


LEAST = 240
"""Bytes of the shortest filler. None of our records is shorter: each has ids, a date and a digest."""
_SHORT = _FRAME + _STORED + 274 + len(_END)
"""Bytes of the shortest filler that is not compressed."""
