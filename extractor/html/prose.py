"""Measure running text, in contrast to the short texts of menus, labels and buttons."""

from __future__ import annotations

from collections.abc import Sequence

from selectolax.lexbor import LexborNode

_BETWEEN = "\0"
"""A separator between pieces of text that no page contains."""
LEAST = 60
"""Minimum bytes in UTF-8 of a piece of running text: 60 letters, or 20 Chinese characters."""

_FEWEST = LEAST // 4
"""Minimum characters of such a piece: none has more than four bytes."""
_NEVER_TEXT = "script,style,svg,iframe"


def pieces_of(node: LexborNode, silent: Sequence[LexborNode] | None = None) -> Sequence[str]:
    """Return the pieces of text between the markup of an element, without white space and scripts.

    `silent` are the scripts and the like in it, if known.
    """
    return _shown(node, _written(node, skip_empty=True), silent)


def prose_text(node: LexborNode) -> str:
    """Return the text of an element, without scripts and styles."""
    return "".join(_shown(node, _written(node)))


def letters(node: LexborNode) -> int:
    """Count the characters of an element's text, without white space."""
    return sum(map(len, prose_text(node).split()))


def prose(node: LexborNode) -> int:
    """Return the bytes of running text in an element: of its pieces that are long enough."""
    return running(pieces_of(node))


def running(pieces: Sequence[str]) -> int:
    """Return the bytes of running text in pieces."""
    long = (piece for piece in pieces if len(piece) >= LEAST or (len(piece) >= _FEWEST and not piece.isascii()))
    return sum(size for size in map(_octets, long) if size >= LEAST)


def _octets(piece: str) -> int:
    said = piece.strip()
    return len(said) if said.isascii() else len(said.encode("utf-8", "replace"))


def _shown(node: LexborNode, pieces: Sequence[str], silent: Sequence[LexborNode] | None = None) -> Sequence[str]:
    """Return the pieces that are not in scripts; a script with the text of a paragraph is unlikely."""
    if silent is None:
        silent = node.css(_NEVER_TEXT) if pieces else ()
    never = {piece for part in silent for piece in _written(part)} - {""}
    sizes = set(map(len, never))  # most pieces have another size, so that their hash is not computed
    return [piece for piece in pieces if len(piece) not in sizes or piece not in never] if never else pieces


def _written(node: LexborNode, *, skip_empty: bool = False) -> Sequence[str]:
    return node.text(separator=_BETWEEN, skip_empty=skip_empty).split(_BETWEEN)
