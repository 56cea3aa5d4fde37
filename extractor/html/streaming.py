"""Pages that React sends in parts: what was not ready in time comes hidden at the page's end, and a script of one line
puts it in its place. Here it is put there without scripts.

As React DOM's own runtime does (`ReactDOMFizzInstructionSet`): ``$RC("B:0","S:0")`` puts the part ``S:0`` in the place
of all that stands for it, from ``<template id="B:0">`` to the comment that ends it; ``$RS("S:1","P:1")`` puts a part of
a part in the place of ``<template id="P:1">``.
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
    """Whether the scripts of a page may place parts of it."""
    return html.rfind(_SIGN) >= 0  # from the end: there the rare first octet is looked for, and twice as fast


def place_parts(tree: LexborHTMLParser, html: str) -> None:
    """Put the parts of a page where its scripts would. A part or a place that is not there is passed over."""
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
    """Whether a place is all that stands up to an end, the name of the place, and that of what comes there."""
    for number, found in enumerate(_INSTRUCTION.finditer(html)):
        if number >= _MOST:
            return
        if found[1] == "C":
            yield True, found[2], found[3]
        else:
            yield False, found[3], found[2]


def _standing_in(place: LexborNode) -> Iterator[LexborNode]:
    """What is shown until the part comes."""
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
    """Whether a node stands in a part: that can't be put where it is itself."""
    above: LexborNode | None = node
    while above is not None and above.mem_id != part.mem_id:
        above = above.parent
    return above is not None
