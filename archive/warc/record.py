"""Read WARC records, and reject torn ones: one gzip member per record, or uncompressed (ISO 28500:2017).

A record is only yielded if its member ends with a correct CRC and its block has the stated length.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Generator, Iterator
from datetime import datetime
from typing import BinaryIO

from archive.values.timestamps import parse_date
from archive.warc.chunked import dechunked
from archive.warc.http_head import end_of_head, headers_of
from archive.warc.members import Damage, Member, Source
from archive.warc.record_head import Fields, RecordHead

__all__ = ["IN_MEMORY", "Damage", "Record", "read", "record_at"]

IN_MEMORY = 1 << 20
"""Maximum bytes of a block in memory; a longer one is read into a temporary file."""

_HEAD_LIMIT = 1 << 20
_PIECE = 1 << 20
_VERSION = b"WARC/"
_END = b"\r\n\r\n"
_RESERVED = 0xE0
"""Flags of a gzip member that must be zero (RFC 1952, 2.3.1.2). Our library ignores them; others refuse the file."""
_PLAIN = frozenset({"resource", "conversion"})
"""Types whose block is the payload, whatever their Content-Type."""


class Record:
    """A record. Its block is valid until the next record is read, or until `close`.

    Fields are parsed on demand: the index needs few fields of a request.
    """

    __slots__ = ("_head", "_http", "block", "block_length", "length", "offset", "type")

    def __init__(self, head: RecordHead, block: bytes | BinaryIO, block_length: int, offset: int, length: int) -> None:
        self._head = head
        self.type = head.first("warc-type") or ""
        self.block = block
        self.block_length = block_length
        self.offset = offset
        """Its offset in the file, and its compressed bytes there."""
        self.length = length
        self._http: bytes | None = None

    @property
    def headers(self) -> Fields:
        """The fields of the record in order."""
        return self._head.fields()

    @property
    def id(self) -> str | None:
        """The record id with its angle brackets, as in WARC-Record-ID."""
        return self._head.first("warc-record-id")

    @property
    def url(self) -> str | None:
        url = self._head.first("warc-target-uri")
        return url[1:-1] if url and url[0] == "<" and url[-1] == ">" else url

    @property
    def at(self) -> datetime | None:
        at = self._head.first("warc-date")
        return parse_date(at) if at else None

    @property
    def http_head(self) -> bytes:
        """The HTTP head, from the first line to the empty line; empty if the block is not an HTTP message."""
        if self._http is None:
            is_http = (self._head.first("content-type") or "").lower().startswith("application/http")
            self._http = _http_head(self.block) if is_http and self.type not in _PLAIN else b""
        return self._http

    @property
    def content_type(self) -> str | None:
        """The Content-Type of the payload: the last one of the HTTP message, or that of a record without such a
        message.
        """
        if not self.http_head:
            return self._head.first("content-type")
        values = [value for name, value in headers_of(self.http_head) if name.lower() == b"content-type"]
        return values[-1].decode("latin-1") if values else None

    def header(self, name: str) -> str | None:
        """Return the first field of that name, which must be in lower case."""
        return self._head.first(name)

    @property
    def is_chunked(self) -> bool:
        """Whether the head declares chunked framing."""
        if b"chunked" not in self.http_head.lower():
            return False
        fields = headers_of(self.http_head)
        return any(name.lower() == b"transfer-encoding" and b"chunked" in value.lower() for name, value in fields)

    @property
    def payload_length(self) -> int:
        """The number of bytes after the HTTP head, including any chunked framing."""
        return self.block_length - len(self.http_head)

    def raw_payload(self) -> BinaryIO:
        """Return the block after its HTTP head, as stored."""
        if isinstance(self.block, bytes):
            return io.BytesIO(self.block[len(self.http_head) :])
        self.block.seek(len(self.http_head))
        return self.block

    def payload(self) -> BinaryIO:
        """Return the transfer-decoded, still content-encoded body. Our own records never hold chunked framing."""
        return (self.is_chunked and dechunked(self.raw_payload())) or self.raw_payload()

    def payload_in_memory(self) -> bytes | None:
        """Return the payload without a copy to a file; None when the block is in a file, or chunked."""
        if isinstance(self.block, bytes) and not self.is_chunked:
            return self.block[len(self.http_head) :]
        return None

    def pieces(self) -> Iterator[bytes]:
        """Yield the payload from its beginning, at most 1 MiB at a time. The record stays open."""
        body = self.payload()
        try:
            while piece := body.read(_PIECE):
                yield piece
        finally:
            if body is not self.block:
                body.close()

    def read_payload(self, limit: int | None = None) -> bytes:
        """Return the first `limit` bytes of the payload, by default all of it. The record stays open."""
        body = self.payload()
        try:
            return body.read() if limit is None else body.read(limit)
        finally:
            if body is not self.block:
                body.close()

    def start_of_block(self) -> bytes:
        """Return the first MiB of the block."""
        return self.block[:_PIECE] if isinstance(self.block, bytes) else _start_of(self.block, _PIECE)

    def close(self) -> None:
        if not isinstance(self.block, bytes):
            self.block.close()

    def __enter__(self) -> Record:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def read(file: BinaryIO, offset: int = 0) -> Generator[Record, None, None]:
    """Yield the records from the file's position, which is `offset` bytes into the WARC. Raises Damage at the first
    incomplete record.
    """
    source = Source(file, offset)
    while start := source.start():
        record = _next(source, start)
        try:
            yield record
        finally:
            record.close()


def record_at(file: BinaryIO, offset: int = 0) -> Record:
    """Return the record at the file's position; the caller closes it. Raises Damage."""
    source = Source(file, offset)
    return _next(source, source.start())


