"""Write into the text of a tree what is in its markup only: formulas as TeX, exact code, raised figures.

One scan of its bytes and the names of its elements show what a page needs: most pages need little.
"""

from __future__ import annotations

import re
from collections.abc import Set

from selectolax.lexbor import LexborHTMLParser

from extractor.html.notation.code_blocks import write_code
from extractor.html.notation.formulas import write_formulas
from extractor.html.notation.inline_marks import write_marks

_TAGS = ("sub", "sup", "math", "mjx-container", "ruby", "rt", "q", "del", "s", "strike", "kbd", "pre", "code")
_TAG = re.compile(rf"<({'|'.join([*_TAGS, *map(str.upper, _TAGS)])})[\s/>]".encode())


def make_readable(tree: LexborHTMLParser, html: bytes, names: Set[str]) -> bool:
    """Write these things into a page in UTF-8 with these classes and ids. Return whether elements were removed."""
    tags = {tag.decode().lower() for tag in _TAG.findall(html)}
    changed = write_formulas(tree, html, tags, names)
    changed = write_code(tree, tags, names) or changed
    write_marks(tree, tags)
    return changed
