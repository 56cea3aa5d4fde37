"""Resolve references as browsers do (WHATWG URL), for http and https only."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

import can_ada

LONGEST = 8192
"""Maximum length of a reference."""

_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:")
_REMOVED = str.maketrans("", "", "\t\n\r")
_TRIMMED = "".join(map(chr, range(0x21)))
_SURROGATE = re.compile("[\ud800-\udfff]")
_SETTLED = re.compile(r"(?:/[\w~!$&()*+,;=:@-][\w~!$&()*+,;=:@%.-]*)*/?(?:\?[\w~!$&()*+,;=:@%./?-]*)?", re.ASCII)
"""A path and query that normalizing would not change: no dot segments, nothing to escape, no fragment."""
_LINES = re.compile(rf"^(?:((?=/){_SETTLED.pattern})$|.*)", re.ASCII | re.MULTILINE)
"""Each line; its group is the line if that is such a path and query."""


Resolve = Callable[[str], str | None]
"""Makes a reference absolute; returns None if that is impossible."""


class Resolver:
    """Resolves the references of one page. Most begin at the root and need no parsing, by their characters."""

    def __init__(self, base: str) -> None:
        self._base = normalise(base) or base
        path = self._base.find("/", self._base.find("://") + 3)
        self._origin = self._base[:path] if path > 0 else self._base

    def __call__(self, reference: str) -> str | None:
        """Resolve a reference against the base of this resolver, as `resolve` does."""
        rest = reference.removeprefix(self._origin)
        if rest[:1] == "/" and len(rest) < LONGEST and _SETTLED.fullmatch(rest):
            return self._origin + rest
        return resolve(reference, self._base)

    def all(self, references: Sequence[str]) -> Sequence[str | None]:
        """Resolve references in their order, as `resolve` does: those that need no parsing all at once."""
        text = "\n".join(references)
        too_long = len(text) >= LONGEST and max(map(len, references)) >= LONGEST
        if too_long or text.count("\n") >= len(references):  # a line feed inside a reference
            return list(map(self, references))
        lines = f"\n{text}".replace(f"\n{self._origin}/", "\n/")[1:]
        origin, base = self._origin, self._base
        found = zip(references, _LINES.findall(lines), strict=True)
        return [origin + rest if rest else resolve(reference, base) for reference, rest in found]


def resolve(reference: str, base: str) -> str | None:
    """Return the absolute URL, without fragment; None if it is not a valid http or https URL.

    `base` is an absolute http(s) URL. An empty reference, or a fragment alone, means the page itself and gives None.
    """
    reference = reference.strip(_TRIMMED)
    if not reference or reference[0] == "#" or len(reference) > LONGEST:
        return None
    return normalise(join(reference.translate(_REMOVED).partition("#")[0], base))


@lru_cache(maxsize=256)  # a page asks several times for the same few
def normalise(url: str) -> str | None:
    """Return an absolute http(s) URL in the form that browsers send; None for anything else."""
    try:
        parsed = can_ada.parse(url if url.isascii() else _SURROGATE.sub("\ufffd", url))
    except ValueError:
        return None
    href: str = parsed.href
    return href if href.startswith(("http://", "https://")) else None


def join(reference: str, base: str) -> str:
    """Make `reference` absolute with the beginning of `base`, without normalizing it.

    This holds for http and https bases, which have hierarchical paths: a reference replaces the tail of the base, and
    the parser does the rest (dot segments, backslashes, escapes).
    """
    if match := _SCHEME.match(reference):
        scheme = match[0].lower()
        if not base.startswith(scheme) or reference[match.end() : match.end() + 2].replace("\\", "/") == "//":
            return reference
        reference = reference[match.end() :]  # "https:x" beside an https base is the relative reference "x"
    start = reference[:2].replace("\\", "/")
    scheme_end = base.index(":") + 1
    if start == "//":
        return base[:scheme_end] + reference
    before_query = base.partition("?")[0].partition("#")[0]
    if start[:1] == "?":
        return before_query + reference
    path = before_query.find("/", scheme_end + 2)
    if path < 0:
        return f"{before_query}/{reference}"
    if start[:1] == "/":
        return before_query[:path] + reference
    return before_query[: before_query.rindex("/") + 1] + reference
