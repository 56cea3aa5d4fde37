"""The candidates of a `srcset` (HTML, 4.8.4.2.1)."""

from __future__ import annotations

import re

_CANDIDATE = re.compile(r"[\s,]*(\S*[^\s,])(\s+[^,]*)?")
_END = re.compile(r"[\s,]")


def srcset(value: str) -> list[tuple[str, str]]:
    """Return each reference as written, with its size or density and the blanks before it; empty without one."""
    return _CANDIDATE.findall(_without_end(value))


def _without_end(value: str) -> str:
    """Remove blanks and commas from the end: each of them would be tried as the beginning of a candidate."""
    end = len(value)
    while end and _END.match(value, end - 1):
        end -= 1
    return value[:end]
