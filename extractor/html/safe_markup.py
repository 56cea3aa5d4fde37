"""Simplify markup that would cost a parser quadratic time: deep nesting, too many attributes.

Browsers limit nesting to 512; real pages stay below 100. Small pages with few tags are harmless and skipped. All checks
work on UTF-8 bytes, since the syntax of markup is ASCII.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from extractor.html.attributes import SPACE, limit_attributes
from extractor.html.deep_nesting import limit_nesting
from extractor.html.open_elements import FORMATTING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SMALL = 1 << 16
"""Bytes below which the worst page costs a parser well under a second."""
_FEW_TAGS = 12_000
"""Number of tags that can't cost a parser much in any nesting. Most large pages have fewer."""
_MOST_REOPENED = 1 << 21
"""Maximum number of formatting elements that a parser may create: at each tag, it reopens unclosed ones, at most three
with the same name and attributes.
"""
_REOPENED = sorted(FORMATTING - {b"a", b"nobr"})
_INITIALS = b"".join(sorted({name[:1] + name[:1].upper() for name in _REOPENED}))
_FORMATTING = re.compile(
    rb"<(?=[%b])(?:%b)[%b/]"
    % (_INITIALS, b"|".join(b"".join(b"[%c%c]" % (c, c & ~0x20) for c in name) for name in _REOPENED), SPACE)
)
"""A formatting tag with attributes, in either case; its first letter is checked before its name. Only one link and one
`nobr` are open at a time.
"""
_CLOSED = re.compile(
    rb"<(%b)(?:[S]++[a-z-]++(?:=\"[^\"<>]*+\")?)++[S]*+>[^<]*+</\1>".replace(b"S", SPACE) % b"|".join(_REOPENED)
)
"""One that is closed behind its text, so that it is never reopened, in markup that all parsers read alike."""
_BEGIN = ord("<")


def make_safe(html: bytes) -> bytes:
    """Replace by comments the tags of elements nested deeper than 1,000, of formatting that is reopened repeatedly, and
    with more than 4,000 attributes. Their content stays.
    """
    import numpy as np  # a service that reads no page does without it

    octets = np.frombuffer(html, np.uint8)
    tags = int(np.count_nonzero(octets == _BEGIN))  # in a quarter of the time of `count`
    reopens = _may_reopen(html, octets, tags)
    if len(html) < SMALL and not reopens:
        return html
    html = limit_attributes(html)
    return limit_nesting(html) if tags > _FEW_TAGS or reopens else html


def _may_reopen(html: bytes, octets: NDArray[np.uint8], tags: int) -> bool:
    """Return whether reopened formatting may be costly: open elements times following tags.

    The product of two numbers is at most a quarter of the square of their sum.
    """
    if tags * tags <= 4 * _MOST_REOPENED:
        return False
    import numpy as np

    begun = np.flatnonzero(octets[:-2] == _BEGIN)
    most = int(np.count_nonzero(_may_format()[octets[begun + 1], octets[begun + 2]]))
    return most * tags > _MOST_REOPENED and _left_open(html) * tags > _MOST_REOPENED


@cache
def _may_format() -> NDArray[np.bool_]:
    """Return whether two bytes can begin the name of such a tag, in either case, or be a name of one letter with what
    follows.
    """
    import numpy as np

    pairs = np.zeros((256, 256), dtype=np.bool_)
    for name in _REOPENED:
        second = name[1:2] or b"\t\n\f\r /"
        pairs[np.ix_([*name[:1], *name[:1].upper()], [*second, *second.upper()])] = True
    return pairs


def _left_open(html: bytes) -> int:
    """Return how many formatting elements with attributes may be open behind their text."""
    return len(_FORMATTING.findall(html)) - len(_CLOSED.findall(html))
