"""Parse HTTP/1.x answers as they arrive: no I/O, every byte is kept, and none is refused (RFC 9112).

The parser reads what browsers read: folded lines, lines without a colon, wrong lengths, invalid chunks. The result
depends on the bytes and on how the connection ended, never on how the bytes were split into segments.
"""

from __future__ import annotations

import re
import sys

from archive.values.capture import Truncated
from archive.warc.exchange import Headers
from crawler.wire.body import Body
from crawler.wire.chunked import Chunks
from crawler.wire.heads import Status, body_framing, read_fields, read_status
from crawler.wire.recording import WireLimits

_HEAD_END = re.compile(rb"\n\r?\n")
_EMPTY_LINES = re.compile(rb"[\r\n]{0,4}")
"""What browsers skip before a status line."""
_HTTP2_SETTINGS = re.compile(rb".{3}\x04\x00\x00{4}", re.DOTALL)
"""The first frame of a server that speaks HTTP/2 (RFC 9113, 3.4): of type SETTINGS, without flags, on stream 0."""
_HTTP2_ONLY = "the server accepts only HTTP/2, but Pressmark asks in HTTP/1.1, so it can't archive this page"
_WITHOUT_BODY = (204, 304)
_HEAD, _HEADLESS, _LENGTH, _CHUNKED, _CLOSE, _OVER = range(6)  # what the next bytes are read as


