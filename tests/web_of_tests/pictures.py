"""Pictures written by code: small, and the same bytes every time."""

from __future__ import annotations

import hashlib
import struct
import zlib

_PNG = b"\x89PNG\r\n\x1a\n"


def png(seed: str, width: int = 96, height: int = 54) -> bytes:
    """A seascape in two colours taken from `seed`, as a PNG (8 bits RGB)."""
    digest = hashlib.sha256(seed.encode()).digest()
    sky, sea = digest[:3], digest[3:6]
    horizon = height // 3 + digest[6] % (height // 3)
    rows = b"".join(b"\0" + _row(sky if y < horizon else sea, y, width) for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return _PNG + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows, 9)) + _chunk(b"IEND", b"")


def _row(colour: bytes, y: int, width: int) -> bytes:
    shade = (y * 3) % 40
    return bytes(max(0, channel - shade) for channel in colour) * width


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def wave_svg() -> bytes:
    """The masthead: three waves under a lamp."""
    waves = "".join(
        f'<path d="M0 {y} q 30 -14 60 0 t 60 0 t 60 0 t 60 0" fill="none" stroke="#24506b" stroke-width="4"/>'
        for y in (44, 56, 68)
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 240 80" width="240" height="80">'
        f'<title>The Harbour Gazette</title><circle cx="120" cy="20" r="12" fill="#e0a030"/>{waves}</svg>'
    ).encode()


def font() -> bytes:
    """Bytes that a style sheet names as its font. No browser shows them; a crawler keeps them."""
    body = b"".join(hashlib.sha256(f"glyph {number}".encode()).digest() for number in range(48))
    return b"wOF2" + struct.pack(">I", 0x00010000) + body
