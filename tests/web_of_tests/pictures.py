"""Pictures written by code: small, and the same bytes every time."""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Sequence

_PNG = b"\x89PNG\r\n\x1a\n"


def png(seed: str, width: int = 96, height: int = 54) -> bytes:
    """A seascape in two colours taken from `seed`, as a PNG (8 bits RGB)."""
    digest = hashlib.sha256(seed.encode()).digest()
    sky, sea = digest[:3], digest[3:6]
    horizon = height // 3 + digest[6] % (height // 3)
    return _image(width, [_row(sky if y < horizon else sea, y, width) for y in range(height)])


def paper() -> bytes:
    """What the newspaper is printed on: nearly white, with a grain, so that what stands on it can be read."""
    grain = [one % 4 for one in hashlib.sha256(b"paper").digest()]
    return _image(len(grain), [bytes((250 - dark, 247 - dark, 240 - dark)) * len(grain) for dark in grain])


def _image(width: int, rows: Sequence[bytes]) -> bytes:
    """A PNG (8 bits RGB) of these rows."""
    header = struct.pack(">IIBBBBB", width, len(rows), 8, 2, 0, 0, 0)
    lines = b"".join(b"\0" + row for row in rows)
    return _PNG + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(lines, 9)) + _chunk(b"IEND", b"")


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
