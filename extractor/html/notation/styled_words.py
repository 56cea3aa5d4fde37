"""Name what only a style or a class says of inline elements: that their words are raised, lowered or struck through.

Word processors and editors write such elements. Without it, "10" and a raised "6" would be read as 106.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from itertools import islice

from selectolax.lexbor import LexborHTMLParser, LexborNode

from extractor.html.regions import ancestors, classes_of, vocabulary
from extractor.html.shared_queries import TreeIndex

_STYLES = {"s": re.compile(r"line-through"), "sup": re.compile(r"vertical-align\s*:\s*(?:super|text-top)\b"),
           "sub": re.compile(r"vertical-align\s*:\s*(?:sub|text-bottom)\b")}  # fmt: skip
_CLASSES = {
    "s": vocabulary("line-through text-decoration-line-through strikethrough strike-through"),
    "sup": vocabulary("superscript"),
    "sub": vocabulary("subscript"),
}
_NAMES = frozenset[str]().union(*_CLASSES.values())
_IN_LINE = vocabulary("span font b i em strong u a small big p li td tt ins mark")
"""Elements that are named. Blocks are only struck through."""
_BLOCKS = vocabulary("p li td")
_STYLED = "[style*='line-through'],[style*='vertical-align'],[style*='relative']"
_RELATIVE = re.compile(r"position\s*:\s*relative")
_MOVED = re.compile(r"(?<![\w-])(top|bottom|vertical-align)\s*:\s*(-?)([\d.]+)(em|ex|rem|px|pt|%)")
_LEAST_MOVED = {"em": 0.2, "rem": 0.2, "ex": 0.4, "px": 2.5, "pt": 2.0, "%": 20.0}
"""What moves a figure out of its line. Labels and icons are moved by a pixel or two."""
_LONGEST_MOVED = 12
_DRAWN = vocabulary("mathjax mathjax_display mathjax_chtml mathjax_svg katex mjx-chtml mwe-math-element")
_MOST = 20_000
_SAYING = vocabulary("sup sub s del strike")


def name_styled(tree: LexborHTMLParser, tree_index: TreeIndex) -> Set[str]:
    """Put the words of such elements into an element that says it; return the tags of these elements."""
    told: set[str] = set()
    within: set[int] = set()
    for node, tag, selector in [*_found(tree, tree_index)]:
        if node.mem_id in within or node.tag not in _IN_LINE or (node.tag in _BLOCKS and tag != "s"):
            continue
        within.update(part.mem_id for part in node.css(selector) if part.mem_id != node.mem_id)
        inner = node.first_child
        if inner is None or (inner.next is None and inner.tag in _SAYING):
            continue
        named = tree.create_node(tag)
        if node.tag in _BLOCKS:
            while (child := node.first_child) is not None:
                named.insert_child(child, move=True)
            node.insert_child(named, move=True)
        else:
            node.insert_before(named)
            made = node.prev
            if made is not None:
                made.insert_child(node, move=True)
        told.add(tag)
    return told


def _found(tree: LexborHTMLParser, tree_index: TreeIndex) -> Iterator[tuple[LexborNode, str, str]]:
    """Yield each such element with the tag that says the same, and the selector that found it."""
    for node in tree_index.styled[:_MOST]:
        style = node.attributes.get("style") or ""
        yield from ((node, tag, _STYLED) for tag, told in _STYLES.items() if told.search(style))
        if way := _moved(node, style):
            yield node, way, _STYLED
    for tag, classes in _CLASSES.items():
        for name in sorted(classes & tree_index.names):
            yield from ((node, tag, f".{name}") for node in tree.css(f".{name}")[:_MOST] if name in classes_of(node))


def _moved(node: LexborNode, style: str) -> str | None:
    """Return `sup` or `sub` for a few characters right behind others that a style moves up or down."""
    moved = _MOVED.search(style)
    if (
        moved is None
        or (moved[1] != "vertical-align" and not _RELATIVE.search(style))
        or not _is_number(moved[3])
        or float(moved[3]) < _LEAST_MOVED[moved[4]]
    ):
        return None
    said = (node.text() or "").strip()
    if not 0 < len(said) <= _LONGEST_MOVED or not _follows_words(node) or _is_drawn(node):
        return None
    return "sup" if (moved[1] == "top") == bool(moved[2]) else "sub"


def _is_number(said: str) -> bool:
    return said.count(".") < 2 and said != "."


def _follows_words(node: LexborNode) -> bool:
    """Return whether an element stands right behind words, without white space."""
    before = node.prev
    said = "" if before is None else (before.text_content if before.is_text_node else before.text()) or ""
    return bool(said) and (said[-1].isalnum() or said[-1] in ")]}|′'")


def _is_drawn(node: LexborNode) -> bool:
    """Return whether an element is a part of a formula that a script drew."""
    return any(not _DRAWN.isdisjoint(map(str.lower, classes_of(around))) for around in islice(ancestors(node), 12))
