"""Read TeX that a script renders in the browser: between the delimiters of MathJax and KaTeX, in the text of a page."""

from __future__ import annotations

import re
from collections.abc import Set

from selectolax.lexbor import LexborHTMLParser, LexborNode

from extractor.html.notation.tex import FORMULA, formula, stays_in_line, tex
from extractor.html.prose import pieces_of
from extractor.html.regions import classes_of, vocabulary

_RENDERERS = (b"mathjax", b"katex", b"math-container", b"math-renderer", b"arithmatex", b'"math ', b'"math"', b"'math ")
"""Signs of a script that renders TeX, or of elements for it."""
PROCESSED = vocabulary("tex2jax_process mathjax_process math")
"""Class names of elements whose TeX is rendered."""
_SINGLE_DOLLARS = re.compile(
    rb"\[\s*['\"]\$['\"]\s*,\s*['\"]\$['\"]\s*\]|left\s*:\s*['\"]\$['\"]|math-container|math-renderer|remark-math"
)
_RAW = re.compile(
    r"\\\((?P<a>(?:[^\\]|\\[^()])+?)\\\)|\\\[(?P<b>(?:[^\\]|\\[^\[\]])+?)\\\]|\$\$(?P<c>[^$]+?)\$\$"
    r"|(?P<d>\\begin\{(?P<name>equation|align|gather|multline|eqnarray|alignat|math|displaymath)(?P<star>\*?)\}"
    r"(?:(?!\\begin\{(?P=name)).)+?\\end\{(?P=name)(?P=star)\})",
    re.DOTALL,
)
"""Formulas in which no other one begins, so that a search is linear."""
_RAW_SINGLE = re.compile(_RAW.pattern + r"|(?<![\\$\w])\$(?P<e>(?![\s$])(?:\\.|[^$\\\n]){1,2000}?)(?<!\s)\$(?![\d$])",
                         re.DOTALL)  # fmt: skip
_NEVER = vocabulary("script style textarea pre code noscript template title svg")


def write_delimited(tree: LexborHTMLParser, html: bytes, signs: bytes, names: Set[str]) -> bool:
    """Replace TeX between the delimiters that MathJax or KaTeX find on this page; return whether there is any.

    `signs` are places of the page that may name these programs, and `names` its class names.
    """
    if names.isdisjoint(PROCESSED) and not any(map(signs.__contains__, _RENDERERS)):
        return False
    pieces = pieces_of(tree.body) if tree.body is not None else ()
    if not any(("\\" in piece or "$" in piece) and _RAW_SINGLE.search(piece) for piece in pieces):
        return False
    pattern, found = _RAW_SINGLE if _SINGLE_DOLLARS.search(html) else _RAW, False
    for node in _texts(tree.body):
        written = node.text_content or ""
        if ("\\" in written or "$" in written) and pattern.search(written):
            found = _split(tree, node, written, pattern) or found
    return found


def _split(tree: LexborHTMLParser, node: LexborNode, written: str, pattern: re.Pattern[str]) -> bool:
    at, in_line = 0, stays_in_line(node)
    for found in pattern.finditer(written):
        groups = found.groupdict()
        said = tex(groups["a"] or groups["b"] or groups["c"] or groups["d"] or groups.get("e") or "")
        display = bool(groups["b"] or groups["c"] or groups["d"])
        if not said:
            continue
        if found.start() > at:
            node.insert_before(written[at : found.start()])
        node.insert_before(formula(tree, said, display=display, block=display and not in_line), move=True)
        at = found.end()
    if not at:
        return False
    if at < len(written):
        node.insert_before(written[at:])
    node.decompose()
    return True


def _texts(body: LexborNode | None) -> list[LexborNode]:
    """Return the text nodes outside scripts and code. It does not recurse: trees may be deep."""
    found: list[LexborNode] = []
    waiting: list[LexborNode | None] = []
    node = body.first_child if body is not None else None
    while node is not None or waiting:
        if node is None:
            node = waiting.pop()
            continue
        if node.is_text_node:
            found.append(node)
        elif node.tag not in _NEVER and node.tag != FORMULA and "tex2jax_ignore" not in classes_of(node):
            waiting.append(node.next)
            node = node.first_child
            continue
        node = node.next
    return found
