"""Enclose struck words in the text of a tree, so that they are not read as part of what replaced them."""

from __future__ import annotations

from collections.abc import Set
from itertools import islice

from selectolax.lexbor import LexborHTMLParser, LexborNode

from extractor.html.notation.tex import DELETED, STRUCK
from extractor.html.regions import ancestors, vocabulary

BLOCKS = vocabulary("p div ul ol li table tr td th blockquote pre h1 h2 h3 h4 h5 h6 section article figure br dl dd dt")
_MOST = 20_000
_MOST_PARTS = 64
_LONGEST_STRUCK = 1_000


def write_struck(tree: LexborHTMLParser, tags: Set[str]) -> None:
    """Enclose the struck words of a page. `tags` are in its markup."""
    if tags & DELETED:
        for node in tree.css("del,s,strike")[:_MOST]:
            _write_struck(node)


def _write_struck(node: LexborNode) -> None:
    """Enclose struck words, and keep them apart from the words in their place."""
    text, blocks = "", False
    for number, part in enumerate(node.traverse(include_text=True)):
        if number > _MOST_PARTS or len(text) > _LONGEST_STRUCK:
            return
        blocks = blocks or (number > 0 and (part.tag in BLOCKS or part.tag in DELETED))
        text += part.text_content or "" if part.is_text_node else ""
    if (
        blocks
        or not text.strip()
        or any(around.tag in DELETED or around.tag == "pre" for around in islice(ancestors(node), 8))
    ):
        return
    first, last = node.first_child, node.last_child
    if first is None or last is None:
        return
    first.insert_before(STRUCK)
    last.insert_after(STRUCK)
    in_word = _joins(node.prev, -1) and _joins(node.next, 0)
    if not in_word and (_joins(node.prev, -1) or (node.prev is not None and node.prev.tag == "ins")):
        node.insert_before(" ")
    if not in_word and (_joins(node.next, 0) or (node.next is not None and node.next.tag == "ins")):
        node.insert_after(" ")


def _joins(beside: LexborNode | None, place: int) -> bool:
    """Return whether a text has a letter or figure at that place: it would be joined to what is beside it."""
    text = (beside.text_content or "") if beside is not None and beside.is_text_node else ""
    return text != "" and text[place].isalnum()
