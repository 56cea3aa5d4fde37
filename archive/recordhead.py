"""The head of a WARC record, in which fields are looked up as they stand (ISO 28500:2017, 4)."""

from __future__ import annotations

import re
from functools import lru_cache

Fields = tuple[tuple[str, str], ...]

_FOLD = re.compile(r"\r\n[ \t]+")


class RecordHead:
    """Version line and fields. They are only taken apart when all are asked for: an index asks a request for three."""

    __slots__ = ("_text",)

    def __init__(self, octets: bytes) -> None:
        """`octets` are without the empty line. A fold is one space."""
        text = octets.decode(errors="replace")
        self._text = _FOLD.sub(" ", text) if _FOLD.search(text) else text

    def first(self, name: str) -> str | None:
        """The first field of that name, which is given in lower case."""
        found = _named(name).search(self._text)
        return found[1].strip() if found else None

    def fields(self) -> Fields:
        """All fields in their order."""
        lines = (line.partition(":") for line in self._text.split("\r\n")[1:])
        return tuple((name, value.strip()) for name, _, value in lines)


@lru_cache(maxsize=64)
def _named(name: str) -> re.Pattern[str]:
    return re.compile(rf"\r\n{re.escape(name)}:([^\r]*(?:\r(?!\n)[^\r]*)*)", re.IGNORECASE | re.ASCII)
