"""A tree as the lines that a reader sees: what stands in one block is one line."""

from __future__ import annotations

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborNode

from extractor.regions import vocabulary

_BLOCKS = vocabulary(
    "address article aside blockquote body br caption center dd details dialog div dl dt fieldset figcaption figure"
    " footer form h1 h2 h3 h4 h5 h6 header hr legend li main menu nav ol option p pre section summary table tbody td"
    " tfoot th thead tr ul"
)
_NEVER_KEPT = re.compile("[\x00-\x08\x0b-\x1f\x7f\xad\ud800-\udfff]")
"""Characters that a database or UTF-8 refuses, and that no reader sees: a word with soft hyphens is that word."""
_SILENT = vocabulary("script style template noscript head title textarea")


def kept(written: str) -> str:
    """Text in characters that can be kept."""
    return written if written.isprintable() else _NEVER_KEPT.sub("", written)


def in_one_line(node: LexborNode) -> str:
    """All that a node says, white space folded."""
    return " ".join(node.text().split())


def own_line(node: LexborNode) -> str:
    """What an element says beside its parts, white space folded."""
    return " ".join(node.text(deep=False).split())


def lines_of(root: LexborNode | None) -> Iterator[str]:
    """The lines of a tree in order, white space folded, empty ones left out."""
    return (line for line, _ in placed_lines(root))


def placed_lines(root: LexborNode | None) -> Iterator[tuple[str, LexborNode]]:
    """The same, each with the node that its first word stands in."""
    line: list[str] = []
    first: LexborNode | None = None
    for node in _texts_and_breaks(root):
        if node is not None:
            text = node.text_content or ""
            if first is None and text and not text.isspace():
                first = node
            if first is not None:
                line.append(text)
        elif first is not None:
            yield " ".join("".join(line).split()), first
            line.clear()
            first = None


def _texts_and_breaks(root: LexborNode | None) -> Iterator[LexborNode | None]:
    """Text nodes, and None wherever a block begins or ends. Without recursion: trees may be deep."""
    node, leaving = root, False
    outermost = root.mem_id if root is not None else 0
    while node is not None:
        inner = None
        if node.is_text_node:
            yield node
        else:
            tag = node.tag
            if tag in _BLOCKS:
                yield None
            inner = None if leaving or tag in _SILENT else node.first_child
        if inner is not None:
            node = inner
            continue
        if node.mem_id == outermost:
            break
        node, leaving = (node.next, False) if node.next is not None else (node.parent, True)
    yield None
