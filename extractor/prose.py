"""How much of a part is running text, as against the short things that menus, labels and buttons say."""

from __future__ import annotations

from collections.abc import Sequence

from selectolax.lexbor import LexborNode

BETWEEN = "\0"
"""What no page says: it stands between pieces of text that markup parts."""
LEAST = 60
"""Octets in UTF-8 of a piece of running text: 60 letters, or 20 Chinese characters."""

_MOST_OCTETS = 4
"""Of a character in UTF-8."""
_NEVER_TEXT = "script,style,svg,iframe"


def said(node: LexborNode) -> str:
    """All that an element says, without its scripts and styles."""
    return "".join(_pieces(node, node.text(separator=BETWEEN)))


def letters(node: LexborNode) -> int:
    """How many characters that is, white space apart."""
    return sum(map(len, said(node).split()))


def prose(node: LexborNode, text: str | None = None) -> int:
    """Octets of running text in an element: of the pieces, unbroken by markup, that are long enough.

    `text` is what the element says, with `BETWEEN` between the pieces, if that is known.
    """
    pieces = _pieces(node, text or node.text(separator=BETWEEN), LEAST // _MOST_OCTETS)
    sizes = [len(piece.strip().encode("utf-8", "replace")) for piece in pieces]
    return sum(size for size in sizes if size >= LEAST)


def _pieces(node: LexborNode, text: str, shortest: int = 0) -> Sequence[str]:
    """The texts of an element. That a script has the same text as a paragraph is not to be feared."""
    pieces = [piece for piece in text.split(BETWEEN) if len(piece) >= shortest]
    silent = node.css(_NEVER_TEXT) if pieces else ()
    if not silent:
        return pieces
    never = {piece for part in silent for piece in part.text(separator=BETWEEN).split(BETWEEN)} - {""}
    return [piece for piece in pieces if piece not in never]
