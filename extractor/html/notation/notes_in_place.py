"""Move footnotes that stand inside their sentences to the end, as LaTeXML and Tufte's styles put them."""

from __future__ import annotations

from collections.abc import Set

from selectolax.lexbor import LexborHTMLParser, LexborNode

from extractor.html.regions import vocabulary

_NAMES = vocabulary("ltx_role_footnote")
_NOTES = "span.ltx_note.ltx_role_footnote"
_APART = ".ltx_note_mark,.ltx_tag_note,.ltx_note_type"
_MOST = 2_000


def move_notes(tree: LexborHTMLParser, names: Set[str]) -> bool:
    """Put a reference in the place of each note, and the notes at the end; return whether there are any."""
    body = tree.body
    if names.isdisjoint(_NAMES) or body is None:
        return False
    notes = tree.create_node("ol")
    for number, node in enumerate(tree.css(_NOTES)[:_MOST], 1):
        content, mark = node.css_first(".ltx_note_content"), node.css_first(".ltx_note_mark")
        if content is None or mark is None:
            continue
        label, name = mark.text().strip(), f"note-in-place-{number}"
        for part in content.css(_APART):
            part.decompose()
        item = tree.create_node("li")
        item.attrs["id"] = name
        _move_children(content, item)
        notes.insert_child(item, move=True)
        node.replace_with(_reference(tree, name, label))
    if notes.first_child is None:
        return False
    outer = tree.create_node("section")
    outer.attrs["role"] = "doc-endnotes"
    outer.insert_child(notes, move=True)
    (tree.css_first("article.ltx_document") or body).insert_child(outer, move=True)
    return True


def _move_children(node: LexborNode, into: LexborNode) -> None:
    while (child := node.first_child) is not None:
        into.insert_child(child, move=True)


def _reference(tree: LexborHTMLParser, name: str, label: str) -> LexborNode:
    link = tree.create_node("a")
    link.attrs["href"] = f"#{name}"
    link.insert_child(label)
    raised = tree.create_node("sup")
    raised.insert_child(link, move=True)
    return raised
