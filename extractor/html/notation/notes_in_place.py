"""Move footnotes that stand inside their sentences to the end, as LaTeXML and Tufte's styles put them."""

from __future__ import annotations

from collections.abc import Set

from selectolax.lexbor import LexborHTMLParser, LexborNode

from extractor.html.regions import ancestors, classes_of, vocabulary

_NAMES = vocabulary("ltx_role_footnote sidenote marginnote")
_NOTES = "span.ltx_note.ltx_role_footnote,span.sidenote,span.marginnote"
_TOGGLES = vocabulary("label input")
"""Elements of Tufte's styles that show a note at the side on small screens. The label has the number, by style."""
_APART = ".ltx_note_mark,.ltx_tag_note,.ltx_note_type"
_LINES = vocabulary("p li dd td span em strong")
_MOST = 2_000


def move_notes(tree: LexborHTMLParser, names: Set[str]) -> bool:
    """Put a reference in the place of each note, and the notes at the end; return whether there are any."""
    body = tree.body
    if names.isdisjoint(_NAMES) or body is None:
        return False
    notes, aside = tree.create_node("ol"), 0
    around: LexborNode | None = None
    for number, node in enumerate(tree.css(_NOTES)[:_MOST], 1):
        content, mark = node.css_first(".ltx_note_content"), node.css_first(".ltx_note_mark")
        if content is None or mark is None:
            if "ltx_note" in classes_of(node) or not _is_in_line(node):
                continue
            content = node
            _remove_toggles(node)
        aside += "marginnote" in classes_of(node)
        label = mark.text().strip() if mark is not None else str(number - aside)
        label = "*" if "marginnote" in classes_of(node) else label
        name = f"note-in-place-{number}"
        for part in content.css(_APART):
            part.decompose()
        around = around or next((outer for outer in ancestors(node) if outer.tag in ("article", "main")), None)
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
    (around or body).insert_child(outer, move=True)
    return True


def _is_in_line(note: LexborNode) -> bool:
    """Return whether a note is in a paragraph, with text before it."""
    outer = note.parent
    return outer is not None and outer.tag in _LINES and bool(outer.text(deep=False).strip())


def _remove_toggles(note: LexborNode) -> None:
    while (before := note.prev) is not None and (before.tag in _TOGGLES or not (before.text_content or "-").strip()):
        before.decompose()


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
