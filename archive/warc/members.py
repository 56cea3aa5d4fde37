"""Read a WARC forward, gzip member by gzip member, and report where it is damaged."""

from __future__ import annotations

from typing import BinaryIO, Literal, cast

from isal import isal_zlib

from archive.values.errors import DamagedRecord

Kind = Literal["torn", "gzip", "garbage", "head", "length", "whole-file-gzip"]

_READ = 1 << 15
_FEW = 1 << 12
"""Bytes of the first attempt to unpack a member: the library copies everything behind it, which is little then."""
_BadGzip = cast("type[Exception]", isal_zlib.error)


class Damage(DamagedRecord):
    """Damage in a WARC: its offset and its kind."""

    def __init__(self, offset: int, kind: Kind, why: str) -> None:
        super().__init__(f"offset {offset}", why)
        self.offset = offset
        self.kind = kind


class Source:
    """A file that is read forward in pieces; unused bytes can be given back."""

    __slots__ = ("_at", "_file", "_piece", "offset")

    def __init__(self, file: BinaryIO, offset: int) -> None:
        self._file, self._piece, self._at, self.offset = file, b"", 0, offset

    def more(self, most: int = _READ) -> bytes:
        """Return the next bytes, at most `most`; empty at the end of the file."""
        if self._at == len(self._piece):
            self._piece, self._at = self._file.read(_READ), 0
        content = self._piece[self._at : self._at + most]
        self._at += len(content)
        self.offset += len(content)
        return content

    def give_back(self, count: int) -> None:
        """Give back the last `count` bytes, which were not used."""
        self._at -= count
        self.offset -= count

    def start(self) -> bytes:
        """Return the first bytes of what follows; empty at the end."""
        if len(start := self._piece[self._at : self._at + 5]) == 5:
            return start
        rest = self._piece[self._at :]
        while len(rest) < 5 and (more := self._file.read(_READ)):
            rest += more
        self._piece, self._at = rest, 0
        return rest[:5]


class Member:
    """The content of one gzip member."""

    __slots__ = ("_gzip", "_most", "_source", "_start")

    def __init__(self, source: Source) -> None:
        self._source, self._start, self._gzip, self._most = source, source.offset, isal_zlib.decompressobj(31), _FEW

    def more(self) -> bytes:
        """Return the next bytes; empty at the end of a complete member. Raises Damage."""
        while not self._gzip.eof:
            if not (piece := self._source.more(self._most)):
                raise Damage(self._start, "torn", "the file ends inside a gzip member")
            self._most = _READ
            try:
                content: bytes = self._gzip.decompress(piece)
            except _BadGzip as error:
                raise Damage(self._start, "gzip", f"the gzip member is damaged: {error}") from error
            if self._gzip.eof:
                self._source.give_back(len(self._gzip.unused_data))
            if content:
                return content
        return b""
