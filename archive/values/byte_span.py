"""Byte ranges (RFC 9110, 14): one range of a request, from the front or from the end."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

_ONE = re.compile(r"bytes=[ \t]*(\d{0,18})-(\d{0,18})[ \t]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes from `start` on, `length` of them."""

    start: int
    length: int

    def of(self, size: int) -> str:
        """Return its Content-Range for a total size."""
        return f"bytes {self.start}-{self.start + self.length - 1}/{size}"


def span_of(header: str | None, size: int) -> Span | Literal["unsatisfiable"] | None:
    """Return the bytes that a Range header requests out of `size`.

    None for all, also for a header that is not understood.

    A request for several ranges may be answered with the whole (RFC 9110, 14.2).
    """
    found = _ONE.fullmatch(header or "")
    if not found or found[1] == found[2] == "":
        return None
    if not found[1]:
        length = min(int(found[2]), size)
        return Span(size - length, length) if length else "unsatisfiable"
    start, last = int(found[1]), int(found[2]) if found[2] else size - 1
    if found[2] and last < start:
        return None
    return Span(start, min(last, size - 1) - start + 1) if start < size else "unsatisfiable"
