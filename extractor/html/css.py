"""Find the URLs in a style sheet: imports, images, fonts."""

from __future__ import annotations

import re
from collections.abc import Callable

from extractor.values.urls import resolve

_QUOTED = r""""((?:[^"\n\\]|\\.)*+)"|'((?:[^'\n\\]|\\.)*+)'"""
_BARE = r"""((?:[^\s"'()\\]|\\(?:[0-9a-f]{1,6}+\s?+|[^0-9a-f]))++)"""
"""Each escape is read in one way only: otherwise `\\a\\a\\a…` takes exponential time."""
REFERENCE = re.compile(rf"url\(\s*(?:{_QUOTED}|{_BARE})\s*\)|@import\s+(?:{_QUOTED})", re.IGNORECASE | re.DOTALL)
_IMPORT = re.compile(r"@import\s*$", re.IGNORECASE)
_UNQUOTABLE = re.compile(r"""["\\<\x00-\x1f\x7f]""")
_ESCAPE = re.compile(r"\\(?:([0-9a-f]{1,6})\s?|(.))", re.IGNORECASE | re.DOTALL)


def css_urls(sheet: str, base: str) -> list[str]:
    """Return the absolute http(s) URLs of a style sheet or attribute, each once, in order.

    `base` is the sheet's own URL.
    """
    found: dict[str, None] = {}
    for match in REFERENCE.finditer(without_comments(sheet)):
        reference = match[match.lastindex] if match.lastindex else ""
        url = resolve(unescape(reference), base)
        if url:
            found[url] = None
    return list(found)


def replace_urls(sheet: str, replace: Callable[[str, bool], str]) -> str:
    """Replace the references of a sheet. `replace` gets each, unescaped, and whether it is an import."""

    def replaced(match: re.Match[str]) -> str:
        imported = match[0].startswith("@")
        reference = match[match.lastindex] if match.lastindex else ""
        before = sheet[max(0, match.start() - 16) : match.start()]
        text = replace(unescape(reference), imported or _IMPORT.search(before) is not None)
        quoted = '"' + _UNQUOTABLE.sub(lambda found: f"\\{ord(found[0]):x} ", text) + '"'
        return f"@import {quoted}" if imported else f"url({quoted})"

    return REFERENCE.sub(replaced, sheet)


def without_comments(sheet: str) -> str:
    """Remove comments in one pass, also unclosed ones: a pattern would restart at each beginning of a comment."""
    head, *rest = sheet.split("/*")
    return " ".join([head, *(part.partition("*/")[2] for part in rest)])


def unescape(reference: str) -> str:
    return _ESCAPE.sub(_character, reference) if "\\" in reference else reference


def _character(match: re.Match[str]) -> str:
    if match[1] is None:
        return match[2] if match[2] != "\n" else ""
    number = int(match[1], 16)
    return chr(number) if 0 < number < 0x110000 and not 0xD800 <= number < 0xE000 else "\ufffd"
