"""Convert the glyphs that KaTeX draws to MathML, for pages that have neither its MathML nor its source.

A script with the option ``output: "html"`` writes such pages. KaTeX stacks the parts of fractions, sums and scripts in
lists whose items have their height as ``top``, in em: the smaller it is, the higher the item.

Each part is looked for where KaTeX puts it, and not in what is drawn inside other parts. So no part is written twice,
and the MathML is linear in the length of the page.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from operator import itemgetter

from selectolax.lexbor import LexborNode

from extractor.html.notation.katex_negations import BAR, with_negations
from extractor.html.notation.katex_pictures import drawn_in, drawn_sign, stroke_of
from extractor.html.regions import classes_of, vocabulary

_DEEPEST = 60
"""Depth of elements below which nothing is read."""
_UNSEEN = vocabulary("strut katex-strut pstrut vlist-s nulldelimiter frac-line katex-mathml svg")
_ALPHABETS = {
    "mathbb": "double-struck",
    "mathcal": "script",
    "mathscr": "script",
    "mathfrak": "fraktur",
    "mathbf": "bold",
}
_TOP = re.compile(r"(?:^|;)\s*top:\s*(-?\d+(?:\.\d+)?)em")
_HEIGHT = re.compile(r"(?:^|;)\s*height:\s*(\d+(?:\.\d+)?)em")
_APART = 0.005
"""Em between two rows at least; KaTeX rounds lengths to 0.0001 em."""
_TALL = {"⎨": "{", "⎬": "}"}
"""The middle piece of a tall sign → the sign."""
_ZERO_WIDTH = "\u200b\u2061\ufeff"


class _NotDrawnByKatexError(Exception):
    """A table has a cell that follows no other in its row, or two cells in one place."""


def glyphs_as_mathml(drawn: LexborNode) -> str:
    """Return the formula of an element of the class `katex-html` as MathML; empty if KaTeX did not draw it."""
    try:
        return f"<math>{with_negations(_grouped(drawn, 0))}</math>"
    except _NotDrawnByKatexError:
        return ""


def _row(node: LexborNode, depth: int) -> list[str]:
    """Return the markup of the parts of an element, one for each."""
    parts: list[str] = []
    for child in _children(node) if depth < _DEEPEST else ():
        if "msupsub" in classes_of(child):
            parts.append(_scripts(parts.pop() if parts else "<mrow></mrow>", child, depth))
        elif written := _part(child, depth):
            parts.append(written)
    return parts


def _crossing(node: LexborNode, depth: int) -> str:
    """Return what is drawn over what precedes it: a bar through a relation, in ``\\notin``."""
    return f"<mo>{BAR}</mo>" if node.text().strip() == "/" else _grouped(node, depth)


def _grouped(node: LexborNode, depth: int) -> str:
    """Return the markup of an element as one part."""
    parts = _row(node, depth)
    return parts[0] if len(parts) == 1 else f"<mrow>{''.join(parts)}</mrow>"


def _part(node: LexborNode, depth: int) -> str:
    classes = frozenset(classes_of(node)) if node.is_element_node else frozenset()
    if not classes.isdisjoint(_UNSEEN) or node.tag == "svg":
        return ""
    write = next((_WRITERS[name] for name in classes if name in _WRITERS), None)
    if write is not None:
        return write(node, depth + 1)
    if "mord" in classes and _child(node, "vlist-t") is not None and (enclosed := _enclosed(node, depth + 1)):
        return enclosed
    if any(child.is_element_node for child in _children(node)):
        return _grouped(node, depth + 1)
    if "mathnormal" in classes:  # each letter is a variable, but KaTeX may join two
        letters = "".join(map(_sign, node.text()))
        return letters if len(node.text()) < 2 else f"<mrow>{letters}</mrow>"
    alphabet = next((f"mi mathvariant={_ALPHABETS[name]}" for name in classes if name in _ALPHABETS), None)
    return _sign(node.text(), alphabet or ("mi" if "mop" in classes else None))


def _sign(text: str, tag: str | None = None) -> str:
    said = html.escape(text.strip().strip(_ZERO_WIDTH))
    kind = tag or ("mn" if said.isdigit() else "mi" if said.isalpha() else "mo")
    return f"<{kind}>{said}</{kind.split()[0]}>" if said else ""


def _children(node: LexborNode) -> Iterator[LexborNode]:
    child = node.first_child
    while child is not None:
        if child.is_element_node or child.is_text_node:
            yield child
        child = child.next


def _stacked(node: LexborNode) -> list[LexborNode]:
    """Return the items of the first list in an element, the lowest first."""
    return [item for _, item in sorted(_placed(node), key=itemgetter(0), reverse=True)]


def _placed(node: LexborNode) -> list[tuple[float, LexborNode]]:
    """Return the items of the first list in an element, each with the em from the base line down to its lower edge.

    Each item begins with a strut. All struts of a list have one height, but those of another list may be higher.
    """
    drawn = node.css_first(".vlist")
    return [
        (float(top[1]) + _strut(item), item)
        for item in (_children(drawn) if drawn is not None else ())
        if item.is_element_node and (top := _TOP.search(item.attributes.get("style") or ""))
    ]


def _strut(item: LexborNode) -> float:
    strut = _child(item, "pstrut")
    height = _HEIGHT.search(strut.attributes.get("style") or "") if strut is not None else None
    return float(height[1]) if height else 0.0


def _child(node: LexborNode, *names: str) -> LexborNode | None:
    """Return the first element directly in another with one of the class names."""
    return next((child for child in _elements(node) if not set(names).isdisjoint(classes_of(child))), None)


def _elements(node: LexborNode) -> Iterator[LexborNode]:
    return (child for child in _children(node) if child.is_element_node)


def _scripts(base: str, node: LexborNode, depth: int) -> str:
    items = [_grouped(item, depth + 1) for item in _stacked(node)]
    if len(items) > 1:
        return f"<msubsup>{base}{items[0]}{items[-1]}</msubsup>"
    table = node.css_first(".vlist-t")
    tag = "msub" if table is not None and "vlist-t2" in classes_of(table) else "msup"
    return f"<{tag}>{base}{items[0]}</{tag}>" if items else base


def _fraction(node: LexborNode, depth: int) -> str:
    items = _stacked(node)
    parts = [item for item in items if _child(item, "frac-line") is None]
    line = "" if len(parts) < len(items) else ' linethickness="0"'
    return f"<mfrac{line}>{_grouped(parts[-1], depth)}{_grouped(parts[0], depth)}</mfrac>" if len(parts) > 1 else ""


def _limits(node: LexborNode, depth: int) -> str:
    items = _stacked(node)
    place = next((number for number, item in enumerate(items) if _is_base(item)), 0)
    split = (items[:place], items[place : place + 1], items[place + 1 :])
    below, base, above = (_groups(part, depth) for part in split)
    if below and above:
        return f"<munderover>{base}{below}{above}</munderover>"
    return f"<munder>{base}{below}</munder>" if below else f"<mover>{base}{above}</mover>" if above else base


def _is_base(item: LexborNode) -> bool:
    """Return whether an item has the operator, which is in an element without a class; its limits are not."""
    return any(not classes_of(child) for child in _elements(item))


def _groups(items: Sequence[LexborNode], depth: int) -> str:
    return "".join(_grouped(item, depth) for item in items)


def _root(node: LexborNode, depth: int) -> str:
    index = _child(node, "root", "katex-root")
    drawn = (child for child in _elements(node) if index is None or child.mem_id != index.mem_id)
    held = next(filter(None, (child.css_first(".svg-align,.katex-svg-align") for child in drawn)), None)
    under = _grouped(held, depth) if held is not None else ""
    return f"<mroot>{under}{_grouped(index, depth)}</mroot>" if index is not None else f"<msqrt>{under}</msqrt>"


def _accent(node: LexborNode, depth: int) -> str:
    items = _stacked(node)
    above = next((item for item in items if _child(item, "accent-body") is not None), None) or drawn_in(items)
    base = _groups([item for item in items if item is not above], depth)
    sign = html.escape(above.text().strip(_ZERO_WIDTH) or drawn_sign(above)) if above is not None else ""
    return f"<mover>{base}<mo>{sign}</mo></mover>" if sign else base


def _line_above(node: LexborNode, depth: int) -> str:
    return f"<mover>{_beside_line(node, depth)}<mo>\u203e</mo></mover>"


def _line_below(node: LexborNode, depth: int) -> str:
    return f"<munder>{_beside_line(node, depth)}<mo>_</mo></munder>"


def _beside_line(node: LexborNode, depth: int) -> str:
    items = _stacked(node)
    return _groups([item for item in items if _child(item, "overline-line", "underline-line") is None], depth)


def _arrow(node: LexborNode, depth: int) -> str:
    """Return an arrow with what is above it; below it, in TeX an option, there seldom is anything."""
    items = _stacked(node)
    arrow = drawn_in(items)
    words = _groups([item for item in items if item is not arrow], depth)
    sign = drawn_sign(arrow) if arrow is not None else ""
    return f"<mover><mo>{sign}</mo>{words}</mover>" if sign else words


def _brace_above(node: LexborNode, depth: int) -> str:
    return _braced(node, depth, "mover", "⏞")


def _brace_below(node: LexborNode, depth: int) -> str:
    return _braced(node, depth, "munder", "⏟")


def _braced(node: LexborNode, depth: int, tag: str, sign: str) -> str:
    """Return a part with a brace, or such a part with words at its brace."""
    items = _stacked(node)
    brace = drawn_in(items)
    rest = [item for item in items if item is not brace]
    if brace is not None and brace.css_first("[class*=brace-]") is not None:
        return f"<{tag}>{_groups(rest, depth)}<mo>{sign}</mo></{tag}>"
    if tag == "munder":
        rest.reverse()
    return f"<{tag}>{_groups(rest, depth)}</{tag}>" if len(rest) == 2 else _groups(rest, depth)


def _enclosed(node: LexborNode, depth: int) -> str:
    """Return a part with a stroke through it or a box around it; empty if it has neither."""
    items = _stacked(node)
    signs = {item.mem_id: sign for item in items if (sign := stroke_of(item))}
    inner = _groups([item for item in items if item.mem_id not in signs], depth) if signs else ""
    return f"<menclose notation='{' '.join(signs.values())}'>{inner}</menclose>" if signs else ""


def _table(node: LexborNode, depth: int) -> str:
    columns = [child for child in _elements(node) if any(name.startswith("col-align") for name in classes_of(child))]
    rows = ("".join(f"<mtd>{_grouped(cell, depth)}</mtd>" for cell in row) for row in _rows(columns))
    return f"<mtable>{''.join(f'<mtr>{row}</mtr>' for row in rows)}</mtable>"


def _rows(columns: Sequence[LexborNode]) -> Iterator[list[LexborNode]]:
    """Yield the cells of each row, the highest first.

    KaTeX draws no cells where the source has none, which is at the ends of rows; so a row is known by its place.
    """
    cells = [(place, number, cell) for number, column in enumerate(columns) for place, cell in _placed(column)]
    cells.sort(key=itemgetter(0))
    begins = [at for at in range(len(cells)) if not at or cells[at][0] - cells[at - 1][0] > _APART]
    for begin, end in pairwise((*begins, len(cells))):
        row = sorted(cells[begin:end], key=itemgetter(1))
        if any(number != at for at, (_, number, _) in enumerate(row)):
            raise _NotDrawnByKatexError
        yield [cell for _, _, cell in row]


def _fence(node: LexborNode, _: int) -> str:
    text = node.text()
    return _sign(next((sign for piece, sign in _TALL.items() if piece in text), text), "mo")


def _words(node: LexborNode, _: int) -> str:
    return f"<mtext>{html.escape(node.text())}</mtext>"


_WRITERS: dict[str, Callable[[LexborNode, int], str]] = {
    "text": _words,
    "delimsizing": _fence,
    "mfrac": _fraction,
    "op-limits": _limits,
    "sqrt": _root,
    "accent": _accent,
    "katex-accent": _accent,
    "overline": _line_above,
    "katex-overline": _line_above,
    "underline": _line_below,
    "katex-underline": _line_below,
    "llap": _crossing,
    "x-arrow": _arrow,
    "mover": _brace_above,
    "munder": _brace_below,
    "mtable": _table,
}
"""Classes → what writes the elements of the class."""
