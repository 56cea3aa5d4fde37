"""Write WARC 1.1 records with warcio: blocks stay as they were received, and each record is one gzip member.

warcio builds and serializes the records (`create_warc_record`, `create_revisit_record`, `create_warcinfo_record`,
`write_record`). `RecordWriter` changes what warcio 1.8 does wrong for an exact archive; each change has a test:

* it percent-encodes HTTP heads that are not ASCII: `RawHead` is written as the bytes that were received;
* it computes a payload digest for every record without one, requests and foreign records included;
* it has one profile for all revisits, and a second WARC-Profile field if another is given;
* it reads a body at the position where another thread may be reading it: `_PositionedFile` reads by offset;
* it compresses with zlib at level 9: a `Member` compresses with isal, or as its caller chooses;
* it compresses bodies that are compressed already: a `StoredMember` stores them.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any, BinaryIO, Protocol, TypeAlias

from isal import isal_zlib
from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive.warc.stored_member import StoredMember

Write = Callable[[bytes], object]
Fields = Iterable[tuple[str, str]]
"""Fields of a record in order; a name may be repeated."""

LEVEL = 2
"""Of isal. Level 1 saves nothing, 3 doubles the cost for 2 % and zlib's 6 costs eight times as much for 8 %."""

Built: TypeAlias = ArcWarcRecord
"""A record that warcio built and has not written yet."""

_VERSION = "WARC/1.1"
_COPY = "copy"
_GZIP = 31
_WHOLE = 1 << 20
"""Maximum bytes of a record that is compressed in one step, twice as fast as in pieces."""


class Compressor(Protocol):
    """What `zlib.compressobj` returns."""

    def compress(self, data: bytes, /) -> bytes: ...
    def flush(self) -> bytes: ...


def isal_gzip() -> Compressor:
    """Return an isal compressor that writes one gzip member."""
    made: Compressor = isal_zlib.compressobj(LEVEL, isal_zlib.DEFLATED, _GZIP)
    return made


class RawHead(StatusAndHeaders):  # type: ignore[misc]
    """An HTTP head that warcio writes as the bytes that were received, folds and odd bytes included."""

    def __init__(self, head: bytes) -> None:
        super().__init__("", [])
        self.headers_buff = head

    def compute_headers_buffer(self, header_filter: object = None) -> None:
        """Keep the bytes as they are."""

    def __bool__(self) -> bool:
        return True


class Member:
    """One gzip member, written piece by piece: the interface of warcio's `GzippingWrapper`."""

    def __init__(self, write: Write, compressor: Callable[[], Compressor] = isal_gzip) -> None:
        self.size = 0
        """Compressed bytes written so far."""
        self._write, self._new = write, compressor
        self._pieces, self._held = list[bytes](), 0
        self._gzip: Compressor | None = None

    def write(self, data: bytes) -> None:
        if self._gzip:
            self._put(self._gzip.compress(data))
            return
        self._pieces.append(data)
        self._held += len(data)
        if self._held > _WHOLE:
            self._gzip = self._new()
            self._put(self._gzip.compress(b"".join(self._pieces)))
            self._pieces = []

    def flush(self) -> None:
        """End the member."""
        if self._gzip:
            self._put(self._gzip.flush())
        elif self._new is isal_gzip:
            self._put(isal_zlib.compress(b"".join(self._pieces), LEVEL, _GZIP))
        else:
            gzip = self._new()
            self._put(gzip.compress(b"".join(self._pieces)) + gzip.flush())

    def _put(self, data: bytes) -> None:
        if data:
            self._write(data)
            self.size += len(data)


