"""Write into the text of a tree what is in its markup only: formulas as TeX, exact code, raised figures.

The index of its tree shows what a page needs: most pages need little.
"""

from __future__ import annotations

from selectolax.lexbor import LexborHTMLParser

from extractor.html.notation.aria_tables import write_tables
from extractor.html.notation.code_blocks import write_code
from extractor.html.notation.formulas import write_formulas
from extractor.html.notation.inline_marks import write_marks
from extractor.html.notation.notes_in_place import move_notes
from extractor.html.notation.signs import may_be_sign, may_stand_for_text, write_signs
from extractor.html.notation.struck_words import write_struck
from extractor.html.notation.styled_words import name_styled
from extractor.html.notation.tab_labels import write_tab_labels
from extractor.html.notation.task_lists import is_checkbox, write_tasks
from extractor.html.shared_queries import TreeIndex


def make_readable(tree: LexborHTMLParser, html: bytes, tree_index: TreeIndex) -> bool:
    """Write these things into a page in UTF-8. Return whether elements were removed."""
    names = tree_index.names
    # before the first change, which may remove elements of the index
    checkboxes = any(map(is_checkbox, tree_index.all("input")))
    images = any(map(may_stand_for_text, tree_index.all("img")))
    signs = any(map(may_be_sign, tree_index.unspoken))
    tags = tree_index.tags | name_styled(tree, tree_index)
    changed = tree_index.rows and write_tables(tree)
    changed = move_notes(tree, names) or changed
    changed = write_tab_labels(tree, names, by_roles=tree_index.panels) or changed
    write_signs(tree, names, images=images, signs=signs)
    changed = write_formulas(tree, html, tags, names) or changed
    changed = write_code(tree, tags, names) or changed
    write_marks(tree, tags)
    write_struck(tree, tags)
    if checkboxes:
        write_tasks(tree)
    return changed
