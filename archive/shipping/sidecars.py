"""The sidecars of a WARC: its index as CDXJ, and its extracted texts. See docs/formats/store-layout.md."""

from __future__ import annotations

import io
import json
import logging
import tempfile
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, cast

from pydantic_core import from_json

from archive.texts.texts import TextRow, facts_of
from archive.values.capture import Capture
from archive.values.errors import IntegrityError
from archive.warc import cdxj, cdxj_members

logger = logging.getLogger(__name__)

_LEVEL = 10
_IN_MEMORY = 8 << 20
_PIECE = 1 << 16
_LONGEST = 1 << 31
"""Maximum bytes of the texts in a sidecar: a segment has 64 MiB, so only an imported WARC has more."""
_BOMB = 2 * _LONGEST
"""Bytes of a decompressed sidecar that are not read: beside the texts, it names those that did not fit."""
_LONGEST_HEAD = 18
"""Bytes of the head of a frame, which has its size (RFC 8878, 3.1.1)."""
DID_NOT_FIT = "the texts of its WARC file have more than 2 GiB"


def cdxj_bytes(captures: Iterable[Capture]) -> bytes:
    """Return the CDXJ sidecar: the sorted lines of indexed captures, without failed exchanges; compressed."""
    return cdxj_members.compress(cdxj.write(capture for capture in captures if capture.kind != "failed"))


def text_bytes(rows: Iterable[TextRow]) -> bytes:
    """Return the text sidecar; it is empty if there are no rows. See `write_texts`."""
    packed = io.BytesIO()
    write_texts(rows, packed)
    return packed.getvalue()


def write_texts(rows: Iterable[TextRow], sidecar: BinaryIO, directory: Path | None = None) -> int:
    """Write the text sidecar: one JSON object per line, in the order of record ids, compressed with Zstandard.

    Return the number of rows; nothing is written if there are none. Rows are taken one by one and sorted in a temporary
    file in `directory` (default: that of the system), so memory stays small. A text that would make the sidecar longer
    than can be read is `failed`, with that reason. Raises OSError if it can't be written.
    """
    from zstandard import ZstdCompressor

    places: list[tuple[str, int, int]] = []
    with tempfile.SpooledTemporaryFile(_IN_MEMORY, dir=str(directory) if directory else None) as lines:
        at = 0
        for row in rows:
            line = _line(row)
            if at + len(line) > _LONGEST:
                logger.warning("a text does not fit into its sidecar", extra={"url": row.url, "segment": row.segment})
                line = _line(_without_text(row))
            size = lines.write(line)
            places.append((row.record_id, at, size))
            at += size
        if not places:
            return 0
        packer = ZstdCompressor(level=_LEVEL).compressobj(size=at)
        for _, at, size in sorted(places):
            lines.seek(at)
            sidecar.write(packer.compress(lines.read(size)))
        sidecar.write(packer.flush())
    return len(places)


def read_texts(content: bytes) -> list[TextRow]:
    """Read the rows of a text sidecar. Raises IntegrityError if it is damaged."""
    return list(rows_of(content))


def rows_of(content: bytes) -> Iterator[TextRow]:
    """Read the rows of a text sidecar one by one. Raises IntegrityError if it is damaged, perhaps only at the end."""
    return rows_in(io.BytesIO(content))


def rows_in(file: BinaryIO) -> Iterator[TextRow]:
    """Read the rows of a text sidecar that was opened, as `rows_of` does."""
    from zstandard import ZstdDecompressor, ZstdError, frame_content_size

    try:
        declared, size = frame_content_size(file.read(_LONGEST_HEAD)), 0
        if not 0 <= declared <= _BOMB:
            raise ValueError(f"it declares {declared} bytes")
        file.seek(0)
        with ZstdDecompressor().stream_reader(file, closefd=False) as unpacked:
            for line in io.BufferedReader(cast("io.RawIOBase", unpacked), _PIECE):
                size += len(line)
                yield _row(_parsed(line))
        if size != declared:
            raise ValueError(f"it ends after {size} of {declared} bytes")
    except (ZstdError, ValueError, KeyError, TypeError) as error:
        raise IntegrityError(f"a text sidecar is damaged: {type(error).__name__}: {error}") from error


def _without_text(row: TextRow) -> TextRow:
    """Return the row of a capture whose text does not fit."""
    known = (row.record_id, row.segment, row.url, row.at, row.digest)
    return TextRow(*known, state="failed", reason=DID_NOT_FIT, extractor=row.extractor, version=row.version)


def _line(row: TextRow) -> bytes:
    fields = {**facts_of(row), "at": row.at.astimezone(UTC).isoformat()}
    try:
        return _json(fields, readable=True)
    except UnicodeEncodeError:  # a lone surrogate, from a page's own JSON, has no UTF-8
        return _json(fields, readable=False)


def _json(fields: dict[str, str], *, readable: bool) -> bytes:
    text = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=not readable)
    return text.encode() + b"\n"


def _parsed(line: bytes) -> Any:
    """Parse a line as JSON. Pydantic's parser takes two thirds of the time of Python's."""
    try:
        return from_json(line)
    except ValueError:  # a lone surrogate, or no JSON
        return json.loads(line)


def _row(fields: dict[str, Any]) -> TextRow:
    return TextRow(**{**fields, "at": datetime.fromisoformat(fields["at"])})
