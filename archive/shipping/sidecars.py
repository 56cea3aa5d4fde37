"""The sidecars of a WARC: its index as CDXJ, and its extracted texts. See docs/formats/store-layout.md."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from archive.texts.texts import TextRow, facts_of
from archive.values.capture import Capture
from archive.values.errors import IntegrityError
from archive.warc import cdxj, cdxj_members

_LEVEL = 10
_LONGEST = 1 << 31
"""Octets of a text sidecar, decompressed: a segment is 64 MiB, so what is larger is a bomb."""


def cdxj_bytes(captures: Iterable[Capture]) -> bytes:
    """Return the CDXJ sidecar: the sorted lines of indexed captures, without failed exchanges; compressed."""
    return cdxj_members.compress(cdxj.write(capture for capture in captures if capture.kind != "failed"))


def text_bytes(rows: Sequence[TextRow]) -> bytes:
    """Return the text sidecar: one JSON object per line, in the order of record ids, compressed with Zstandard."""
    from zstandard import ZstdCompressor

    lines = [_line(row) for row in sorted(rows, key=lambda row: row.record_id)]
    return bytes(ZstdCompressor(level=_LEVEL).compress(b"".join(lines)))


def read_texts(content: bytes) -> list[TextRow]:
    """Read the rows of a text sidecar. Raises IntegrityError if it is damaged."""
    from zstandard import ZstdDecompressor, ZstdError, frame_content_size

    try:
        if not 0 <= frame_content_size(content) <= _LONGEST:
            raise ValueError(f"it declares {frame_content_size(content)} bytes")
        lines = ZstdDecompressor().decompress(content).splitlines()
        return [_row(json.loads(line)) for line in lines]
    except (ZstdError, ValueError, KeyError, TypeError) as error:
        raise IntegrityError(f"a text sidecar is damaged: {type(error).__name__}: {error}") from error


def _line(row: TextRow) -> bytes:
    fields = {**facts_of(row), "at": row.at.astimezone(UTC).isoformat()}
    try:
        return _json(fields, readable=True)
    except UnicodeEncodeError:  # a lone surrogate, from a page's own JSON, has no UTF-8
        return _json(fields, readable=False)


def _json(fields: dict[str, str], *, readable: bool) -> bytes:
    text = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=not readable)
    return text.encode() + b"\n"


def _row(fields: dict[str, Any]) -> TextRow:
    return TextRow(**{**fields, "at": datetime.fromisoformat(fields["at"])})
