"""Convert presentation MathML (MathML Core, and the older elements in use) to TeX."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence

from selectolax.lexbor import LexborNode

from extractor.html.notation.math_symbols import ACCENTS, BELOW, FUNCTIONS, LARGE, MATRICES, SYMBOLS, VARIANTS
from extractor.html.notation.tex import tag_of, with_tags
from extractor.html.regions import child_elements, vocabulary

_DEEPEST = 60
"""Depth of elements below which only the text is read."""
_INVISIBLE = dict.fromkeys([0x2061, 0x2062, 0x2063, 0x2064, 0x200B, 0xFEFF])
_ONE = re.compile(r"\\?[A-Za-z]|\\[A-Za-z]+|\d|\\[A-Za-z]+\{[^{}]*\}|[^\\{}]")
_COMMAND = re.compile(r"\\[A-Za-z]+$")
_PRIMES = {"′": "'", "″": "''", "‴": "'''", "'": "'", "''": "''"}
_COMMANDS = {
    "updiagonalstrike": r"\cancel", "downdiagonalstrike": r"\bcancel", "horizontalstrike": r"\sout", "box": r"\boxed",
    "roundedbox": r"\boxed", "radical": r"\sqrt", "top": r"\overline", "bottom": r"\underline",
}  # fmt: skip
"""Notations of `menclose` → TeX; the others are those of MathJax's ``\\enclose``."""
_NOTATIONS = _COMMANDS.keys() | vocabulary("longdiv circle left right verticalstrike actuarial madruwb")
_RELATIONS = vocabulary("= < > ≤ ≥ ≠ ≈ ∼ ≡ ∝ → ⇒ ⇔ ↔ ↦ ∈ ⊂ ⊆ + − - ± := ∣")


def tex_of(math: LexborNode) -> str:
    """Return an element of MathML as TeX; empty if nothing is in it."""
    return _element(math, 0).strip()


def _element(node: LexborNode, depth: int) -> str:
    if depth > _DEEPEST:
        return _words(node.text())
    write = _WRITERS.get(node.tag or "")
    return write(node, depth + 1) if write else _row(node, depth + 1)


def _parts(node: LexborNode, depth: int) -> list[str]:
    return [_element(child, depth) for child in child_elements(node)]


def _row(node: LexborNode, depth: int) -> str:
    children = child_elements(node)
    if not children:
        return _symbols(_words(node.text()))
    return _fenced_table(children, depth) or _joined([_element(child, depth) for child in children])


def _joined(parts: Sequence[str]) -> str:
    written = ""
    for part in parts:
        apart = _COMMAND.search(written) and part[:1].isalpha()
        written += f" {part}" if apart else part
    return written


def _fenced_table(children: Sequence[LexborNode], depth: int) -> str:
    """Return a matrix, cases or binomial between fences; empty if it is none of these."""
    if len(children) not in (2, 3) or children[0].tag != "mo":
        return ""
    opening = _words(children[0].text())
    closing = _words(children[2].text()) if len(children) == 3 and children[2].tag == "mo" else ""
    middle = _inner(children[1])
    if len(children) == 3 and children[2].tag != "mo":
        return ""
    if middle.tag == "mfrac" and middle.attributes.get("linethickness") in ("0", "0pt", "0px") and opening == "(":
        return rf"\binom{_groups(_parts(middle, depth))}"
    kind = MATRICES.get((opening, closing)) if middle.tag == "mtable" else None
    return _table(middle, depth, kind) if kind else ""


def _inner(node: LexborNode) -> LexborNode:
    """Return the only element in rows of one."""
    for _ in range(_DEEPEST):
        inner = child_elements(node)
        if node.tag not in ("mrow", "mstyle", "mpadded") or len(inner) != 1:
            break
        node = inner[0]
    return node


def _words(text: str) -> str:
    return " ".join(text.translate(_INVISIBLE).split())


def _symbols(text: str) -> str:
    return _joined([SYMBOLS.get(character, character) for character in text])


