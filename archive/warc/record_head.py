"""The head of a WARC record; fields are looked up without parsing all of them (ISO 28500:2017, 4)."""

from __future__ import annotations

import re
from functools import lru_cache

Fields = tuple[tuple[str, str], ...]

_FOLD = re.compile(r"\r\n[ \t]+")
_VALUE = r"([^\r]*(?:\r(?!\n)[^\r]*|\r\n[ \t][^\r]*)*)"


class RecordHead:
    """Version line and fields. All are only parsed when `fields` is called: the index needs three of a request."""

    __slots__ = ("_text",)

    def __init__(self, octets: bytes) -> None:
        """Create a head from its bytes without the empty line."""
        self._text = octets.decode(errors="replace")

    def first(self, name: str) -> str | None:
        """Return the first field of that name, which must be in lower case. A fold becomes one space."""
        found = _named(name).search(self._text)
        return None if found is None else _unfolded(found[1]).strip()

    def fields(self) -> Fields:
        """Return all fields in order."""
        lines = (line.partition(":") for line in _unfolded(self._text).split("\r\n")[1:])
        return tuple((name, value.strip()) for name, _, value in lines)


@lru_cache(maxsize=64)
def _named(name: str) -> re.Pattern[str]:
    return re.compile(rf"\r\n{re.escape(name)}:{_VALUE}", re.IGNORECASE | re.ASCII)


def _unfolded(text: str) -> str:
    return _FOLD.sub(" ", text) if "\r" in text else text
