"""The octets of a WARC as they are read forward, gzip member by gzip member, and where they stop being whole."""

from __future__ import annotations

from typing import BinaryIO, Literal, cast

from isal import isal_zlib

from archive.errors import DamagedRecord

Kind = Literal["torn", "gzip", "garbage", "head", "length", "whole-file-gzip"]

_READ = 1 << 15
_BadGzip = cast("type[Exception]", isal_zlib.error)


class Damage(DamagedRecord):
    """Where a WARC stops being whole records, and in what way."""

    def __init__(self, offset: int, kind: Kind, why: str) -> None:
        super().__init__(f"offset {offset}", why)
        self.offset = offset
        self.kind = kind


class Source:
    """A file read forward in pieces, what is left of a piece given back."""

    __slots__ = ("_file", "_rest", "offset")

    def __init__(self, file: BinaryIO, offset: int) -> None:
        self._file, self._rest, self.offset = file, b"", offset

    def more(self) -> bytes:
        piece, self._rest = self._rest or self._file.read(_READ), b""
        self.offset += len(piece)
        return piece

    def give_back(self, rest: bytes) -> None:
        self._rest = rest + self._rest
        self.offset -= len(rest)

    def start(self) -> bytes:
        """The first octets of what comes; empty at the end."""
        if len(self._rest) < 5:
            piece = self.more()
            while piece and len(piece) < 5 and (more := self.more()):
                piece += more
            self.give_back(piece)
        return self._rest[:5]


class Member:
    """The octets in one gzip member."""

    __slots__ = ("_gzip", "_source", "_start")

    def __init__(self, source: Source) -> None:
        self._source, self._start, self._gzip = source, source.offset, isal_zlib.decompressobj(31)

    def more(self) -> bytes:
        """The next octets, none at the end of a whole member. Raises Damage."""
        while not self._gzip.eof:
            if not (piece := self._source.more()):
                raise Damage(self._start, "torn", "the file ends inside a gzip member")
            try:
                octets: bytes = self._gzip.decompress(piece)
            except _BadGzip as error:
                raise Damage(self._start, "gzip", f"the gzip member is damaged: {error}") from error
            if self._gzip.eof:
                self._source.give_back(self._gzip.unused_data)
            if octets:
                return octets
        return b""
