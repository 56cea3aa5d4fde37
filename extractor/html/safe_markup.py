"""Markup that would take a parser quadratic time is made plain first: towers of elements, endless attributes.

Browsers stop nesting at 512; pages that people wrote stay below 100. Pages that can't do harm are not looked at: small
ones of few tags. All of it is told in octets of UTF-8: what markup is made of is ASCII.
"""

from __future__ import annotations

import re

from extractor.html.attributes import SPACE, unloaded
from extractor.html.deep_nesting import flattened
from extractor.html.open_elements import FORMATTING

SMALL = 1 << 16
"""Octets below which the worst page takes a parser well under a second."""
_FEW_TAGS = 12_000
"""Tags that can't take a parser long, however they are nested. Most large pages have fewer."""
_MOST_REOPENED = 1 << 21
"""Elements that a parser may make of those for formatting: at each tag it opens those again that nothing closed; of
those of one name and the same attributes, no more than three.
"""
_REOPENED = sorted(FORMATTING - {b"a", b"nobr"})
_INITIALS = b"".join(sorted({name[:1] + name[:1].upper() for name in _REOPENED}))
_FORMATTING = re.compile(
    rb"<(?=[%b])(?:%b)[%b/]"
    % (_INITIALS, b"|".join(b"".join(b"[%c%c]" % (c, c & ~0x20) for c in name) for name in _REOPENED), SPACE)
)
"""A tag for formatting that has attributes, in either case; told by its first letter sooner than by its name. Of links
and `nobr`, one is open at a time.
"""


def tame(html: bytes) -> bytes:
    """The same markup, but for elements nested deeper than 1,000, formatting that is opened again and again, and tags
    with more than 4,000 attributes: those give way to comments, and what is in them stays.
    """
    tags = html.count(b"<")
    reopens = _may_reopen(html, tags)
    if len(html) < SMALL and not reopens:
        return html
    html = unloaded(html)
    return flattened(html) if tags > _FEW_TAGS or reopens else html


def _may_reopen(html: bytes, tags: int) -> bool:
    """Whether formatting may be opened again and again: what stays open, times the tags that follow. The product of two
    numbers is at most a quarter of the square of their sum.
    """
    return tags * tags > 4 * _MOST_REOPENED and len(_FORMATTING.findall(html)) * tags > _MOST_REOPENED
