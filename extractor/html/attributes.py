"""Remove tags with too many attributes before parsing: a parser compares each attribute with all others."""

from __future__ import annotations

import re

MOST_ATTRIBUTES = 4_000
SPACE = rb"\t\n\f\r "
_NAME = re.compile(rb"<[a-zA-Z][^%b/>]*+" % SPACE)
_INSIDE = re.compile(rb"[^>]*+")
ATTRIBUTE = rb"[S/]*+[^S/>][^S/>=]*+(?:[S]*+=[S]*+(?:\"[^\"]*+\"?|'[^']*+'?|[^S\"'>][^S>]*+)?+)?+".replace(b"S", SPACE)
"""An attribute as browsers take it apart, where its name is due: there, a "=" is the beginning of a name."""
_ONE = re.compile(ATTRIBUTE)
_FEW_ATTRIBUTES = re.compile(rb"(?:%b){0,200}+[%b/]*+(?:>|\Z)" % (ATTRIBUTE, SPACE))
"""The rest of a tag of no more than 200 attributes: told in one step, and not one by one."""
_REST = re.compile(rb"(?:%b)*+[%b/]*+>?" % (ATTRIBUTE, SPACE))
_LONG = (
    rb"[a-zA-Z](?![^S/>=]{0,99}+(?:>|[S/]"
    rb"(?:[^>=]{0,99}+=(?<![S/\"']=)(?:\"[^\"]{0,499}+\"|'[^']{0,499}+'|[^S\"'>][^S>]{0,499}+(?![^S>]))){0,78}+"
    rb"[^>=]{0,99}+>))".replace(b"S", SPACE)
)
"""The beginning of a tag that does not end soon: of any other one sees at once that it has fewer attributes than 4,000.
An attribute with its value is one step of the pattern, which knows of no "=" but those that a value follows.
"""
_LOOKED_AT = re.compile(rb"<(?:([bBhH][oOtT][dDmM][yYlL])(?=[%b/])|%b)" % (SPACE, _LONG))
"""The beginning of a tag for the document or its body, whose attributes gather with those of all others, or a long one.
"""
GONE = b"<!\"'>"
"""What stands where a tag was: a comment, which also ends a tag that may be open there, in a value or not. So what is
left around it can't be joined to another tag.
"""


def unloaded(html: bytes) -> bytes:
    """Remove tags with too many attributes; those of `html` and `body` elements count together.

    If a tag may begin inside a value of another one, behind a ">", both are checked, since either may not be a tag, as
    in a comment. Without a ">" between them, the second is not a tag.
    """
    kept: list[bytes] = []
    attributes = _Attributes(html)
    done = at = gathered = 0
    while found := _LOOKED_AT.search(html, at):
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
