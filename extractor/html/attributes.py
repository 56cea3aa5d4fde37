"""Remove tags with too many attributes before parsing: a parser compares each attribute with all others."""

from __future__ import annotations

import re
from collections.abc import Iterator

MOST_ATTRIBUTES = 4_000
_SHORTEST = 2 * MOST_ATTRIBUTES
"""Bytes of the shortest tag with too many attributes: each has a name, and something before it."""
SPACE = rb"\t\n\f\r "
_NAME = re.compile(rb"<[a-zA-Z][^%b/>]*+" % SPACE)
_INSIDE = re.compile(rb"[^>]*+")
ATTRIBUTE = rb"[S/]*+[^S/>][^S/>=]*+(?:[S]*+=[S]*+(?:\"[^\"]*+\"?|'[^']*+'?|[^S\"'>][^S>]*+)?+)?+".replace(b"S", SPACE)
"""An attribute as browsers parse it where a name is expected: there, a "=" begins a name."""
_ONE = re.compile(ATTRIBUTE)
_FEW_ATTRIBUTES = re.compile(rb"(?:%b){0,200}+[%b/]*+(?:>|\Z)" % (ATTRIBUTE, SPACE))
"""The rest of a tag with at most 200 attributes, matched in one step."""
_REST = re.compile(rb"(?:%b)*+[%b/]*+>?" % (ATTRIBUTE, SPACE))
_LONG = (
    rb"[a-zA-Z](?![^S/>=]{0,99}+(?:>|[S/]"
    rb"(?:[^>=]{0,99}+=(?<![S/\"']=)(?:\"[^\"]{0,499}+\"|'[^']{0,499}+'|[^S\"'>][^S>]{0,499}+(?![^S>]))){0,78}+"
    rb"[^>=]{0,99}+>))".replace(b"S", SPACE)
)
"""The beginning of a long tag; a shorter one certainly has fewer than 4,000 attributes. An attribute with its value is
one step of the pattern, which only accepts a "=" before a value.
"""
_OF_ROOT = rb"([bBhH][oOtT][dDmM][yYlL])(?=[%b/])" % SPACE
_ROOT = re.compile(b"<" + _OF_ROOT)
"""The beginning of an `html` or `body` tag, whose attributes are merged with those of all others."""
_LOOKED_AT = re.compile(rb"<(?:%b|%b)" % (_OF_ROOT, _LONG))
"""The beginning of such a tag, or of a long one."""
_OPENING = frozenset(b"=\t\n\f\r ")
"""Bytes before a quote that may begin a value."""
_TRIED = 8
"""Number of ">" that are looked at in a part: so hostile markup costs no more than a few scans."""
GONE = b"<!\"'>"
"""The replacement of a tag: a comment, which also ends a tag that may be open there, in a value or not. So the rest
around it can't form another tag.
"""


def limit_attributes(html: bytes) -> bytes:
    """Remove tags with too many attributes; those of `html` and `body` elements count together.

    If a tag may begin inside a value of another one, behind a ">", both are checked, since either may not be a tag, as
    in a comment. Without a ">" between them, the second is not a tag.
    """
    kept: list[bytes] = []
    attributes = _Attributes(html)
    done = at = gathered = 0
    for start, end, pattern in _stretches(html):
        at = max(at, start)
        while found := pattern.search(html, at, end):
            at = _end(_NAME, html, found.start())
            many = 0 if not found[1] and _FEW_ATTRIBUTES.match(html, at) else attributes.behind(at)
            if found[1]:
                many = gathered = gathered + many
            if many > MOST_ATTRIBUTES:
                kept += html[done : found.start()], GONE
                done = at = _end(_REST, html, at)
            else:
                at = _end(_INSIDE, html, at)
    return b"".join(kept) + html[done:] if kept else html


def _stretches(html: bytes) -> Iterator[tuple[int, int, re.Pattern[bytes]]]:
    """Yield the parts of a page, from and to, with what is looked at there: in most of them no tag that begins there is
    long, for a certain end is always near. To look for these ends takes a tenth of a look at each tag.
    """
    start = at = 0
    while len(html) - at > _SHORTEST:
        end = _last_end(html, at, at + _SHORTEST)
        if end is not None:
            at = end
            continue
        if at > start:
            yield start, at, _ROOT
        start = _next_end(html, at)
        yield at, start, _LOOKED_AT
        at = start
    yield start, len(html), _ROOT


def _next_end(html: bytes, start: int) -> int:
    """Return the place behind a ">" that certainly ends a tag of its part, in the next part with one."""
    ends = (_last_end(html, at, at + _SHORTEST) for at in range(start, len(html), _SHORTEST))
    return next((end for end in ends if end is not None), len(html))


def _last_end(html: bytes, start: int, end: int) -> int | None:
    """Return the place behind the last ">" in a part of a page that certainly ends a tag which begins there, if one is
    open; None if none of the last few does.

    It ends the tag unless it is in a value: the last quote of one kind before it begins that.
    """
    at = end
    for _ in range(_TRIED):
        at = html.rfind(b">", start, at)
        if at < 0:
            return None
        quotes = html.rfind(b'"', start, at), html.rfind(b"'", start, at)
        if not any(quote > 0 and html[quote - 1] in _OPENING for quote in quotes):
            return at + 1
    return None


class _Attributes:
    """Counts the attributes behind a place in a tag. Each place is checked once, so that nested tags cost no more."""

    def __init__(self, html: bytes) -> None:
        self._html = html
        self._behind: dict[int, int] = {}
        self._furthest = 0

    def behind(self, at: int) -> int:
        """Return the number of attributes from there on; if there are too many, some number above the limit."""
        if at > self._furthest:
            self._behind.clear()
        passed: list[int] = []
        while at not in self._behind and len(passed) <= MOST_ATTRIBUTES and (one := _ONE.match(self._html, at)):
            passed.append(at)
            at = one.end()
        self._furthest = max(self._furthest, at)
        known = self._behind.get(at, 0)
        self._behind.update(zip(reversed(passed), range(known + 1, known + len(passed) + 1), strict=True))
        return known + len(passed)


def _end(pattern: re.Pattern[bytes], html: bytes, at: int) -> int:
    found = pattern.match(html, at)
    return found.end() if found else at
