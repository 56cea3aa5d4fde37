"""TeX as pages write it, and as text and Markdown keep it: ``$x$`` in a line, ``$$x$$`` on a line of its own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice

from selectolax.lexbor import LexborHTMLParser, LexborNode

from extractor.html.regions import ancestors, vocabulary

FORMULA = "tex-formula"
"""The element that takes the place of a formula in a tree; its text is the TeX with its dollar signs."""
TASK = "task-state"
"""The element that takes the place of the check box of a task; its text is ``[x]`` or ``[ ]``."""
DELETED = frozenset(("del", "s", "strike"))
STRUCK = "~~"
"""What encloses struck words."""
_LONGEST = 20_000
_LINES = vocabulary("td th h1 h2 h3 h4 h5 h6 a caption figcaption dt")
"""Elements whose text stays in one line."""
_COMMENT = re.compile(r"(?<!\\)((?:\\\\)*)%[^\n]*\n")
_PER_CENT = re.compile(r"(?<!\\)((?:\\\\)*)%")
_OUTER = (("$$", "$$"), ("\\[", "\\]"), ("\\(", "\\)"), ("$", "$"))
_NOT_IN_TAG = re.compile(r"[\\{}$%#&]")
_STYLE = re.compile(r"\\(?:displaystyle|textstyle)(?![A-Za-z])\s*")


def tex(written: str) -> str:
    """Return the TeX of a formula in one line, without comments, delimiters and the style of displays.

    A per cent sign in the last line is one: a comment there would say nothing, and often the sign is not escaped.
    """
    said = " ".join(_PER_CENT.sub(r"\1\\%", _COMMENT.sub(r"\1 ", written[:_LONGEST])).split())
    for opening, closing in _OUTER:
        if len(said) >= len(opening) + len(closing) and said.startswith(opening) and said.endswith(closing):
            said = said[len(opening) : -len(closing)].strip()
            break
    if said.startswith("{") and said.endswith("}") and _is_one_group(said):
        inner = said[1:-1].strip()
        said = inner if _STYLE.match(inner) else said
    if found := _STYLE.match(said):
        said = said[found.end() :]
    return said.strip()


def _is_one_group(said: str) -> bool:
    """Return whether the first brace is closed by the last one."""
    depth = 0
    for found in re.finditer(r"\\.|[{}]", said):
        depth += {"{": 1, "}": -1}.get(found[0], 0)
        if not depth and found.end() < len(said):
            return False
    return depth == 0


def formula(tree: LexborHTMLParser, said: str, *, display: bool, block: bool) -> LexborNode:
    """Make the element of a formula; one that is a block has a line of its own."""
    made = tree.create_node(FORMULA)
    made.insert_child(enclosed(said, display=display))
    if not block:
        return made
    outer = tree.create_node("div")
    outer.insert_child(made, move=True)
    return outer


def stays_in_line(node: LexborNode) -> bool:
    """Return whether an element is in a cell, a heading or the like, whose text stays in one line."""
    return any(around.tag in _LINES for around in islice(ancestors(node), 6))


def enclosed(said: str, *, display: bool) -> str:
    """Return a formula between dollar signs."""
    return f"$${said}$$" if display else f"${said}$"


def tag_of(label: str) -> str:
    """Return the number beside an equation as TeX: ``(7)`` is ``\\tag{7}``; empty if it is none, or holds TeX."""
    said = " ".join(label.split())
    if not said or _NOT_IN_TAG.search(said):
        return ""
    return rf" \tag{{{said[1:-1]}}}" if said[0] == "(" and said[-1] == ")" and len(said) > 2 else rf" \tag*{{{said}}}"


def with_tags(rows: Sequence[str], tags: Sequence[str]) -> str:
    """Return the rows of equations with their numbers, which TeX takes in `align` and not in `aligned`."""
    if len(rows) == 1:
        return " ".join(rows[0].replace(" & ", " ").split()) + tags[0]
    return (
        r"\begin{align} "
        + r" \\ ".join(row + (tag or r" \notag") for row, tag in zip(rows, tags, strict=True))
        + r" \end{align}"
    )
