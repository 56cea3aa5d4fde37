"""The head of an answer, read as browsers read it: pure functions on its octets."""

from __future__ import annotations

import re
from typing import NamedTuple

from archive.warc.exchange import Headers

_STATUS = re.compile(rb"HTTP/(\d{1,3})(?:\.(\d{1,3}))?[ \t]+(\d{3})(?!\d)[^\n]*\n", re.IGNORECASE)
_FOLD = re.compile(rb"(?<![ \t])[ \t]*\r?\n[ \t]+")  # tried at the first space of a run only, or it were quadratic
_SPACE = b" \t\r"
_MOST_DIGITS = 18  # of a length; more would be no number of octets that anybody sends


class Status(NamedTuple):
    code: int
    version: tuple[int, int]
    end: int
    """Where the status line ends, its line end included."""

    @property
    def interim(self) -> bool:
        """Whether another head follows (RFC 9110, section 15.2); after a 101 it does not speak HTTP any more."""
        return 100 <= self.code < 200 and self.code != 101


class Framing(NamedTuple):
    chunked: bool
    length: int | None
    persistent: bool
    """Whether the connection may carry another exchange, if the body ends where the head says."""


def read_status(head: bytes) -> Status | None:
    """None when the first line is no status line."""
    found = _STATUS.match(head)
    if found is None:
        return None
    major, minor, code = found.groups()
    return Status(int(code), (int(major), int(minor or 0)), found.end())


def read_fields(head: bytes, begin: int, most: int) -> tuple[Headers, bool]:
    """The fields after `begin`, the first `most` of them; False when there are more.

    Lines without a colon are left out, and so is space before the colon; folded lines are joined by one space.
    """
    text = head[begin:]
    if b"\n " in text or b"\n\t" in text:
        text = _FOLD.sub(b" ", text)
    if text[:1] in (b" ", b"\t"):  # a fold with nothing before it
        text = text.partition(b"\n")[2]
    cut = [line.partition(b":") for line in text.split(b"\n")]
    fields = tuple((name.rstrip(_SPACE), value.strip(_SPACE)) for name, colon, value in cut if name and colon)
    return fields[:most], len(fields) <= most


def body_framing(headers: Headers, version: tuple[int, int]) -> Framing:
    """How the body is framed and whether the connection persists (RFC 9112, sections 6.3 and 9.3).

    Of lengths that differ the largest counts, so that nothing is lost, and the connection is not used again.
    A coding "chunked" counts wherever it stands, also beside a length and in HTTP/1.0.
    """
    lengths: set[int] = set()
    chunked, options = False, b""
    for name, value in headers:
        size = len(name)
        if size == 14 and name.lower() == b"content-length":
            lengths |= _lengths(value)
        elif size == 17 and name.lower() == b"transfer-encoding":
            chunked = chunked or b"chunked" in _tokens(value)
        elif size == 10 and name.lower() == b"connection":
            options += b"," + value.lower()
    persistent = b"close" not in options if version >= (1, 1) else b"keep-alive" in options
    return Framing(chunked, max(lengths, default=None), persistent and len(lengths) <= 1)


def _lengths(value: bytes) -> set[int]:
    """The lengths in a Content-Length; what is no number is none."""
    return {int(token[:_MOST_DIGITS]) for token in _tokens(value) if token.isdigit()}


def _tokens(value: bytes) -> list[bytes]:
    return [token.strip(_SPACE) for token in value.lower().split(b",")]
