"""Find out from the beginning of a page, without parsing it, that it has much text.

Most pages do, and such a page is neither a block nor a login nor an empty shell.
"""

from __future__ import annotations

import re

_SKIPPED = b"a nav footer script style noscript template svg select option title".split()
_NEXT = re.compile(
    rb"<(?:(%b)[\s/>]|!--|[a-zA-Z][^<>]*+>([^<>]{20,}+)(?!>))"
    % b"|".join(b"".join(b"[%c%c]" % (letter, letter & ~0x20) for letter in name) for name in _SKIPPED)
)
"""The next element whose text is not counted, comment, or run of text after a tag.

A run that ends with `>` is not counted: it may be code in an attribute, such as `x-data="() => {...}"`.
"""
_NESTED = {name: re.compile(rb"<%b[\s/>]" % name, re.IGNORECASE) for name in (b"nav", b"footer", b"template", b"svg")}
"""An element in one of its own kind: the first end tag is not that of the outer one."""
_MOST_STEPS = 64
_ENTITY = 8
"""Bytes subtracted for each `&`: a long entity may be a single character, or a space."""
_SPACES = b" \t\n\r\x0b\x0c"
_WIDEST = 3
"""Most bytes of a common character outside of ASCII, in the encodings of web pages."""


def has_more_text_than(html: bytes, characters: int) -> bool:
    """Return whether a few steps find more than so many characters of text outside of links.

    False means that it is not known. True is reliable if elements are closed: the count is a lower bound.
    """
    at, said = 0, 0
    for _ in range(_MOST_STEPS):
        found = _NEXT.search(html, at)
        if found is None:
            return False
        at, text = found.end(), found[2]
        if text is None:
            name = found[1]
            end = html.find(b"</" + name if name else b"-->", at)
            nested = _NESTED.get(name.lower()) if name else None
            if end < 0 or (nested and nested.search(html, at, end)):
                return False
            at = end
        elif (said := said + _characters(text)) > characters:
            return True
    return False


def _characters(text: bytes) -> int:
    """Return how many characters, spaces not counted, a run of text has at least."""
    size = len(text.translate(None, _SPACES)) - _ENTITY * text.count(b"&")
    return max(size if text.isascii() else size // _WIDEST, 0)
