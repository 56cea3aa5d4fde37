"""Write the state of tasks in lists and tables into the text of a tree: ``[x]`` or ``[ ]``, as in GitHub's Markdown.

Programs that render Markdown write check boxes that nobody can use, with `disabled`. Those of forms can be used.
"""

from __future__ import annotations

from itertools import islice

from selectolax.lexbor import LexborHTMLParser, LexborNode

from extractor.html.notation.tex import TASK
from extractor.html.regions import ancestors

_TASKS = "li input[type=checkbox i][disabled],td input[type=checkbox i][disabled]"
_ITEMS = frozenset(("li", "td"))
_MOST = 20_000
_LEVELS = 3
"""Elements between a check box and its list item at most: a paragraph, a label."""
_MOST_BEFORE = 20
"""Nodes without text before a check box at most. Each task looks at so many, and no more."""


def is_checkbox(field: LexborNode) -> bool:
    """Return whether an `input` is a check box."""
    return (field.attributes.get("type") or "").lower() == "checkbox"


def write_tasks(tree: LexborHTMLParser) -> None:
    """Write the state of each task that begins a list item or a cell in place of its check box."""
    for box in tree.css(_TASKS)[:_MOST]:
        if not _begins_item(box):
            continue
        state = tree.create_node(TASK)
        state.insert_child("[x]" if "checked" in box.attributes else "[ ]")
        label = box.parent if box.parent is not None and box.parent.tag == "label" else None
        box.insert_before(state)
        if _is_joined(box.next):
            box.insert_before(" ")
        if label is not None:  # labels of controls are not read
            label.unwrap()


def _begins_item(box: LexborNode) -> bool:
    """Return whether nothing precedes a check box in its list item or cell."""
    for node in (box, *islice(ancestors(box), _LEVELS)):
        if node.tag in _ITEMS:
            return True
        if not _begins_element(node):
            return False
    return False


def _begins_element(node: LexborNode) -> bool:
    """Return whether no text precedes a node in its element. More nodes than `_MOST_BEFORE` are not what a list has."""
    before = node.prev
    for _ in range(_MOST_BEFORE):
        if before is None:
            return True
        if _says(before):
            return False
        before = before.prev
    return False


def _says(node: LexborNode) -> bool:
    return bool(node.text().strip()) if node.is_element_node else bool((node.text_content or "").strip())


def _is_joined(node: LexborNode | None) -> bool:
    return node is None or node.is_element_node or not (node.text_content or " ")[0].isspace()
