"""Convert what MathJax 3 draws to MathML, for pages that have neither its assistive MathML nor the source.

Programs that run MathJax while they build a page write such formulas. The elements keep the names of the MathML that
they draw: as `data-mml-node` in SVG, and as ``mjx-mfrac`` in HTML with styles (CHTML). Each glyph has its code point.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Sequence
from unicodedata import category, name, normalize

from selectolax.lexbor import LexborNode

from extractor.html.regions import child_elements, classes_of, vocabulary

_DEEPEST = 60
"""Depth of elements below which nothing is read."""
_LEAVES = vocabulary("mi mn mo mtext ms")
_UNSEEN = vocabulary(
    "mspace spacer surd line nstrut dstrut tstrut strut labels mphantom none mprescripts assistive-mml"
)
_ROWS = vocabulary("mtr mlabeledtr")
_TALL = {"⎛": "(", "⎞": ")", "⎡": "[", "⎤": "]", "⎨": "{", "⎬": "}", "⎣": "⌊", "⎦": "⌋", "\ue150": "⏞", "\ue152": "⏟"}
"""A piece of a stretched sign → the sign."""
_ARROWS = vocabulary("→ ← ↔ ⇒ ⇐ ⇔")
_LINES = frozenset("–¯ˉ\u2015")
"""Signs that MathJax draws as a line above or below."""
_PARTS = vocabulary("base under over num den root mtd")
_VARIABLE = re.compile("MATHEMATICAL ITALIC")
_H = "ℎ"
"""The only variable that is not among the mathematical letters."""
_CALLIGRAPHIC = ".TEX-C,[href*='TEX-C-'],[data-mjx-variant*=calligraphic]"
_CODE = re.compile(r"mjx-c([0-9A-F]{2,6})$")
_HEX = re.compile(r"[0-9A-F]{2,6}")
_TOP = re.compile(r"translate\(\s*-?[\d.]+\s*,\s*(-?[\d.]+)")


def drawing_as_mathml(container: LexborNode) -> str:
    """Return the formula of an element `mjx-container` as MathML; empty if it draws none."""
    math = container.css_first("[data-mml-node=math],mjx-math")
    return f"<math>{_row(math, 0)}</math>" if math is not None else ""


def _kind(node: LexborNode) -> str:
    """Return the name of the element of MathML, or of its part, that an element draws."""
    tag = node.tag or ""
    return tag[4:] if tag.startswith("mjx-") else (node.attributes.get("data-mml-node") or tag).lower()


def _row(node: LexborNode, depth: int) -> str:
    return "".join(_part(child, depth + 1) for child in child_elements(node)) if depth < _DEEPEST else ""


def _part(node: LexborNode, depth: int) -> str:
    kind = _kind(node)
    if kind in _UNSEEN or depth > _DEEPEST:
        return ""
    if kind in _LEAVES:
        return _leaf(node, kind)
    write = _WRITERS.get(kind)
    if write is not None:
        return write(node, depth + 1)
    inner = _row(node, depth)
    return f"<mrow>{inner}</mrow>" if inner else ""


def _group(nodes: Sequence[LexborNode], depth: int) -> str:
    return f"<mrow>{''.join(_part(node, depth) for node in nodes)}</mrow>"


def _leaf(node: LexborNode, kind: str) -> str:
    said = "".join(_glyphs(node))
    if kind == "mo":
        said = next((_TALL[sign] for sign in said if sign in _TALL), said)
        said = "‾" if said and _LINES.issuperset(said) else said
        said = next((sign for sign in said if sign in _ARROWS), said) if len(said) > 1 else said
    if kind != "mtext":
        said = "".join(sign for sign in said if category(sign) != "Co")
    if kind == "mi" and len(said) == 1 and (said == _H or _VARIABLE.match(name(said, ""))):
        said = normalize("NFKC", said)
    variant = " mathvariant=script" if node.css_first(_CALLIGRAPHIC) is not None else ""
    return f"<{kind}{variant}>{html.escape(said)}</{kind}>" if said else ""


def _glyphs(node: LexborNode) -> Iterator[str]:
    """Yield the characters of a leaf: by the code points of its glyphs, or as text in another font."""
    for part in node.traverse(include_text=True):
        if part.is_text_node:
            yield part.text_content or ""
        elif "data-c" in part.attributes:
            if _HEX.fullmatch(code := part.attributes.get("data-c") or ""):
                yield chr(min(int(code, 16), 0x10FFFF))
        else:
            yield from (chr(int(found[1], 16)) for name in classes_of(part) if (found := _CODE.match(name)))


def _within(node: LexborNode, kinds: frozenset[str], depth: int) -> Iterator[LexborNode]:
    """Yield the elements of these kinds that only elements for the layout surround."""
    for child in child_elements(node) if depth < _DEEPEST else ():
        kind = _kind(child)
        if kind in kinds:
            yield child
        elif kind not in _UNSEEN and kind not in _PARTS:
            yield from _within(child, kinds, depth + 1)


def _held(node: LexborNode, kind: str, depth: int) -> list[LexborNode]:
    """Return what is drawn in the first element of a kind."""
    found = next(_within(node, frozenset((kind,)), depth), None)
    return child_elements(found) if found is not None else []


def _height(node: LexborNode) -> float:
    found = _TOP.search(node.attributes.get("transform") or "")
    return float(found[1]) if found else 0.0


def _scripts(node: LexborNode, depth: int) -> str:
    """Write a base with what is above and below it, as scripts or as limits."""
    limits = "under" in _kind(node) or "over" in _kind(node)
    names = ("munder", "mover", "munderover") if limits else ("msub", "msup", "msubsup")
    below, base, above = _placed(node, depth)
    written = _group(base, depth)
    if below and above:
        return f"<{names[2]}>{written}{_group(below, depth)}{_group(above, depth)}</{names[2]}>"
    name = names[0] if below else names[1]
    return f"<{name}>{written}{_group(below or above, depth)}</{name}>" if below or above else written


def _placed(node: LexborNode, depth: int) -> tuple[list[LexborNode], list[LexborNode], list[LexborNode]]:
    """Return the parts below a base, the base, and those above it."""
    parts = [child for child in child_elements(node) if _kind(child) not in _UNSEEN]
    if not (node.tag or "").startswith("mjx-"):
        base, scripts = parts[:1], parts[1:]
        foot = _height(base[0]) if base else 0.0
        return [part for part in scripts if _height(part) < foot], base, [p for p in scripts if _height(p) >= foot]
    script = next((child for child in parts if _kind(child) == "script"), None)
    if script is None:
        return _held(node, "under", depth), _held(node, "base", depth), _held(node, "over", depth)
    written = [child for child in child_elements(script) if _kind(child) not in _UNSEEN]
    above = written[:1] if len(written) > 1 or _kind(node) in ("msup", "mover") else []
    return written[len(above) :], [child for child in parts if child.mem_id != script.mem_id], above


def _fraction(node: LexborNode, depth: int) -> str:
    if (node.tag or "").startswith("mjx-"):
        above, below = _held(node, "num", depth), _held(node, "den", depth)
        line = not any("atop" in frac.attributes for frac in _within(node, frozenset(("frac",)), depth))
    else:
        parts = [child for child in child_elements(node) if child.tag == "g"]
        above, below = parts[:1], parts[1:2]
        line = any(child.tag == "rect" for child in child_elements(node))
    drawn = "" if line else ' linethickness="0"'
    return f"<mfrac{drawn}>{_group(above, depth)}{_group(below, depth)}</mfrac>"


def _root(node: LexborNode, depth: int) -> str:
    if (node.tag or "").startswith("mjx-"):
        under, index = _held(node, "box", depth), _held(node, "root", depth)
    else:
        parts = [child for child in child_elements(node) if child.tag == "g"][:-1]  # the last one is the sign
        under, index = parts[:1], parts[1:]
    if _kind(node) == "mroot":
        return f"<mroot>{_group(under, depth)}{_group(index, depth)}</mroot>"
    return f"<msqrt>{_group(under, depth)}</msqrt>"


def _table(node: LexborNode, depth: int) -> str:
    written = []
    rows = [*_within(node, _ROWS, depth)]
    labels = node.css("mjx-labels mjx-mtd,g[data-labels] > [data-mml-node=mtd]")
    labelled = iter(labels if len(labels) == sum(_kind(row) == "mlabeledtr" for row in rows) else ())
    for row in rows:
        cells = "".join(f"<mtd>{_row(cell, depth)}</mtd>" for cell in _within(row, frozenset(("mtd",)), depth))
        label = next(labelled, None) if _kind(row) == "mlabeledtr" else None
        said = "" if label is None else html.escape("".join(_glyphs(label)))
        written.append(
            f"<mlabeledtr><mtd><mtext>{said}</mtext></mtd>{cells}</mlabeledtr>" if said else f"<mtr>{cells}</mtr>"
        )
    return f"<mtable>{''.join(written)}</mtable>"


def _enclosed(node: LexborNode, depth: int) -> str:
    drawn = {_kind(child) for child in child_elements(node)}
    signs = [f"{name}diagonalstrike" for name in ("up", "down") if f"{name[0]}strike" in drawn]
    for line in (child for child in child_elements(node) if child.tag == "line"):
        up = float(line.attributes.get("y2") or 0) > float(line.attributes.get("y1") or 0)
        flat = line.attributes.get("y2") == line.attributes.get("y1")
        signs.append("horizontalstrike" if flat else "updiagonalstrike" if up else "downdiagonalstrike")
    held = _held(node, "box", depth) if (node.tag or "").startswith("mjx-") else child_elements(node)[:1]
    if "rect" in drawn or any("border" in (b.attributes.get("style") or "") for b in child_elements(node)):
        signs.append("box")
    return f"<menclose notation='{' '.join(signs)}'>{_group(held, depth)}</menclose>"


_WRITERS: dict[str, Callable[[LexborNode, int], str]] = {
    **dict.fromkeys(("msub", "msup", "msubsup", "munder", "mover", "munderover"), _scripts),
    "mfrac": _fraction,
    "msqrt": _root,
    "mroot": _root,
    "mtable": _table,
    "menclose": _enclosed,
}
