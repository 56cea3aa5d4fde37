"""Put the label of a tab before the panel that it shows: a panel alone does not say whether it is of Linux or Windows.

Programs for documentation (the extensions of Python-Markdown, sphinx-design) make tabs of radio buttons and labels,
and labels of controls are not read.
"""

from __future__ import annotations

from collections.abc import Set
from itertools import pairwise

from selectolax.lexbor import LexborHTMLParser, LexborNode

from extractor.html.regions import child_elements, classes_of, vocabulary

_NAMES = vocabulary("tabbed-set tab-set sd-tab-set")
_SETS = ",".join(f".{name}" for name in sorted(_NAMES))
_LABELS, _BLOCKS = "tabbed-labels", "tabbed-content"
_CONTENT = vocabulary("tabbed-content tab-content sd-tab-content")
_MOST = 2_000


def write_tab_labels(tree: LexborHTMLParser, names: Set[str]) -> None:
    """Make the labels of tabs paragraphs, each before its panel. `names` are the classes and ids of the page."""
    if names.isdisjoint(_NAMES):
        return
    for tabs in tree.css(_SETS)[:_MOST]:
        for label, panel in _pairs(tabs):
            said = " ".join(label.text().split())
            if said:
                panel.insert_before(_paragraph(tree, said))
                label.decompose()


def _pairs(tabs: LexborNode) -> list[tuple[LexborNode, LexborNode]]:
    """Return each label with its panel: beside it, or at the same place in a list of panels."""
    children = child_elements(tabs)
    labels = next((child_elements(child) for child in children if _LABELS in classes_of(child)), None)
    if labels is not None:
        panels = next((child_elements(child) for child in children if _BLOCKS in classes_of(child)), [])
        return [*zip(labels, panels, strict=True)] if len(labels) == len(panels) else []
    return [
        (one, two) for one, two in pairwise(children) if one.tag == "label" and not _CONTENT.isdisjoint(classes_of(two))
    ]


def _paragraph(tree: LexborHTMLParser, said: str) -> LexborNode:
    strong = tree.create_node("strong")
    strong.insert_child(said)
    paragraph = tree.create_node("p")
    paragraph.insert_child(strong, move=True)
    return paragraph
