"""Read the head of an answer as browsers do: pure functions on its bytes."""

from __future__ import annotations

import re
from typing import NamedTuple

from archive.warc.exchange import Headers

_STATUS = re.compile(rb"HTTP/(\d{1,3})(?:\.(\d{1,3}))?[ \t]+(\d{3})(?!\d)[^\n]*\n", re.IGNORECASE)
# tried at the first space of a run only; otherwise it would be quadratic
_FOLD = re.compile(rb"(?<![ \t])[ \t]*\r?\n[ \t]+")
_SPACE = b" \t\r"
_MOST_DIGITS = 18  # digits of a length; no body is longer


class Status(NamedTuple):
    code: int
    version: tuple[int, int]
    end: int
    """Return where the status line ends, including its line end."""

    @property
    def interim(self) -> bool:
        """Return whether another head follows (RFC 9110, section 15.2).

        After a 101 the connection no longer speaks HTTP.
        """
        return 100 <= self.code < 200 and self.code != 101


class Framing(NamedTuple):
    chunked: bool
    length: int | None
    persistent: bool
    """Whether the connection may carry another exchange, if the body ends where the head says."""


def read_status(head: bytes) -> Status | None:
    """Read the status line; None when the first line is not one."""
    found = _STATUS.match(head)
    if found is None:
        return None
    major, minor, code = found.groups()
    return Status(int(code), (int(major), int(minor or 0)), found.end())


def read_fields(head: bytes, begin: int, most: int) -> tuple[Headers, bool]:
    """Read the first `most` fields after `begin`; False when there are more.

    Lines without a colon are left out, and so is space before the colon; folded lines are joined by one space.
    """
    text = head[begin:]
    if b"\n " in text or b"\n\t" in text:
        text = _FOLD.sub(b" ", text)
    if text[:1] in (b" ", b"\t"):  # a fold without a line before it
        text = text.partition(b"\n")[2]
    cut = [line.partition(b":") for line in text.split(b"\n")]
    fields = tuple((name.rstrip(_SPACE), value.strip(_SPACE)) for name, colon, value in cut if name and colon)
    return fields[:most], len(fields) <= most


def body_framing(headers: Headers, version: tuple[int, int]) -> Framing:
    """Return how the body is framed and whether the connection persists (RFC 9112, sections 6.3 and 9.3).

    If lengths differ, the largest counts, so that nothing is lost, and the connection is not used again. A coding
    "chunked" counts at any position, also together with a length and in HTTP/1.0.
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
    """Return the valid lengths in a Content-Length."""
    return {int(token[:_MOST_DIGITS]) for token in _tokens(value) if token.isdigit()}


def _tokens(value: bytes) -> list[bytes]:
    return [token.strip(_SPACE) for token in value.lower().split(b",")]