class Answer:
    """The answer to one request, read piece by piece. No input makes it raise.

    Once `over`, it is complete, or `truncated` and `error` say why not. Bytes outside any head are in `received`: all
    bytes if there is no `head`, otherwise the empty lines before the first one.
    """

    __slots__ = (
        "_begin",
        "_body",
        "_broken",
        "_chunks",
        "_held",
        "_left",
        "_length",
        "_limits",
        "_method",
        "_most",
        "_prefix",
        "_searched",
        "_stage",
        "chunked",
        "error",
        "head",
        "headers",
        "interim",
        "received",
        "reusable",
        "status",
        "trailers",
        "truncated",
        "version",
    )

    def __init__(self, method: str, limits: WireLimits, body: Body, *, page_bytes: int, prefix: bool = False) -> None:
        """Set up the parser.

        `page_bytes` limits the body; 0: unlimited. A body that announces more is not read; with `prefix`, it is read up
        to the limit. When `body.write` raises OSError, so does `feed`.
        """
        self.head = self.received = self.trailers = b""
        self.status, self.version = 0, (0, 9)
        self.headers: Headers = ()
        self.interim: list[bytes] = []
        self.truncated: Truncated | None = None
        self.error: str | None = None
        self.chunked = False
        self.reusable = False  # whether the connection may carry another exchange
        self._method = method
        self._limits = limits
        self._body = body
        self._most = page_bytes or sys.maxsize
        self._prefix = prefix
        self._stage = _HEAD
        self._held: bytes | bytearray = b""  # what came before there was a complete head, including 1xx heads
        # offsets in it: where a head begins, and up to where its end was not found
        self._begin = self._searched = 0
        self._length: int | None = None
        self._left = 0  # bytes that the body still needs
        self._chunks: Chunks | None = None
        self._broken = ""  # what is wrong with the chunks

    @property
    def over(self) -> bool:
        return self._stage == _OVER

    @property
    def begun(self) -> bool:
        """Whether any byte arrived."""
        return bool(self.head or self.interim or self.received or self._held)

    def feed(self, data: bytes) -> bool:
        """Take in bytes. Return True once the answer is over; bytes beyond it are not part of it."""
        if self._stage == _HEAD:
            self._take_head(data)
        elif self._stage == _HEADLESS:
            self._take_headless(data)
        elif self._stage == _OVER:
            self.reusable = False
        else:
            self._take_body(data)
        return self._stage == _OVER

    def end(self, *, reset: bool = False) -> None:
        """Note that the other side closed the connection, normally or by a reset."""
        how = "reset" if reset else "closed"
        if self._stage == _CLOSE and self._length is None and not reset:
            self._stop(None, None)
        elif self._stage == _HEAD and not self.begun:
            self._stop(None, f"the connection was {how} before any response")
        elif self._stage <= _HEADLESS and not reset and not self._may_be_head():
            self._stop(None, f"the response has no status line; it begins with {self._sample()}")
        elif self._chunks is not None and self._chunks.last and not self._chunks.trailers and not self._broken:
            self._stop(None, None)  # only the empty line after the last chunk is missing
        else:
            self._stop("disconnect", f"the connection was {how} {self._where()}")

    def cut(self, truncated: Truncated, error: str) -> None:
        """Stop for a reason outside the answer: time, a full disk."""
        self._stop(truncated, error)

    # The head

    def _take_head(self, data: bytes) -> None:
        held = self._hold(data) if self._held else data
        if not self.interim and (empty := _EMPTY_LINES.match(held)):
            self._begin = empty.end()
        search = max(self._begin, self._searched)
        while found := _HEAD_END.search(held, search, self._limits.head_bytes):
            head = bytes(held[self._begin : found.end()])
            status = read_status(head)
            if status is None:
                self._stage, self._begin = _HEADLESS, self._begin if self.interim else 0
                break
            if not self.interim:
                self.received = bytes(held[: self._begin])
            if not status.interim:
                self._held = b""
                self._take_final(head, status, bytes(held[found.end() :]))
                return
            self.interim.append(head)
            self._begin = search = found.end()
        if not self._held:
            self._hold(bytes(held))
        self._searched = len(held) - 2  # an end may have begun within the last two bytes
        if not self.interim and _HTTP2_SETTINGS.match(held):
            self._stop(None, _HTTP2_ONLY)
        self._bound_head()

    def _take_headless(self, data: bytes) -> None:
        self._hold(data)
        self._bound_head()

    def _hold(self, data: bytes) -> bytearray:
        if not isinstance(self._held, bytearray):
            self._held = bytearray(self._held)
        self._held += data
        return self._held

    def _bound_head(self) -> None:
        most = self._limits.head_bytes
        if len(self._held) > most:
            what = "response head" if self._stage == _HEAD else "response has no status line and"
            self._stop("length", f"the {what} is longer than {most} bytes")

    def _take_final(self, head: bytes, status: Status, rest: bytes) -> None:
        self.head, self.status, self.version = head, status.code, status.version
        self.headers, whole = read_fields(head, status.end, self._limits.header_count)
        if not whole:
            most = self._limits.header_count
            self._stop("length", f"the head has more than {most} fields, and the body was not read")
            return
        framing = body_framing(self.headers, self.version)
        self.reusable = framing.persistent
        self._length = framing.length
        if self._method == "HEAD" or self.status in _WITHOUT_BODY:
            self._finish(excess=bool(rest))
        elif self.status == 101:
            self._stop(None, None)  # what follows is not HTTP
        elif framing.chunked:
            self.chunked, self._stage = True, _CHUNKED
            self._chunks = Chunks(self._limits.head_bytes)
            self._take_body(rest)
        else:
            self._take_unchunked(rest)

    # The body

    def _take_unchunked(self, rest: bytes) -> None:
        if self._length is None:
            self._stage, self.reusable = _CLOSE, False
        elif self._length > self._most and self._prefix:
            self._stage, self.reusable = _CLOSE, False  # it ends at the limit
        elif self._length > self._most:
            self._stop("length", f"the body has {self._length} bytes, more than {self._most}, and was not read")
            return
        else:
            self._stage, self._left = _LENGTH, self._length
        self._take_body(rest)

    def _take_body(self, data: bytes) -> None:
        if self._stage == _LENGTH:
            left = self._left
            self._body.write(data if len(data) <= left else data[:left])
            self._left = left - len(data)
            if self._left <= 0:
                self._finish(excess=self._left < 0)
        elif self._chunks is not None and self._stage == _CHUNKED:
            self._take_chunks(self._chunks, data)
        else:
            self._write(data)

    def _take_chunks(self, chunks: Chunks, data: bytes) -> None:
        if not self._write(chunks.feed(data)):
            return
        if chunks.over:
            self.trailers = bytes(chunks.trailers)
            self._finish(excess=chunks.excess)
        elif chunks.broken and chunks.last:
            self._stop("length", f"the trailers are longer than {self._limits.head_bytes} bytes")
        elif chunks.broken and chunks.begun:
            self._broken = f"the chunks end after {self._body.length} bytes; the rest is stored as received"
            self._length = None
            self._take_unchunked(chunks.rest)
        elif chunks.broken:
            self.chunked = False
            self._take_unchunked(chunks.rest)

    def _write(self, data: bytes) -> bool:
        """Append bytes to the body, up to its limit. Return False when that is passed, and the answer is over."""
        room = self._most - self._body.length
        if len(data) <= room:
            self._body.write(data)
            return True
        self._body.write(data[:room])
        self._chunks = None  # trailers that came in the same segment are beyond the limit, too
        self._stop("length", f"the body is longer than {self._most} bytes")
        return False

    # The end

    def _finish(self, *, excess: bool) -> None:
        self._stage = _OVER
        self.reusable = self.reusable and not excess

    def _stop(self, truncated: Truncated | None, error: str | None) -> None:
        """Stop, without an end of the answer's own framing: the connection can't be used again."""
        if self._stage == _OVER:
            return
        if not self.head:
            begin = self._begin if self.interim else 0
            self.received += bytes(self._held[begin : self._limits.head_bytes])
        if self._chunks is not None:
            self.trailers = bytes(self._chunks.trailers)
        if self._broken:
            truncated, error = truncated or "unspecified", f"{self._broken}; {error}" if error else self._broken
        self.truncated, self.error = truncated, error
        self._stage, self.reusable, self._held = _OVER, False, b""

    def _may_be_head(self) -> bool:
        """Return whether the bytes may be the beginning of a head; if not, the answer has none (HTTP/0.9)."""
        begun = self._held[self._begin : self._begin + 5]
        return self._stage == _HEAD and b"HTTP/".startswith(begun.upper())

    def _sample(self) -> str:
        return repr(bytes(self._held[self._begin : self._begin + 60]))

    def _where(self) -> str:
        if not self.head:
            return f"in the head, after {len(self._held) - self._begin} bytes"
        of = f" of {self._length}" if self._stage == _LENGTH else ""
        return f"in the body, after {self._body.length}{of} bytes"
