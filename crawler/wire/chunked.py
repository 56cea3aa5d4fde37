"""Remove chunked framing as bytes arrive (RFC 9112, section 7.1). Without I/O."""

from __future__ import annotations

import re

_SIZE = rb"[ \t]*([0-9a-fA-F]{1,16})[ \t]*(?:;[^\n]*)?\r?\n"
_SIZE_BEGUN = rb"(?:[ \t]*(?:[0-9a-fA-F]{1,16}[ \t]*(?:;[^\n]*)?\r?)?)"
_FIRST = re.compile(_SIZE)
_FIRST_BEGUN = re.compile(_SIZE_BEGUN + rb"\Z")
_NEXT = re.compile(rb"\r?\n" + _SIZE)
_NEXT_BEGUN = re.compile(rb"(?:\r?|\r?\n" + _SIZE_BEGUN + rb")\Z")
_EMPTY_LINE = re.compile(rb"(?:\A|(?<=\n))\r?\n")
_MOST_SIZE_LINE = 4 * 1024


class Chunks:
    """Takes in framed bytes, and gives out the content of the frames.

    At `over`, the last chunk and its trailers were read, and `excess` says whether more bytes followed. `broken` says
    that the bytes in `rest` are not a valid chunk; if `begun` is not set then, no valid chunk came before them. After
    `last`, the last chunk, it says that the trailers are too long.
    """

    __slots__ = ("_held", "_left", "_most_trailers", "begun", "broken", "excess", "last", "over", "rest", "trailers")

    def __init__(self, most_trailers: int) -> None:
        self.begun = self.last = self.over = self.excess = self.broken = False
        self.rest = b""
        self.trailers = bytearray()
        self._most_trailers = most_trailers
        self._held = b""  # the beginning of a size line
        self._left = 0  # bytes that the chunk still needs

    def feed(self, data: bytes) -> bytes:
        """Take bytes of the body. Stops at the end of the last chunk, and where the framing breaks."""
        if self.last:
            self._read_trailers(data)
            return b""
        if self._held:
            data, self._held = self._held + data, b""
        pieces: list[bytes] = []
        at = 0
        while True:
            if self._left:
                piece = data[at : at + self._left]
                pieces.append(piece)
                at += len(piece)
                self._left -= len(piece)
                if self._left:
                    break
            size = (_NEXT if self.begun else _FIRST).match(data, at, at + _MOST_SIZE_LINE)
            if size is None:
                self._hold(data, at)
                break
            self.begun, at, self._left = True, size.end(), int(size[1], 16)
            if not self._left:
                self.last = True
                self._read_trailers(data[at:])
                break
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _hold(self, data: bytes, at: int) -> None:
        """Wait for the rest of a size line, if the bytes so far can become one."""
        begun = (_NEXT_BEGUN if self.begun else _FIRST_BEGUN).match(data, at)
        if begun and len(data) - at < _MOST_SIZE_LINE:
            self._held = data[at:]
        else:
            self.broken, self.rest = True, data[at:]

    def _read_trailers(self, data: bytes) -> None:
        """Read lines up to an empty one, which ends the body."""
        searched = max(len(self.trailers) - 2, 0)
        self.trailers += data
        end = _EMPTY_LINE.search(self.trailers, searched, self._most_trailers)
        if end:
            self.over, self.excess = True, end.end() < len(self.trailers)
            del self.trailers[end.start() :]
        elif len(self.trailers) >= self._most_trailers:
            self.broken = True
            del self.trailers[self._most_trailers :]
