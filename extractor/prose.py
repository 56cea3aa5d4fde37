"""How much of a part is running text, as against the short things that menus, labels and buttons say."""

from __future__ import annotations

from collections.abc import Sequence

from selectolax.lexbor import LexborNode

BETWEEN = "\0"
"""What no page says: it stands between pieces of text that markup parts."""
LEAST = 60
"""Octets in UTF-8 of a piece of running text: 60 letters, or 20 Chinese characters."""

_FEWEST = LEAST // 4
"""Characters of such a piece: none has more octets than four."""
_NEVER_TEXT = "script,style,svg,iframe"


def said(node: LexborNode) -> str:
    """All that an element says, without its scripts and styles."""
    return "".join(_shown(node, node.text(separator=BETWEEN).split(BETWEEN)))


def letters(node: LexborNode) -> int:
    """How many characters that is, white space apart."""
    return sum(map(len, said(node).split()))


def prose(node: LexborNode, text: str | None = None, silent: Sequence[LexborNode] | None = None) -> int:
    """Octets of running text in an element: of the pieces, unbroken by markup, that are long enough.

    `text` is what the element says, with `BETWEEN` between the pieces, and `silent` are the scripts and the like in it,
    if those are known.
    """
    pieces = (text or node.text(separator=BETWEEN)).split(BETWEEN)
    long = [piece for piece in pieces if len(piece) >= LEAST or (len(piece) >= _FEWEST and not piece.isascii())]
    return sum(octets for octets in map(_octets, _shown(node, long, silent)) if octets >= LEAST)


def _octets(piece: str) -> int:
    said = piece.strip()
    return len(said) if said.isascii() else len(said.encode("utf-8", "replace"))


def _shown(node: LexborNode, pieces: Sequence[str], silent: Sequence[LexborNode] | None = None) -> Sequence[str]:
    """Those that no script holds. That one has the same text as a paragraph is not to be feared."""
    if silent is None:
        silent = node.css(_NEVER_TEXT) if pieces else ()
    if not silent or not pieces:
        return pieces
    never = {piece for part in silent for piece in part.text(separator=BETWEEN).split(BETWEEN)} - {""}
    return [piece for piece in pieces if piece not in never]