def _identifier(node: LexborNode, _: int) -> str:
    text = _words(node.text())
    variant = VARIANTS.get((node.attributes.get("mathvariant") or "").lower())
    if text in FUNCTIONS:
        return f"\\{text}"
    plain = unicodedata.normalize("NFKC", text)
    if plain != text and text not in SYMBOLS and plain.isalnum():
        variant = _variant_of(text[0])
        text = plain
    if variant:
        return rf"\{variant}{{{_symbols(text)}}}"
    return _symbols(text) if len(text) < 2 or not text.isalpha() else rf"\mathrm{{{_symbols(text)}}}"


def _variant_of(letter: str) -> str | None:
    """Return the alphabet of a mathematical letter, such as 𝐱 or ℝ."""
    name = unicodedata.name(letter, "").lower()
    return next((VARIANTS[kind] for kind in VARIANTS if kind in name and kind != "normal"), None)


def _number(node: LexborNode, _: int) -> str:
    return _symbols(_words(node.text()))


def _operator(node: LexborNode, _: int) -> str:
    text = _words(node.text())
    if text in FUNCTIONS:
        return f"\\{text}"
    if len(text) > 1 and text.isalpha():
        return rf"\operatorname{{{text}}}"
    return f" {_symbols(text)} " if text in _RELATIONS else _symbols(text)


def _text(node: LexborNode, _: int) -> str:
    text = node.text().replace("\xa0", " ").translate(_INVISIBLE)
    if not text.strip():
        return r"\ " if text else ""
    return r"\text{" + re.sub(r"([\\{}$%#&_])", r"\\\1", re.sub(r"\s+", " ", text)) + "}"


def _space(node: LexborNode, _: int) -> str:
    width = re.match(r"([\d.]+)em", node.attributes.get("width") or "")
    wide = float(width[1]) if width and width[1].count(".") < 2 and width[1] != "." else 0.0
    return r"\quad " if wide >= 1 else r"\;" if wide > 0.25 else r"\," if wide > 0.1 else ""


def _group(part: str) -> str:
    return f"{{{part.strip()}}}"


def _groups(parts: Sequence[str]) -> str:
    return "".join(map(_group, parts))


def _base(part: str) -> str:
    part = part.strip()
    return part if _ONE.fullmatch(part) else _group(part)


def _script(sign: str, part: str) -> str:
    part = part.strip()
    if not part:
        return ""
    return sign + part if len(part) == 1 else f"{sign}{{{part}}}"


def _fraction(node: LexborNode, depth: int) -> str:
    parts = _parts(node, depth)
    if node.attributes.get("linethickness") in ("0", "0pt", "0px"):
        return r"\genfrac{}{}{0pt}{}" + _groups(parts)
    return r"\frac" + _groups(parts)


def _root(node: LexborNode, depth: int) -> str:
    if node.tag == "msqrt":
        return r"\sqrt" + _group(_row(node, depth))
    base, index = (*_parts(node, depth), "", "")[:2]
    return rf"\sqrt[{index.strip()}]{_group(base)}"


def _sup(node: LexborNode, depth: int) -> str:
    base, script = (*_parts(node, depth), "", "")[:2]
    children = child_elements(node)
    prime = _PRIMES.get(_words(children[1].text())) if len(children) == 2 else None
    return _base(base) + (prime or _script("^", script))


def _sub(node: LexborNode, depth: int) -> str:
    base, script = (*_parts(node, depth), "", "")[:2]
    return _base(base) + _script("_", script)


def _both(node: LexborNode, depth: int) -> str:
    base, below, above = (*_parts(node, depth), "", "", "")[:3]
    return _base(base) + _script("_", below) + _script("^", above)


def _is_large(base: str) -> bool:
    return base.strip() in LARGE


def _over(node: LexborNode, depth: int) -> str:
    base, above = (*_parts(node, depth), "", "")[:2]
    children = child_elements(node)
    sign = _words(children[1].text()) if len(children) == 2 else ""
    if sign in ACCENTS:
        wide = len(re.sub(r"\\[a-z]+", "x", base.strip())) > 1
        return f"\\{ACCENTS[sign][wide]}{_group(base)}"
    return _base(base) + _script("^", above) if _is_large(base) else rf"\overset{_groups((above, base))}"


