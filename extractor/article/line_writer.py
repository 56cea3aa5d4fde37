"""Write lines of Markdown with the prefixes of the quotations and lists that they are in."""

from __future__ import annotations

from collections.abc import Sequence

from extractor.article.block_context import Place
from extractor.article.blocks import BLOCKS, KIND, Blocks

_LISTS = frozenset(KIND[tag] for tag in ("ul", "ol", "menu", "dl"))
_LARGEST_NUMBER = 999_999_999


class LineWriter:
    """Receives the lines of each block with its place, and writes them one after another."""

    def __init__(self, blocks: Blocks) -> None:
        self.lines: list[str] = []
        self._blocks = blocks
        self._open: list[tuple[int, str]] = []
        """The open list items, outermost first, and the prefix of their other lines."""
        self._quotes = 0
        self._numbers: dict[int, int] = {}
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
            marker = self._marker(self._list, place.items[-1])
            self._open.append((place.items[-1], " " * len(marker)))
            first, indent = indent + marker, indent + " " * len(marker)
        self._quotes = quotes
        self.lines.append((first + said[0]).rstrip())
        self.lines += [(indent + line).rstrip() for line in said[1:]]

    def _list_of(self, item: int) -> int:
        parent = self._blocks.parent[item]
        return parent if parent >= 0 and self._blocks.kind[parent] in _LISTS else -2

    def _marker(self, around: int, item: int) -> str:
        if around < 0 or BLOCKS[self._blocks.kind[around]] != "ol":
            return "- "
        number = self._number(item, "value", self._numbers.get(around, self._number(around, "start", 1)))
        self._numbers[around] = number + 1
        return f"{number}. "

    def _number(self, container: int, attribute: str, otherwise: int) -> int:
        said = self._blocks.nodes[container].attributes.get(attribute) or ""
        is_number = said.isascii() and said.isdecimal() and len(said) < 10
        return min(int(said), _LARGEST_NUMBER // 2) if is_number else otherwise
