"""Tell the items of printed lists by their bullets and numbers."""

from __future__ import annotations

import re

_BULLET = re.compile("[•◦▪‣●■∙⁃➢➤◆\x7f\uf0b7\uf0a7\uf0d8\uf0fc]")
"""What begins an item of a list, also as the signs of Symbol and Wingdings (U+F0B7 and the like)."""
_WORDS = re.compile(r"\s*[\w(\"'“‘«《（$]")
_NUMBER = re.compile(r"(?:\d{1,3}|[a-z]|[ivx]{1,5})[.)]|\(\w{1,3}\)")
_BESIDE_ITEM = 3.0
"""How far from its number an item begins at most, in sizes."""
ITEM = re.compile(r"- |(?:\d{1,3}|[a-z]|[ivx]{1,5})[.)] |\(\w{1,3}\) ")
"""The beginning of a line that is the first of an item."""


def with_marker(cells: tuple[tuple[float, str], ...], size: float) -> tuple[tuple[float, str], ...]:
    """Return the cells of a line, the bullet or the number of an item as one cell with its words."""
    left, first = cells[0]
    bullet = _BULLET.match(first)
    if bullet and _WORDS.match(first, 1):
        return ((left, f"- {first[1:].strip()}"), *cells[1:])
    if len(cells) < 2 or not ((bullet and len(first) == 1) or (_NUMBER.fullmatch(first) and len(cells) == 2)):
        return cells
    if cells[1][0] - left > _BESIDE_ITEM * size:
        return cells
    return ((left, f"{'-' if bullet else first} {cells[1][1]}"), *cells[2:])
