"""A gzip member whose body is stored as it came, because the server compressed it (RFC 1951, 3.2.4).

To compress such a body once more takes twice the time of all else of the member, and makes it 2 % larger.
"""

from __future__ import annotations

from collections.abc import Callable

from isal import isal_zlib

_START = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
"""The header of a gzip member: without a name, of no known time and system (RFC 1952, 2.3)."""
_RAW = -15
_LONGEST = (1 << 16) - 1
"""Bytes of a stored block, at most."""


class StoredMember:
    """One gzip member, written piece by piece: up to the piece `head`, it is compressed, and stored after that."""

    def __init__(self, write: Callable[[bytes], object], head: bytes, level: int) -> None:
        """Set up. `head` is the very object that will be written as the last piece before the body."""
        self.size = 0
        """Bytes of the member written so far."""
        self._write, self._head, self._level = write, head, level
        self._in_body = False
        self._pending = bytearray()
        self._crc = self._length = 0

    def write(self, data: bytes) -> None:
        self._crc, self._length = isal_zlib.crc32(data, self._crc), self._length + len(data)
        self._pending += data
        if data is self._head and not self._in_body:
            self._put(_START + self._deflated())
            self._in_body, self._pending = True, bytearray()
        while self._in_body and len(self._pending) > _LONGEST:
            self._put(_block(self._pending[:_LONGEST], last=False))
            del self._pending[:_LONGEST]

    def flush(self) -> None:
        """End the member."""
        length = self._length & 0xFFFF_FFFF
        self._put(_block(self._pending, last=True) + self._crc.to_bytes(4, "little") + length.to_bytes(4, "little"))

    def _deflated(self) -> bytes:
        """Return what is pending as compressed blocks, none of them the last one, that end at a whole byte."""
        deflate = isal_zlib.compressobj(self._level, isal_zlib.DEFLATED, _RAW)
        return bytes(deflate.compress(self._pending) + deflate.flush(isal_zlib.Z_SYNC_FLUSH))

    def _put(self, data: bytes) -> None:
        self._write(data)
        self.size += len(data)


def _block(data: bytearray, *, last: bool) -> bytes:
    size = len(data)
    return b"".join((bytes((last,)), size.to_bytes(2, "little"), (size ^ _LONGEST).to_bytes(2, "little"), data))