def _next(source: Source, start: bytes) -> Record:
    offset = source.offset
    if start.startswith(b"\x1f\x8b"):
        if start[3:] and start[3] & _RESERVED:
            raise Damage(offset, "gzip", "the header of the gzip member has flags that do not exist")
        return _record(Member(source), source, offset)
    if start == _VERSION:
        return _record(source, source, offset)
    why = f"{start[:5]!r} starts neither a gzip member nor a WARC record" if start else "the file ends here"
    raise Damage(offset, "garbage" if start else "torn", why)


def _record(octets: Member | Source, source: Source, offset: int) -> Record:
    got, end = _with_head(octets, offset)
    head = RecordHead(got[:end])
    length = _content_length(head, offset)
    block, after = _block(octets, got, end + len(_END), length, offset)
    try:
        _finish(octets, source, after, offset)
    except BaseException:
        if not isinstance(block, bytes):
            block.close()
        raise
    return Record(head, block, length, offset, source.offset - offset)


def _with_head(octets: Member | Source, offset: int) -> tuple[bytes, int]:
    """Return the first bytes of a record, and the offset of the empty line that ends its head."""
    got = octets.more()
    while (end := got.find(_END)) < 0:
        piece = octets.more()
        if not piece or len(got) > _HEAD_LIMIT:
            raise Damage(offset, "head", "the record's header does not end with an empty line")
        got += piece
    if not got.startswith(_VERSION):
        raise Damage(offset, "head", f"{got[:20]!r} is not a WARC version")
    return got, end


def _content_length(head: RecordHead, offset: int) -> int:
    value = head.first("content-length") or ""
    if not (value.isascii() and value.isdigit() and len(value) < 20):
        raise Damage(offset, "head", f"Content-Length is {value!r}, which is not a number of bytes")
    return int(value)


def _block(octets: Member | Source, got: bytes, start: int, length: int, offset: int) -> tuple[bytes | BinaryIO, bytes]:
    """Return the block, which begins at `start` of the bytes read so far, and the bytes read beyond it."""
    if length > IN_MEMORY:
        return _long_block(octets, got[start:], length, offset)
    end = start + length
    while len(got) < end:
        if not (piece := octets.more()):
            raise _short(offset, length, len(got) - start)
        got += piece
    return got[start:end], got[end:]


def _long_block(octets: Member | Source, piece: bytes, length: int, offset: int) -> tuple[BinaryIO, bytes]:
    file, got = tempfile.TemporaryFile(), 0  # noqa: SIM115 -- the record owns it
    try:
        while got + len(piece) < length:
            got += file.write(piece)
            if not (piece := octets.more()):
                raise _short(offset, length, got)
        file.write(piece[: length - got])
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return file, piece[length - got :]


def _short(offset: int, said: int, got: int) -> Damage:
    return Damage(offset, "length", f"Content-Length is {said} bytes, the block has {got}")


def _finish(octets: Member | Source, source: Source, after: bytes, offset: int) -> None:
    """Check that two line ends follow the block, and nothing else in a gzip member."""
    while len(after) < 4 and (piece := octets.more()):
        after += piece
    if after[:4] != _END:
        raise Damage(offset, "length", f"the block is followed by {after[:4]!r} instead of two line breaks")
    if octets is source:
        source.give_back(len(after) - 4)
    elif after[4:] or octets.more():
        raise Damage(offset, "whole-file-gzip", "more than one record is in this gzip member")


def _http_head(block: bytes | BinaryIO) -> bytes:
    if isinstance(block, bytes):
        return block[: end_of_head(block)]
    start = _start_of(block, _HEAD_LIMIT)
    return start[: end_of_head(start)]


def _start_of(block: BinaryIO, limit: int) -> bytes:
    """Read from the beginning of a file, and restore its position."""
    here = block.tell()
    block.seek(0)
    start = block.read(limit)
    block.seek(here)
    return start
