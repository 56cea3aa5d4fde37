"""Convert the glyphs that KaTeX draws to MathML, for pages that have neither its MathML nor its source.

A script with the option ``output: "html"`` writes such pages. KaTeX stacks the parts of fractions, sums and scripts in
lists whose items have their height as ``top``, in em: the smaller it is, the higher the item.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Sequence

from selectolax.lexbor import LexborNode

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
_ZERO_WIDTH = "\u200b\u2061\ufeff"


def glyphs_as_mathml(drawn: LexborNode) -> str:
    """Return the formula of an element of the class `katex-html` as markup of MathML."""
    return f"<math>{_grouped(drawn, 0)}</math>"


def _row(node: LexborNode, depth: int) -> list[str]:
    """Return the markup of the parts of an element, one for each."""
    parts: list[str] = []
    for child in _children(node) if depth < _DEEPEST else ():
        if "msupsub" in classes_of(child):
            parts.append(_scripts(parts.pop() if parts else "<mrow></mrow>", child, depth))
        elif written := _part(child, depth):
            parts.append(written)
    return parts


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
    if any(child.is_element_node for child in _children(node)):
        return _grouped(node, depth + 1)
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
    drawn = node.css_first(".vlist")
    items = _children(drawn) if drawn is not None else iter(())
    placed = [
        (float(top[1]), item)
        for item in items
        if item.is_element_node and (top := _TOP.search(item.attributes.get("style") or ""))
    ]
    return [item for _, item in sorted(placed, key=lambda one: -one[0])]


def _scripts(base: str, node: LexborNode, depth: int) -> str:
    items = [_grouped(item, depth + 1) for item in _stacked(node)]
    if len(items) > 1:
        return f"<msubsup>{base}{items[0]}{items[-1]}</msubsup>"
    tag = "msub" if node.css_first(".vlist-t2") is not None else "msup"
    return f"<{tag}>{base}{items[0]}</{tag}>" if items else base


def _fraction(node: LexborNode, depth: int) -> str:
    items = _stacked(node)
    parts = [item for item in items if item.css_first(".frac-line") is None]
    line = "" if len(parts) < len(items) else ' linethickness="0"'
    return f"<mfrac{line}>{_grouped(parts[-1], depth)}{_grouped(parts[0], depth)}</mfrac>" if len(parts) > 1 else ""


def _limits(node: LexborNode, depth: int) -> str:
    items = _stacked(node)
    place = next((number for number, item in enumerate(items) if item.css_first(".mop") is not None), 0)
    split = (items[:place], items[place : place + 1], items[place + 1 :])
    below, base, above = (_groups(part, depth) for part in split)
    if below and above:
        return f"<munderover>{base}{below}{above}</munderover>"
    return f"<munder>{base}{below}</munder>" if below else f"<mover>{base}{above}</mover>" if above else base


def _groups(items: Sequence[LexborNode], depth: int) -> str:
    return "".join(_grouped(item, depth) for item in items)


def _root(node: LexborNode, depth: int) -> str:
    held, index = node.css_first(".svg-align,.katex-svg-align"), node.css_first(".root,.katex-root")
    under = _grouped(held, depth) if held is not None else ""
    return f"<mroot>{under}{_grouped(index, depth)}</mroot>" if index is not None else f"<msqrt>{under}</msqrt>"


def _accent(node: LexborNode, depth: int) -> str:
    items = _stacked(node)
    above = next((item for item in items if item.css_first(".accent-body") is not None), None)
    base = _groups([item for item in items if item is not above], depth)
    return f"<mover>{base}{_sign(above.text(), 'mo')}</mover>" if above is not None else base


def _table(node: LexborNode, depth: int) -> str:
    columns = [_stacked(column)[::-1] for column in node.css("[class*=col-align]")]
    rows = ("".join(f"<mtd>{_grouped(cell, depth)}</mtd>" for cell in row) for row in zip(*columns, strict=False))
    return f"<mtable>{''.join(f'<mtr>{row}</mtr>' for row in rows)}</mtable>"


def _words(node: LexborNode, _: int) -> str:
    return f"<mtext>{html.escape(node.text())}</mtext>"


_WRITERS: dict[str, Callable[[LexborNode, int], str]] = {
    "text": _words,
    "mfrac": _fraction,
    "op-limits": _limits,
    "sqrt": _root,
    "accent": _accent,
    "katex-accent": _accent,
    "mtable": _table,
}
"""Classes → what writes the elements of the class."""
