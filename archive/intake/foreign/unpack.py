"""Unpack compressed files member by member, so that damage costs as little as possible."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import BinaryIO, Protocol, cast

import zstandard
from isal import isal_zlib

from archive.intake.foreign.form import GZIP, ZSTD

_Damaged = cast("tuple[type[Exception], ...]", (isal_zlib.IsalError, zstandard.ZstdError))
_WINDOW = 1 << 20
_ZSTD_WINDOW = 8 << 20
_LARGEST_DICTIONARY = 1 << 24
_STEP = 1 << 10
"""Bytes of Zstandard that a decompressor gets at once."""
_LEAST_LIMIT = 1 << 30
_BOMB = 100
"""A file that unpacks to more than 1 GiB, and to more than this multiple of its size, is not from a crawler.

Gzip can't exceed 1,032; files of crawlers stay below 20.
"""
MOST_UNPACKED = 64 << 30
"""Bytes that one import may unpack, by default."""


@dataclass(frozen=True, slots=True)
class RefusedRecord:
    """A refused record, or a refused range of bytes."""

    offset: int
    """The offset in the file; for a record in a compressed file, in the unpacked content."""
    why: str


@dataclass(slots=True)
class Unpacked:
    refused: list[RefusedRecord] = field(default_factory=list)
    doubtful: list[range] = field(default_factory=list)
    """Ranges of the result from members without a valid end."""

    def is_doubtful(self, offset: int) -> bool:
        return any(offset in part for part in self.doubtful)


class Allowance:
    """How many bytes one import may still unpack, over all its files."""

    def __init__(self, most: int = MOST_UNPACKED) -> None:
        self.most = self.left = most

    def limit(self, packed: int) -> int:
        """Return how many bytes a file or member of this packed size may unpack to."""
        return min(self.left, max(_LEAST_LIMIT, packed * _BOMB))

    def spend(self, unpacked: int) -> None:
        self.left = max(self.left - unpacked, 0)

    def why_not(self, packed: int) -> str:
        """Return why more than `limit` is refused."""
        limit = self.limit(packed)
        if limit == self.left:
            return f"unpacks to more than the {limit} bytes that are left of this import's {self.most}"
        return f"unpacks to more than {limit} bytes, and more than {_BOMB} times its size"


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class _Coding:
    name: str
    magic: bytes
    step: int
    """Bytes that a decompressor gets at once: few enough that the output fits in memory."""
    new: Callable[[], _Decompressor]


def unpack_gzip(file: BinaryIO, size: int, into: BinaryIO, allowance: Allowance) -> Unpacked:
    """Unpack any number of members. Never raises because of the file."""
    return _Unpacker(file, size, into, _Coding("gzip", GZIP + b"\x08", 1 << 12, _new_gzip), allowance).run(0)


def unpack_zstd(file: BinaryIO, size: int, into: BinaryIO, allowance: Allowance) -> Unpacked:
    """Unpack a WARC in Zstandard; the first frame may hold a dictionary. Never raises because of the file."""
    try:
        dictionary, start = _dictionary(file)
    except (ValueError, zstandard.ZstdError) as error:
        return Unpacked([RefusedRecord(0, f"its dictionary can't be read: {error}")])
    decompressor = zstandard.ZstdDecompressor(dict_data=dictionary, max_window_size=_ZSTD_WINDOW)
    coding = _Coding("zstd", ZSTD[0], _STEP, decompressor.decompressobj)
    return _Unpacker(file, size, into, coding, allowance).run(start)


class _Unpacker:
    def __init__(self, file: BinaryIO, size: int, into: BinaryIO, coding: _Coding, allowance: Allowance) -> None:
        self._file, self._size, self._into, self._coding = file, size, into, coding
        self._allowance, self._limit = allowance, allowance.limit(size)
        self._budget = 4 * size + (64 << 20)
        self._result = Unpacked()

    def run(self, offset: int) -> Unpacked:
        try:
            return self._run(offset)
        finally:
            self._allowance.spend(self._into.tell())

    def _run(self, offset: int) -> Unpacked:
        while offset < self._size:
            begun = self._into.tell()
            end, why = self._member(offset)
            if why is None:
                offset = end
                continue
            self._result.refused.append(RefusedRecord(offset, f"the {self._coding.name} member there {why}"))
            self._result.doubtful.append(range(begun, self._into.tell()))
            found = self._next(offset + 1)
            if found is None or self._budget <= 0 or self._into.tell() > self._limit:
                break
            offset = found
        return self._result

    def _member(self, offset: int) -> tuple[int, str | None]:
        """Unpack one member. Return where it ends, and what is wrong with it."""
        self._file.seek(offset)
        member, read = self._coding.new(), 0
        while not member.eof:
            piece = self._file.read(self._coding.step)
            if not piece:
                return offset + read, "is truncated by the end of the file"
            read += len(piece)
            self._budget -= len(piece)
            try:
                self._into.write(member.decompress(piece))
            except _Damaged as error:
                return offset + read, f"is damaged: {error}"
            if self._into.tell() > self._limit:
                return offset + read, self._allowance.why_not(self._size)
        return offset + read - len(member.unused_data), None

    def _next(self, offset: int) -> int | None:
        """Return where the next member may begin."""
        magic = self._coding.magic
        while True:
            self._file.seek(offset)
            window = self._file.read(_WINDOW)
            self._budget -= len(window)
            if (found := window.find(magic)) >= 0:
                return offset + found
            if len(window) < _WINDOW:
                return None
            offset += _WINDOW - len(magic)


def _new_gzip() -> _Decompressor:
    new: _Decompressor = isal_zlib.decompressobj(31)
    return new


def _dictionary(file: BinaryIO) -> tuple[zstandard.ZstdCompressionDict | None, int]:
    """Return the dictionary of a file, which may be compressed, and where the records begin.

    Raises ValueError, ZstdError.
    """
    file.seek(0)
    head = file.read(8)
    if head[:4] != ZSTD[1]:
        return None, 0
    length = int.from_bytes(head[4:], "little")
    if len(head) < 8 or length > _LARGEST_DICTIONARY:
        raise ValueError(f"it would have {length} bytes")
    content = file.read(length)
    return zstandard.ZstdCompressionDict(_plain(content) if content.startswith(ZSTD[0]) else content), 8 + length


def _plain(packed: bytes) -> bytes:
    """Unpack a dictionary piece by piece, since the length in its frame can't be trusted.

    Raises ValueError, ZstdError.
    """
    member, found = zstandard.ZstdDecompressor(max_window_size=_LARGEST_DICTIONARY).decompressobj(), bytearray()
    for begin in range(0, len(packed), _STEP):
        found += member.decompress(packed[begin : begin + _STEP])
        if len(found) > _LARGEST_DICTIONARY:
            raise ValueError(f"it unpacks to more than {_LARGEST_DICTIONARY} bytes")
        if member.eof:
            return bytes(found)
    raise ValueError("it is truncated")
