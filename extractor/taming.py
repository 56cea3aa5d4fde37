"""Markup that would take a parser quadratic time is made plain first: towers of elements, endless attributes.

Browsers stop nesting at 512; pages that people wrote stay below 100. Small pages can't do harm and are not looked at.
All of it is told in octets of UTF-8: what markup is made of is ASCII.
"""

from __future__ import annotations

from extractor.attributes import unloaded
from extractor.towers import flattened

SMALL = 1 << 16
"""Octets below which the worst page takes a parser well under a second."""
_FEW_TAGS = 12_000
"""Tags that can't take a parser long, however they are nested. Most large pages have fewer."""


def tame(html: bytes) -> bytes:
    """The same markup, but for elements nested deeper than 1,000, formatting that is opened again and again, and tags
    with more than 4,000 attributes: those give way to comments, and what is in them stays.
    """
    if len(html) < SMALL:
        return html
    html = unloaded(html)
    return flattened(html) if html.count(b"<") > _FEW_TAGS else html
