"""Return the visible lines of a tree: one line per block."""

from __future__ import annotations

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborNode

from extractor.html.regions import vocabulary

_BLOCKS = vocabulary(
    "address article aside blockquote body br caption center dd details dialog div dl dt fieldset figcaption figure"
    " footer form h1 h2 h3 h4 h5 h6 header hr legend li main menu nav ol option p pre section summary table tbody td"
    " tfoot th thead tr ul"
)
_NEVER_KEPT = re.compile("[\x00-\x08\x0b-\x1f\x7f\xad\ud800-\udfff]")
"""Characters that a database or UTF-8 refuses, and invisible ones: soft hyphens don't change a word."""
_SILENT = vocabulary("script style template noscript head title textarea")


def storable(written: str) -> str:
    """Remove characters that can't be stored."""
    plain = written.isprintable() or written.replace("\n", "").isprintable()
    return written if plain else _NEVER_KEPT.sub("", written)


def in_one_line(node: LexborNode) -> str:
    """Return the text of a node, white space folded."""
    return " ".join(node.text().split())


def own_line(node: LexborNode) -> str:
    """Return the text of an element without its children, white space folded."""
    return " ".join(node.text(deep=False).split())


def lines_of(root: LexborNode | None) -> Iterator[tuple[str, LexborNode]]:
    """Yield the non-empty lines of an element, white space folded, each with the node of its first word.

    It does not recurse: trees may be deep.
    """
    line: list[str] = []
    first: LexborNode | None = None
    waiting: list[tuple[LexborNode | None, bool]] = []
    node = root.first_child if root is not None else None
    while node is not None or waiting:
        ends = False
        if node is None:
            node, ends = waiting.pop()
        elif node.is_text_node:
            text = node.text_content or ""
            if first is None and text and not text.isspace():
                first = node
            if first is not None:
                line.append(text)
            node = node.next
        else:
            tag = node.tag
            ends = tag in _BLOCKS
            inner = None if tag in _SILENT else node.first_child
            if inner is not None:
                waiting.append((node.next, ends))
                node = inner
            else:
                node = node.next
        if ends and first is not None:
            yield " ".join("".join(line).split()), first
            line.clear()
            first = None
    if first is not None:
        yield " ".join("".join(line).split()), first
