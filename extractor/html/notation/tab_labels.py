"""Put the label of a tab before the panel that it shows: a panel alone does not say whether it is of Linux or Windows.

Programs for documentation (the extensions of Python-Markdown, sphinx-design) make tabs of radio buttons and labels,
and labels of controls are not read. Others list all tabs by their roles (ARIA 1.2) before the first panel.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from itertools import pairwise

from selectolax.lexbor import LexborHTMLParser, LexborNode

from extractor.html.regions import child_elements, classes_of, vocabulary

_NAMES = vocabulary("tabbed-set tab-set sd-tab-set")
_SETS = ",".join(f".{name}" for name in sorted(_NAMES))
_LABELS, _BLOCKS = "tabbed-labels", "tabbed-content"
_CONTENT = vocabulary("tabbed-content tab-content sd-tab-content")
_MOST, _MOST_LISTS = 2_000, 200
_LONGEST = 80


def write_tab_labels(tree: LexborHTMLParser, names: Set[str], *, by_roles: bool) -> bool:
    """Make the labels of tabs paragraphs, each before its panel or at its beginning. `names` are the classes and ids of
    the page, `by_roles` says whether it has panels by their role. Return whether elements were removed.
    """
    changed = by_roles and _write_by_roles(tree)
    if names.isdisjoint(_NAMES):
        return changed
    for tabs in tree.css(_SETS)[:_MOST]:
        for label, panel in _pairs(tabs):
            said = " ".join(label.text().split())
            if said:
                panel.insert_before(_paragraph(tree, said))
                label.decompose()
    return changed


def _write_by_roles(tree: LexborHTMLParser) -> bool:
    """Move the labels of tabs that are known by their roles into their panels; return whether there are any."""
    panels = tree.css("[role=tabpanel]")[:_MOST]
    named = {own: panel for panel in panels if (own := panel.id)}
    labelled = {by: panel for panel in panels if (by := panel.attributes.get("aria-labelledby"))}
    moved: set[int] = set()
    for tabs in tree.css("[role=tablist]")[:_MOST_LISTS]:
        labels = tabs.css("[role=tab]")
        ours = [panel for label in labels if (panel := _panel_of(label, named, labelled)) is not None]
        if len(ours) != len(labels):
            ours = [*_panels_beside(tabs)]
        if len(ours) == len(labels):
            for label, panel in zip(labels, ours, strict=True):
                said = " ".join(label.text().split())
                if panel.mem_id not in moved and 0 < len(said) <= _LONGEST:
                    moved.add(panel.mem_id)
                    _begin(tree, panel, said)
                    label.decompose()
    return bool(moved)


def _panel_of(
    label: LexborNode, named: Mapping[str, LexborNode], labelled: Mapping[str, LexborNode]
) -> LexborNode | None:
    """Return the panel that a tab names, or that names the tab."""
    attributes = label.attributes
    target = attributes.get("aria-controls") or (attributes.get("href") or "").removeprefix("#")
    return named.get(target) or labelled.get(label.id or "")


def _panels_beside(tabs: LexborNode) -> Iterator[LexborNode]:
    """Yield the panels in the same element as their tabs, without those in other panels."""
    around, within = tabs.parent, set[int]()
    for panel in around.css("[role=tabpanel]") if around is not None else ():
        if panel.mem_id not in within:
            within.update(inner.mem_id for inner in panel.css("[role=tabpanel]"))
            yield panel


def _begin(tree: LexborHTMLParser, panel: LexborNode, said: str) -> None:
    """Put a label at the beginning of its panel, unless the panel begins with it."""
    texts = (
        " ".join((node.text_content or "").split()) for node in panel.traverse(include_text=True) if node.is_text_node
    )
    if next(filter(None, texts), "") == said:
        return
    if (first := panel.first_child) is not None:
        first.insert_before(_paragraph(tree, said))


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