def _under(node: LexborNode, depth: int) -> str:
    base, below = (*_parts(node, depth), "", "")[:2]
    children = child_elements(node)
    sign = _words(children[1].text()) if len(children) == 2 else ""
    if sign in BELOW:
        return f"\\{BELOW[sign]}{_group(base)}"
    held = _is_large(base) or base.lstrip().startswith((r"\underbrace", r"\operatorname"))
    return _base(base) + _script("_", below) if held else rf"\underset{_groups((below, base))}"


def _under_over(node: LexborNode, depth: int) -> str:
    base, below, above = (*_parts(node, depth), "", "", "")[:3]
    if _is_large(base):
        return base.strip() + _script("_", below) + _script("^", above)
    return rf"\overset{_group(above)}{{\underset{_groups((below, base))}}}"


def _table(node: LexborNode, depth: int, kind: str = "") -> str:
    rows, tags = [], []
    for row in child_elements(node):
        cells = _parts(row, depth)
        numbered = row.tag == "mlabeledtr" and cells
        rows.append(" & ".join(cell.strip() for cell in (cells[1:] if numbered else cells)))
        tags.append(tag_of(child_elements(row)[0].text()) if numbered else "")
    if any(tags) and not kind:
        return with_tags(rows, tags)
    aligned = (node.attributes.get("columnalign") or "").startswith("right left")
    name = kind or ("aligned" if aligned else "matrix")
    return rf"\begin{{{name}}} " + r" \\ ".join(rows) + rf" \end{{{name}}}"


def _fenced(node: LexborNode, depth: int) -> str:
    attributes = node.attributes
    opening, closing = attributes.get("open", "("), attributes.get("close", ")")
    signs = [sign for sign in attributes.get("separators", ",") or "" if not sign.isspace()]
    parts = _parts(node, depth)
    inner = "".join(
        part + ((signs[min(number, len(signs) - 1)] + " ") if signs and number < len(parts) - 1 else "")
        for number, part in enumerate(parts)
    )
    left, right = (_symbols(sign) if sign else "." for sign in (opening, closing))
    return _joined([rf"\left{left} ", inner, rf" \right{right}"])


def _scripts(node: LexborNode, depth: int) -> str:
    """Return a base with scripts in pairs, and those before it after `mprescripts`."""
    children = child_elements(node)
    if not children:
        return ""
    before, written, at = False, ["", ""], 1
    while at < len(children):
        if children[at].tag == "mprescripts":
            before, at = True, at + 1
            continue
        pair = [_element(child, depth) for child in children[at : at + 2]]
        written[before] += _script("_", pair[0]) + (_script("^", pair[1]) if len(pair) > 1 else "")
        at += 2
    return ("{}" + written[1] if written[1] else "") + _base(_element(children[0], depth)) + written[0]


def _enclosed(node: LexborNode, depth: int) -> str:
    """Return what is struck through or in a box. A sign that is left out would make it say something else."""
    inner = _group(_row(node, depth))
    signs = set((node.attributes.get("notation") or "").lower().split()) & _NOTATIONS
    if {"updiagonalstrike", "downdiagonalstrike"} <= signs:
        signs -= {"updiagonalstrike", "downdiagonalstrike"}
        inner = rf"\xcancel{inner}"
    for sign in sorted(signs):
        command = _COMMANDS.get(sign) or rf"\enclose{{{sign}}}"
        inner = rf"{command}{inner if inner[:1] == '{' else _group(inner)}"
    return inner


def _first(node: LexborNode, depth: int) -> str:
    children = child_elements(node)
    return _element(children[0], depth) if children else ""


def _nothing(_: LexborNode, __: int) -> str:
    return ""


_WRITERS: dict[str, Callable[[LexborNode, int], str]] = {
    "mi": _identifier, "mn": _number, "mo": _operator, "mtext": _text, "ms": _text, "mspace": _space,
    "mfrac": _fraction, "msqrt": _root, "mroot": _root, "msup": _sup, "msub": _sub, "msubsup": _both,
    "mover": _over, "munder": _under, "munderover": _under_over, "mtable": _table, "mfenced": _fenced,
    "mmultiscripts": _scripts, "menclose": _enclosed, "semantics": _first, "maction": _first, "annotation": _nothing,
    "annotation-xml": _nothing, "none": _nothing, "mphantom": _nothing,
}  # fmt: skip
