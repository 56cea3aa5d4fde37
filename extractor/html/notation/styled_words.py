"""Name what only a style or a class says of inline elements: that their words are raised, lowered or struck through.

Word processors and editors write such elements. Without it, "10" and a raised "6" would be read as 106.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Set

from selectolax.lexbor import LexborHTMLParser, LexborNode

from extractor.html.regions import classes_of, vocabulary

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
_WRITTEN = ((b"line-through", re.compile(rb"")), (b"vertical-align", re.compile(rb"\s*:\s*(?:su|text-)")))
"""The beginnings of such styles, and what follows them."""
_LONGEST_TAG = 400
_STYLED = "[style*='line-through'],[style*='vertical-align']"
_MOST = 20_000
_SAYING = vocabulary("sup sub s del strike")


def name_styled(tree: LexborHTMLParser, html: bytes, names: Set[str]) -> Set[str]:
    """Put the words of such elements into an element that says it; return the tags of these elements.

    `names` are the classes and ids of the page.
    """
    told: set[str] = set()
    within: set[int] = set()
    for node, tag, selector in [*_found(tree, html, names)]:
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


def _found(tree: LexborHTMLParser, html: bytes, names: Set[str]) -> Iterator[tuple[LexborNode, str, str]]:
    """Yield each such element with the tag that says the same, and the selector that found it."""
    if any(_is_in_a_tag(html, beginning, goes_on) for beginning, goes_on in _WRITTEN):
        for node in tree.css(_STYLED)[:_MOST]:
            style = node.attributes.get("style") or ""
            yield from ((node, tag, _STYLED) for tag, told in _STYLES.items() if told.search(style))
    for tag, classes in _CLASSES.items():
        for name in sorted(classes & names):
            yield from ((node, tag, f".{name}") for node in tree.css(f".{name}")[:_MOST] if name in classes_of(node))


def _is_in_a_tag(html: bytes, beginning: bytes, goes_on: re.Pattern[bytes]) -> bool:
    """Return whether a style is in a tag, and not only in style sheets."""
    at = html.find(beginning)
    while at >= 0:
        end = at + len(beginning)
        if goes_on.match(html, end):
            _, opened, tag = html[max(at - _LONGEST_TAG, 0) : at].rpartition(b"<")
            if opened and b">" not in tag:
                return True
        at = html.find(beginning, end)
    return False
