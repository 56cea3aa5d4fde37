"""Simplify markup that would cost a parser quadratic time: deep nesting, too many attributes.

Browsers limit nesting to 512; real pages stay below 100. Small pages with few tags are harmless and skipped. All checks
work on UTF-8 bytes, since the syntax of markup is ASCII.
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
    """Replace by comments the tags of elements nested deeper than 1,000, of formatting that is reopened repeatedly, and
    with more than 4,000 attributes. Their content stays.
    """
    tags = html.count(b"<")
    reopens = _may_reopen(html, tags)
    if len(html) < SMALL and not reopens:
        return html
    html = unloaded(html)
    return flattened(html) if tags > _FEW_TAGS or reopens else html


def _may_reopen(html: bytes, tags: int) -> bool:
    """Return whether reopened formatting may be costly: open elements times following tags.

    The product of two numbers is at most a quarter of the square of their sum.
    """
    return tags * tags > 4 * _MOST_REOPENED and len(_FORMATTING.findall(html)) * tags > _MOST_REOPENED
