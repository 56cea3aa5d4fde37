"""Tell what a page shows before an item of a list: its number or letter, or a dash for a bullet."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborNode

from extractor.article.blocks import BLOCKS, Blocks

LARGEST_NUMBER = 499_999_999
"""Half of the largest number of an item in Markdown (CommonMark 0.31), so that those after it stay below."""
DASH = "- "
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"),
          (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip
_LARGEST_ROMAN = 3999
_NUMBERED_BY_HAND = re.compile(r"[(\[]?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,5})(?:[.)\]](?=\s)|[、．])")
_INTEGER = re.compile(r"\s*([+-]?[0-9]{1,9})(?![0-9])")
_UNMARKED = re.compile(r"list-style(?:-type)?\s*:\s*none")


class ListMarkers:
    """The markers of the items of a page. Each list is counted once, with the items that are not read."""

    def __init__(self, blocks: Blocks) -> None:
        self._blocks = blocks
        self._counted: dict[int, dict[int, int]] = {}

    def number(self, item: int) -> int | None:
        """Return the number of an item, by HTML's `start`, `reversed` and `value`; None if it is in no `ol`."""
        around = self._blocks.parent[item]
        if around < 0 or BLOCKS[self._blocks.kind[around]] != "ol":
            return None
        if around not in self._counted:
            self._counted[around] = _numbers(self._blocks.nodes[around])
        return self._counted[around].get(self._blocks.nodes[item].mem_id)

    def shown(self, item: int, said: str) -> str:
        """Return the marker before the words of an item; a dash also where they begin with a number of their own."""
        number = self.number(item)
        if number is None or _NUMBERED_BY_HAND.match(said):
            return DASH
        attributes = self._blocks.nodes[self._blocks.parent[item]].attributes
        if _UNMARKED.search(attributes.get("style") or ""):
            return DASH
        return f"{_written(number, attributes.get('type') or '1')}. "


def _numbers(around: LexborNode) -> dict[int, int]:
    items, child = [], around.first_child
    while child is not None:
        if child.tag == "li":
            items.append(child)
        child = child.next
    attributes = around.attributes
    step = -1 if "reversed" in attributes else 1
    number = _whole(attributes.get("start"), len(items) if step < 0 else 1)
    found: dict[int, int] = {}
    for item in items:
        number = _whole(item.attributes.get("value"), number)
        found[item.mem_id] = number
        number += step
    return found


def _whole(said: str | None, otherwise: int) -> int:
    """Parse an integer as HTML does, which ignores what follows it."""
    found = _INTEGER.match(said or "")
    return max(min(int(found[1]), LARGEST_NUMBER), -LARGEST_NUMBER) if found else otherwise


def _written(number: int, kind: str) -> str:
    said = str(number)
    if kind in ("a", "A") and number > 0:
        said = ""
        while number > 0:
            number, place = divmod(number - 1, len(_LETTERS))
            said = _LETTERS[place] + said
    elif kind in ("i", "I") and 0 < number <= _LARGEST_ROMAN:
        said = ""
        for value, letters in _ROMAN:
            count, number = divmod(number, value)
            said += letters * count
    return said.upper() if kind in ("A", "I") else said
