"""Markup that would take a parser quadratic time is made plain first: towers of elements, endless attributes.

Browsers stop nesting at 512; pages that people wrote stay below 100. Small pages can't do harm and are not looked at.
"""

from __future__ import annotations

import re
from itertools import accumulate

from extractor.regions import vocabulary

SMALL = 1 << 16
"""Octets (or characters) below which the worst page takes a parser well under a second."""
DEEPEST = 1_000
MOST_ATTRIBUTES = 4_000

_FEW_TAGS = 8_000
_MOST_NAMES = 1_000
_TAG = re.compile(r"<(/?[a-zA-Z][a-zA-Z0-9]*)")
_WHOLE_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)[^>]*>?")
_FLAT = vocabulary(
    "area base br col embed hr img input link meta param source track wbr"
    " p li dt dd option optgroup tr td th tbody thead tfoot colgroup caption rp rt button a nobr"
)
"""Elements that have no inside, or that the next of their kind closes."""
_OVERLOADED = re.compile(
    r"<[a-zA-Z][^\s/>]*+"
    r"(?>[\s/]++|[^\s/>=]++|=\s*+(?:\"[^\"]*+\"?|'[^']*+'?|[^\s\"'>][^\s>]*+)?+)"
    rf"{{{MOST_ATTRIBUTES * 2},}}+>?"
)


def tame(html: str) -> str:
    """The same markup, but for elements nested deeper than 1,000 and tags with more than 4,000 attributes: those go,
    and what is in them stays.
    """
    if len(html) < SMALL:
        return html
    html = _OVERLOADED.sub("", html)
    return _flattened(html) if html.count("<") > _FEW_TAGS and _is_deep(html) else html


def _is_deep(html: str) -> bool:
    """Whether elements may be nested too deep; nothing is known here of how browsers mend what is broken.

    Each tag is a step into an element or out of it: what lies between the lowest and the highest point is no less than
    the depth, though ends without a beginning make it more.
    """
    steps = map(_Steps().__getitem__, _TAG.findall(html))
    heights = list(accumulate(steps, initial=0))
    return max(heights) - min(heights) > DEEPEST


class _Steps(dict[str, int]):
    """What each tag is a step of, its slash before its name."""

    def __missing__(self, tag: str) -> int:
        name = tag.removeprefix("/").lower()
        step = 0 if name in _FLAT else -1 if tag.startswith("/") else 1
        if len(self) < _MOST_NAMES:
            self[tag] = step
        return step


def _flattened(html: str) -> str:
    depth = 0

    def keep(tag: re.Match[str]) -> str:
        nonlocal depth
        if tag[2].lower() in _FLAT:
            return tag[0]
        if tag[1]:
            depth = max(depth - 1, 0)
            return tag[0] if depth < DEEPEST else ""
        depth += 1
        return tag[0] if depth <= DEEPEST else ""

    return _WHOLE_TAG.sub(keep, html)