class RecordWriter(WARCWriter):  # type: ignore[misc]
    """Builds and writes WARC 1.1 records. It has no state per record: one instance serves all files and threads."""

    def __init__(self, compressor: Callable[[], Compressor] = isal_gzip) -> None:
        super().__init__(None, gzip=False, warc_version="1.1")
        self._compressor = compressor

    def record(
        self, kind: str, fields: Fields, head: bytes = b"", body: bytes | BinaryIO = b"", length: int | None = None
    ) -> Built:
        """Build a record with the block `head` + `body`, both written unchanged.

        `fields` hold WARC-Record-ID, WARC-Date and the digest of the payload, if it has one. warcio adds the digest of
        the block, Content-Type by `kind` if missing, and Content-Length. `length` is the length of `body` if that is a
        file. A revisit has no body (ISO 28500:2017, 6.7).
        """
        headers = StatusAndHeaders("", [("WARC-Type", kind), *fields], protocol=_VERSION)
        size = len(body) if isinstance(body, bytes) else length
        return self.create_warc_record(
            "", kind, payload=_stream(body), length=size, warc_headers=headers, http_headers=RawHead(head)
        )

    def revisit(
        self, fields: Fields, head: bytes, *, url: str, digest: str, original_url: str, original_date: str
    ) -> Built:
        """Build a revisit of an identical payload (ISO 28500:2017, 6.7.2)."""
        return self.create_revisit_record(
            url, digest, original_url, original_date, http_headers=RawHead(head), warc_headers_dict=_Items(fields)
        )

    def warcinfo(self, filename: str, info: Mapping[str, str], *, record_id: str, date: str) -> Built:
        """Build a warcinfo with that id and date, instead of a random id and the current time."""
        record = self.create_warcinfo_record(filename, info)
        record.rec_headers.replace_header("WARC-Record-ID", record_id)
        record.rec_headers.replace_header("WARC-Date", date)
        return record

    def copy(self, fields: Fields, block: Iterable[bytes], length: int) -> Built:
        """Build a record of exactly these fields and this block of `length` bytes; warcio adds Content-Length."""
        headers = StatusAndHeaders("", list(fields), protocol=_VERSION)
        record = self.create_warc_record(
            "", _COPY, payload=_Pieces(block), length=length, warc_headers=headers, http_headers=RawHead(b"")
        )
        record.content_type = headers.get_header("Content-Type")
        return record

    def put(self, record: Built, write: Write) -> int:
        """Write a record as one gzip member, and return its compressed length in bytes."""
        member = Member(write, self._compressor)
        self._write_warc_record(member, record)
        return member.size

    def packed(self, record: Built) -> bytes:
        """Return a record as one gzip member."""
        out = io.BytesIO()
        self.put(record, out.write)
        return out.getvalue()

    def ensure_digest(self, record: Built, block: bool = True, payload: bool = True) -> None:
        """Compute only the digest of the block: the caller passes that of the payload, if there is one."""
        super().ensure_digest(record, block=block and record.rec_type != _COPY, payload=False)


class PackedBodyWriter(RecordWriter):
    """Writes records with an HTTP head and a body that is compressed already, which it stores as it is."""

    def put(self, record: Built, write: Write) -> int:
        member = StoredMember(write, record.http_headers.headers_buff, LEVEL)
        self._write_warc_record(member, record)
        return member.size


class _Items(list[tuple[str, str]]):
    """Fields for warcio, which expects a dict: that could not hold WARC-Protocol twice (IIPC proposal 42)."""

    def items(self) -> list[tuple[str, str]]:
        return self


class _Pieces:
    """A stream of the pieces of a block, which warcio reads to its end."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)

    def read(self, _: int) -> bytes:
        return next(filter(None, self._pieces), b"")


class _PositionedFile:
    """A file that is read by offset, so that its position stays: another thread may be reading it."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor, self._at = descriptor, 0

    def read(self, size: int) -> bytes:
        data = os.pread(self._descriptor, size, self._at)
        self._at += len(data)
        return data

    def tell(self) -> int:
        return self._at

    def seek(self, at: int) -> None:
        self._at = at


def _stream(body: bytes | BinaryIO) -> Any:
    if isinstance(body, bytes):
        return io.BytesIO(body)
    try:
        descriptor = body.fileno()
    except (io.UnsupportedOperation, AttributeError):
        body.seek(0)
        return body
    body.flush()
    return _PositionedFile(descriptor)
