"""Markup that would take a parser quadratic time is made plain first: towers of elements, endless attributes.

Browsers stop nesting at 512; pages that people wrote stay below 100. Small pages can't do harm and are not looked at.
All of it is told in octets of UTF-8: what markup is made of is ASCII.
"""

from __future__ import annotations

import re
from itertools import accumulate

SMALL = 1 << 16
"""Octets below which the worst page takes a parser well under a second."""
DEEPEST = 1_000
MOST_ATTRIBUTES = 4_000

_FEW_TAGS = 8_000
_MOST_NAMES = 1_000
_TAG = re.compile(rb"<(/?[a-zA-Z][a-zA-Z0-9]*)")
_WHOLE_TAG = re.compile(rb"<(/?)([a-zA-Z][a-zA-Z0-9]*)[^>]*>?")
_FLAT = frozenset(
    b"area base br col embed hr img input link meta param source track wbr"
    b" p li dt dd option optgroup tr td th tbody thead tfoot colgroup caption rp rt button a nobr".split()
)
"""Elements that have no inside, or that the next of their kind closes."""
_SPACE = rb"\t\n\f\r "
_NAME = re.compile(rb"<[a-zA-Z][^%b/>]*+" % _SPACE)
_INSIDE = re.compile(rb"[^>]*+")
_ATTRIBUTE = re.compile(
    rb"[S/]*+[^S/>][^S/>=]*+(?:[S]*+=[S]*+(?:\"[^\"]*+\"?|'[^']*+'?|[^S\"'>][^S>]*+)?+)?+".replace(b"S", _SPACE)
)
"""An attribute as browsers take it apart, where its name is due: there, a "=" is the beginning of a name."""
_FEW_ATTRIBUTES = re.compile(rb"(?:%b){0,200}+[%b/]*+(?:>|\Z)" % (_ATTRIBUTE.pattern, _SPACE))
"""The rest of a tag of no more than 200 attributes: told in one step, and not one by one."""
_REST = re.compile(rb"(?:%b)*+[%b/]*+>?" % (_ATTRIBUTE.pattern, _SPACE))
_LONG = (
    rb"[a-zA-Z](?![^S/>=]{0,99}+(?:>|[S/]"
    rb"(?:[^>=]{0,99}+=(?<![S/\"']=)(?:\"[^\"]{0,499}+\"|'[^']{0,499}+'|[^S\"'>][^S>]{0,499}+(?![^S>]))){0,78}+"
    rb"[^>=]{0,99}+>))".replace(b"S", _SPACE)
)
"""The beginning of a tag that does not end soon: of any other one sees at once that it has fewer attributes than 4,000.
An attribute with its value is one step of the pattern, which knows of no "=" but those that a value follows.
"""
_LOOKED_AT = re.compile(rb"<(?:([bBhH][oOtT][dDmM][yYlL])(?=[%b/])|%b)" % (_SPACE, _LONG))
"""The beginning of a tag for the document or its body, whose attributes gather with those of all others, or a long one.
"""
_GONE = b"<!\"'>"
"""What stands where a tag was: a comment, which also ends a tag that may be open there, in a value or not. So what is
left around it can't be joined to another tag.
"""


def tame(html: bytes) -> bytes:
    """The same markup, but for elements nested deeper than 1,000 and tags with more than 4,000 attributes: those give
    way to comments, and what is in them stays.
    """
    if len(html) < SMALL:
        return html
    html = _unloaded(html)
    return _flattened(html) if html.count(b"<") > _FEW_TAGS and _is_deep(html) else html


def _unloaded(html: bytes) -> bytes:
    """Without tags of too many attributes; those of the document and its body count together. Where a tag may begin in
    a value of another, behind a ">", both are looked at: either may be none, as in a comment. With no ">" between
    them, the second is none, whatever the first is.
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
            kept += html[done : found.start()], _GONE
            done = at = _end(_REST, html, at)
        else:
            at = _end(_INSIDE, html, at)
    return b"".join(kept) + html[done:] if kept else html


class _Attributes:
    """How many attributes follow on a place in a tag. Each place is looked at once: tags in tags take no longer."""

    def __init__(self, html: bytes) -> None:
        self._html = html
        self._behind: dict[int, int] = {}
        self._furthest = 0

    def behind(self, at: int) -> int:
        """As many as the tag has from there on; if they are too many, as many as are too many, or more."""
        if at > self._furthest:
            self._behind.clear()
        passed: list[int] = []
        while at not in self._behind and len(passed) <= MOST_ATTRIBUTES and (one := _ATTRIBUTE.match(self._html, at)):
            passed.append(at)
            at = one.end()
        self._furthest = max(self._furthest, at)
        known = self._behind.get(at, 0)
        self._behind.update(zip(reversed(passed), range(known + 1, known + len(passed) + 1), strict=True))
        return known + len(passed)


def _end(pattern: re.Pattern[bytes], html: bytes, at: int) -> int:
    found = pattern.match(html, at)
    return found.end() if found else at


def _is_deep(html: bytes) -> bool:
    """Whether elements may be nested too deep; nothing is known here of how browsers mend what is broken.

    Each tag is a step into an element or out of it: what lies between the lowest and the highest point is no less than
    the depth, though ends without a beginning make it more.
    """
    steps = map(_Steps().__getitem__, _TAG.findall(html))
    heights = list(accumulate(steps, initial=0))
    return max(heights) - min(heights) > DEEPEST


class _Steps(dict[bytes, int]):
    """What each tag is a step of, its slash before its name."""

    def __missing__(self, tag: bytes) -> int:
        name = tag.removeprefix(b"/").lower()
        step = 0 if name in _FLAT else -1 if tag.startswith(b"/") else 1
        if len(self) < _MOST_NAMES:
            self[tag] = step
        return step


def _flattened(html: bytes) -> bytes:
    depth = 0

    def keep(tag: re.Match[bytes]) -> bytes:
        nonlocal depth
        if tag[2].lower() in _FLAT:
            return tag[0]
        if tag[1]:
            depth = max(depth - 1, 0)
            return tag[0] if depth < DEEPEST else _GONE
        depth += 1
        return tag[0] if depth <= DEEPEST else _GONE

    return _WHOLE_TAG.sub(keep, html)
