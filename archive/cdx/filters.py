"""Filters of CDX servers: which rows of an answer are wanted, by what a field says.

The Internet Archive's dialect: ``[!]field:regex``, the whole value. pywb's: ``[!][=|~]field:value``, where the value is
contained, equal, or a regular expression for its beginning.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import regex

from archive.cdx.row import FIELDS, Row

Filter = Callable[[Row], bool]

_LONGEST = 1000
_PATIENCE = 0.05
"""Seconds that one value may take: a pattern that needs longer would hold up everybody."""


class SlowFilter(ValueError):
    """A regular expression that takes too long for what it is asked about."""


def ia_filter(text: str) -> Filter:
    """Raises ValueError for what is no filter, and for a field that there is not. The filter may raise SlowFilter."""
    wanted, field, value = _parts(text, "[!]field:regex")
    return _filter(wanted, field, _matching(_compiled(value).fullmatch))


def pywb_filter(text: str) -> Filter:
    """Raises ValueError for what is no filter, and for a field that there is not. The filter may raise SlowFilter."""
    wanted, field, value = _parts(text, "[!][=|~]field:value")
    if field.startswith("="):
        return _filter(wanted, field[1:], lambda found: found == value)
    if field.startswith("~"):
        return _filter(wanted, field[1:], _matching(_compiled(value).match))
    return _filter(wanted, field, lambda found: value in found)


def _parts(text: str, form: str) -> tuple[bool, str, str]:
    rest = text.removeprefix("!")
    field, colon, value = rest.partition(":")
    if not colon or not field:
        raise ValueError(f"{text[:80]!r} is no filter; it has the form {form}")
    return rest == text, field, value


def _filter(wanted: bool, name: str, matches: Callable[[str], bool]) -> Filter:
    field = FIELDS.get(name)
    if field is None:
        raise ValueError(f"there is no field {name[:40]!r} to filter by; there are {', '.join(FIELDS)}")
    return lambda row: matches(field(row) or "-") is wanted


def _compiled(pattern: str) -> Any:
    if len(pattern) > _LONGEST:
        raise ValueError(f"a filter of {len(pattern)} characters is too long; {_LONGEST} are the most")
    try:
        return regex.compile(pattern)
    except (regex.error, RecursionError, OverflowError) as error:
        raise ValueError(f"{pattern[:80]!r} is no regular expression: {error}") from None


def _matching(match: Callable[..., Any]) -> Callable[[str], bool]:
    def matches(found: str) -> bool:
        try:
            return match(found, timeout=_PATIENCE) is not None
        except TimeoutError:
            raise SlowFilter("this regular expression takes too long; write it so that it can't backtrack") from None

    return matches
