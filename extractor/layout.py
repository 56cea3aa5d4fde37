"""Pages that are laid out by tables: there, a cell is a block like any other, and no datum."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser

from extractor.prose import prose
from extractor.taming import tame

_MOST_CELLS = 300
_TABLE_TAG = re.compile(r"<(/?)(?:table|tbody|thead|tfoot|tr|td|th)\b[^>]*>")


def is_laid_out_by_tables(tree: LexborHTMLParser) -> bool:
    """Whether one table cell holds most of the page's running text."""
    cells = tree.css("td")[:_MOST_CELLS]
    if not cells or tree.body is None:
        return False
    most = prose(tree.body) / 2
    return most > 0 and any(prose(cell) > most for cell in cells)


def tables_as_blocks(html: str) -> str:
    """Serialised HTML with every part of a table turned into a `div`."""
    return tame(_TABLE_TAG.sub(r"<\1div>", html).encode("utf-8", "replace")).decode()
