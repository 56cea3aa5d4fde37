"""Tell that a page says a lot from its beginning, without parsing it. Pure.

Most pages do, and what an answer is instead of a page (a block, a login, an empty shell) is then out of the question.
"""

from __future__ import annotations

import re

_SKIPPED = b"a nav footer script style noscript template svg select option title".split()
_NEXT = re.compile(
    rb"<(?:(%b)[\s/>]|!--|[a-zA-Z][^<>]*+>([^<]{20,}+))"
    % b"|".join(b"".join(b"[%c%c]" % (letter, letter & ~0x20) for letter in name) for name in _SKIPPED)
)
"""The next element that does not count, comment, or run of text behind a tag."""
_MOST_STEPS = 64
_ENTITY = 8
"""Bytes that are taken off for each `&`: a long entity may be one character, or a space."""
_WIDEST = 3
"""Bytes of a character outside of ASCII, in the encodings that pages have."""


def says_more_than(html: bytes, characters: int) -> bool:
    """Return whether so many characters of text that stand in no link are found in a few steps.

    False says nothing. True is certain for markup whose elements are closed: what counts is counted low.
    """
    at, said = 0, 0
    for _ in range(_MOST_STEPS):
        found = _NEXT.search(html, at)
        if found is None:
            return False
        at, text = found.end(), found[2]
        if text is None:
            name = found[1]
            at = html.find(b"</" + name if name else b"-->", at)
            if at < 0:
                return False
        elif (said := said + _characters(text)) > characters:
            return True
    return False


def _characters(text: bytes) -> int:
    """Return how many characters, spaces not counted, a run of text has at least."""
    size = sum(map(len, text.split())) - _ENTITY * text.count(b"&")
    return max(size if text.isascii() else size // _WIDEST, 0)
