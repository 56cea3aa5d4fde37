"""Write lines of Markdown with the prefixes of the quotations and lists that they are in."""

from __future__ import annotations

from collections.abc import Sequence

from extractor.article.block_context import Place
from extractor.article.blocks import KIND, Blocks
from extractor.article.list_markers import DASH, ListMarkers

_LISTS = frozenset(KIND[tag] for tag in ("ul", "ol", "menu", "dl"))


class LineWriter:
    """Receives the lines of each block with its place, and writes them one after another."""

    def __init__(self, blocks: Blocks) -> None:
        self.lines: list[str] = []
        self._blocks = blocks
        self._open: list[tuple[int, str]] = []
        """The open list items, outermost first, and the prefix of their other lines."""
        self._quotes = 0
        self._markers = ListMarkers(blocks)
        self._list = -1

    def write(self, said: Sequence[str], place: Place, quotes: int) -> None:
        """Write the lines of a block, which is in so many quotations."""
        before, same = self._list, quotes == self._quotes
        if not same:
            self._open.clear()
        while self._open and self._open[-1][0] not in place.items:
            self._open.pop()
        starts = bool(place.items) and (not self._open or self._open[-1][0] != place.items[-1])
        self._list = self._list_of(place.items[-1]) if place.items else -1
        quoted = "> " * quotes
        if self.lines and not (starts and same and before == self._list):
            self.lines.append((quoted if same else "").rstrip())
        indent = quoted + "".join(margin for _, margin in self._open)
        first = indent
        if starts:
            marker = self._marker(place.items[-1])
            self._open.append((place.items[-1], " " * len(marker)))
            first, indent = indent + marker, indent + " " * len(marker)
        self._quotes = quotes
        self.lines.append((first + said[0]).rstrip())
        self.lines += [(indent + line).rstrip() for line in said[1:]]

    def _list_of(self, item: int) -> int:
        parent = self._blocks.parent[item]
        return parent if parent >= 0 and self._blocks.kind[parent] in _LISTS else -2

    def _marker(self, item: int) -> str:
        """Return the number in digits, the only ones of Markdown, which has no negative ones."""
        number = self._markers.number(item)
        return DASH if number is None else f"{max(number, 0)}. "
