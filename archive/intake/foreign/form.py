"""Detect the format of a file by its first bytes, whatever its name."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Literal, cast

from isal import isal_zlib

Form = Literal["warc", "arc", "wacz", "zstd", "unknown"]

ARC_START = b"filedesc:"
GZIP = b"\x1f\x8b"
ZSTD = (b"\x28\xb5\x2f\xfd", b"\x5d\x2a\x4d\x18")
"""A frame, and the skippable frame in which a WARC carries its dictionary."""

_Damaged = cast("type[Exception]", isal_zlib.IsalError)
_BEGINNING = 1 << 12


def form_of(path: Path) -> Form:
    """Return the format: ``warc``, also for any gzip; ``zstd``, a WARC in Zstandard; ``arc``, compressed or not."""
    with path.open("rb") as file:
        start = file.read(_BEGINNING)
    if start.startswith(ZSTD):
        return "zstd"
    if start.startswith(b"PK") and zipfile.is_zipfile(path):
        return "wacz"
    plain = _inflated(start) if start.startswith(GZIP) else start
    if plain.startswith(ARC_START):
        return "arc"
    return "warc" if plain.startswith(b"WARC/") or start.startswith(GZIP) else "unknown"


def _inflated(start: bytes) -> bytes:
    try:
        content: bytes = isal_zlib.decompressobj(31).decompress(start)
    except _Damaged:
        return b""
    return content
