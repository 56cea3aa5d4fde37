"""How much of a part is running text, as against the short things that menus, labels and buttons say."""

from __future__ import annotations

from selectolax.lexbor import LexborNode

LEAST = 60
"""Octets in UTF-8 of a piece of running text: 60 letters, or 20 Chinese characters."""

_MOST_OCTETS = 4
"""Of a character in UTF-8."""


def prose(node: LexborNode) -> int:
    """Octets of running text in an element: of the pieces, unbroken by markup, that are long enough."""
    pieces = [piece for piece in node.text(separator="\0").split("\0") if len(piece) * _MOST_OCTETS >= LEAST]
    sizes = [len(piece.strip().encode("utf-8", "replace")) for piece in pieces]
    return sum(size for size in sizes if size >= LEAST)
