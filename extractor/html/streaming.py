"""Place the parts of pages that React streams: late parts are hidden at the page's end, and one-line scripts would move
them. Here, they are moved without scripts.

It follows React DOM's runtime (`ReactDOMFizzInstructionSet`): ``$RC("B:0","S:0")`` replaces the placeholder, from
``<template id="B:0">`` to the comment that ends it, by the part ``S:0``; ``$RS("S:1","P:1")`` replaces
``<template id="P:1">`` by a part of a part.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

_SIGN = b"$RC("
"""What no page whose parts have come is without."""
_INSTRUCTION = re.compile(r"\$R([CS])\(\"([\w:«»-]{1,60})\",\"([\w:«»-]{1,60})\"")
_BEGINS = ("$", "$?", "$!", "$~", "&")
_ENDS = ("/$", "/&")
_MOST = 1_000
"""Parts that are placed."""
_MOST_MOVED = 50_000
"""Nodes that are moved or removed for that, all in all."""


def is_streamed(html: bytes) -> bool:
    """Return whether scripts of a page may place parts of it."""
    return html.rfind(_SIGN) >= 0  # from the end: this searches for the rare first byte, and is twice as fast


def place_parts(tree: LexborHTMLParser, html: str) -> None:
    """Move the parts of a page as its scripts would. Missing parts and places are skipped."""
    hidden = {node.id: node for node in tree.css("[hidden][id]")}
    places = {node.id: node for node in tree.css("template[id]")}
    left = _MOST_MOVED
    for whole, place, part in _instructions(html):
        where, what = places.pop(place, None), hidden.pop(part, None)
        if where is None or what is None or _is_within(where, what):
            continue
        gone = [*_standing_in(where)] if whole else []
        come = [*_following(what.first_child)]
        left -= len(gone) + len(come)
        if left < 0:
            return
        for node in come:
            where.insert_before(node, move=True)
        for node in (*gone, where, what):
            node.remove()


def _instructions(html: str) -> Iterator[tuple[bool, str, str]]:
    """Yield whether the place is a range up to an end comment, the name of the place, and that of the part."""
    for number, found in enumerate(_INSTRUCTION.finditer(html)):
        if number >= _MOST:
            return
        if found[1] == "C":
            yield True, found[2], found[3]
        else:
            yield False, found[3], found[2]


def _standing_in(place: LexborNode) -> Iterator[LexborNode]:
    """Yield the nodes of the placeholder."""
    depth = 0
    for node in _following(place.next):
        said = node.comment_content if node.is_comment_node else None
        if said in _ENDS:
            if not depth:
                return
            depth -= 1
        elif said in _BEGINS:
            depth += 1
        yield node


def _following(node: LexborNode | None) -> Iterator[LexborNode]:
    while node is not None:
        yield node
        node = node.next


def _is_within(node: LexborNode, part: LexborNode) -> bool:
    """Return whether a node is in a part, which can't be moved into itself."""
    above: LexborNode | None = node
    while above is not None and above.mem_id != part.mem_id:
        above = above.parent
    return above is not None
