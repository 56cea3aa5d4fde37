"""Filters of CDX servers: select rows by the value of a field.

The Internet Archive's dialect is ``[!]field:regex`` and matches the whole value. pywb's is ``[!][=|~]field:value``:
contains, equals, or a regular expression for the beginning.
"""

from __future__ import annotations

from collections.abc import Callable

from archive.index.cdx.row import FIELDS, Row
from config.values.pattern import Pattern, PatternBudget

Filter = Callable[[Row], bool]


def ia_filter(text: str, budget: PatternBudget | None = None) -> Filter:
    """Parse a filter. Raises ValueError for an invalid filter or field. The filter may raise SlowPattern."""
    wanted, field, value = _parts(text, "[!]field:regex")
    return _filter(wanted, field, Pattern(value, budget).fullmatch)


def pywb_filter(text: str, budget: PatternBudget | None = None) -> Filter:
    """Parse a filter. Raises ValueError for an invalid filter or field. The filter may raise SlowPattern."""
    wanted, field, value = _parts(text, "[!][=|~]field:value")
    if field.startswith("="):
        return _filter(wanted, field[1:], lambda found: found == value)
    if field.startswith("~"):
        return _filter(wanted, field[1:], Pattern(value, budget).match)
    return _filter(wanted, field, lambda found: value in found)


def _parts(text: str, form: str) -> tuple[bool, str, str]:
    rest = text.removeprefix("!")
    field, colon, value = rest.partition(":")
    if not colon or not field:
        raise ValueError(f"invalid filter {text[:80]!r}: use the form {form}")
    return rest == text, field, value


def _filter(wanted: bool, name: str, matches: Callable[[str], bool]) -> Filter:
    field = FIELDS.get(name)
    if field is None:
        raise ValueError(f"unknown filter field {name[:40]!r}; use {', '.join(FIELDS)}")
    return lambda row: matches(field(row) or "-") is wanted
