"""Cells of CSV that no spreadsheet runs as formulas."""

from __future__ import annotations

import re

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""Characters that a spreadsheet reads as the beginning of a formula."""
_NUMBER = re.compile(r"[+-]?[\d., ]*\d ?[%‰]?")


def inert(cell: str) -> str:
    """Return a cell with an apostrophe before what a spreadsheet would run. Numbers stay as they are."""
    return f"'{cell}" if cell.startswith(_FORMULA) and _NUMBER.fullmatch(cell) is None else cell


def as_written(cell: str) -> str:
    """Return a cell without that apostrophe."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell
