"""Recognize the signs that KaTeX draws as pictures: wide accents, arrows and braces have no glyph."""

from __future__ import annotations

import re
from collections.abc import Sequence

from selectolax.lexbor import LexborNode

from extractor.html.regions import classes_of

_PICTURES = {"471": "→", **dict.fromkeys(("1062", "2364"), "^"), **dict.fromkeys(("600", "1033", "2339", "2340"), "~")}
"""Widths of the pictures of accents that have no glyph → their signs."""
_WIDEST = "400000"
"""The width of the pictures of arrows, which are cut to their place."""
_STRIKE = "diagonalstrike"
_FROM_TOP = re.compile(r"M\d+[ ,]?0h")
"""The first stroke of a wide hat; that of a wide check begins below."""


def drawn_in(items: Sequence[LexborNode]) -> LexborNode | None:
    """Return the item that KaTeX draws as a picture as wide as the others."""
    return next((item for item in items if "svg-align" in classes_of(item)), None)


def drawn_sign(item: LexborNode) -> str:
    """Return the sign that a picture is of, by its size and its first stroke; empty if it is unknown."""
    picture = item.css_first("svg")
    stroke = item.css_first("path")
    if picture is None:
        return ""
    box = (picture.attributes.get("viewBox") or "").split()
    width = box[2] if len(box) == 4 else ""
    if width == _WIDEST:
        side = picture.attributes.get("preserveAspectRatio") or ""
        return {"xMaxYMin": "→", "xMinYMin": "←"}.get(side.split()[0] if side else "", "") if box[3] == "522" else ""
    sign = _PICTURES.get(width, "")
    is_check = stroke is not None and "M" in (path := stroke.attributes.get("d") or "") and not _FROM_TOP.match(path)
    return "ˇ" if sign == "^" and is_check else sign


def stroke_of(item: LexborNode) -> str:
    """Return the notation, as in MathML, of an item that strikes the others through or frames them; or nothing."""
    if "svg-align" in classes_of(item):
        lines = [line.attributes for line in item.css("svg > line")[:2]]
        return " ".join("up" * (line.get("y1") != "0") + "down" * (line.get("y1") == "0") + _STRIKE for line in lines)
    names = {name.removeprefix("katex-") for name in _classes_within(item)}
    return "box" if "fbox" in names else "horizontalstrike" if "sout" in names else ""


def _classes_within(item: LexborNode) -> list[str]:
    """Return the classes of the elements directly in an item."""
    found, child = [], item.first_child
    while child is not None:
        if child.is_element_node:
            found += classes_of(child)
        child = child.next
    return found
