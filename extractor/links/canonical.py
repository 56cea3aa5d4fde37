"""Read the canonical address of a page, and decide whether to trust it."""

from __future__ import annotations

import html
import re

from extractor.values.identity import page_key
from extractor.values.urls import resolve

_HEAD = 64 << 10
_LINK = re.compile(rb"<link\b([^>]{1,2000})>", re.IGNORECASE)
_IS_CANONICAL = re.compile(rb"\brel\s*=\s*[\"']?\s*canonical\b", re.IGNORECASE)
_HREF = re.compile(rb"\bhref\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.IGNORECASE)
_HOST = re.compile("[/?]")
_LATER_PAGE = re.compile(
    r"[?&;](?:page|paged|pagenum|pg|start|st|offset|from)=0*[1-9]\d*|/page[/-]?\d+|-\d+-\d+(?:-\d+)?\.html$|topic=\d+\.[1-9]",
    re.IGNORECASE,
)


def canonical_of(body: bytes, url: str) -> str | None:
    """Return the canonical address of a page, absolute and normalized, without parsing the page."""
    head = body[:_HEAD]
    if b"canonical" not in head and b"CANONICAL" not in head:
        return None
    for attributes in _LINK.findall(head):
        if _IS_CANONICAL.search(attributes) and (found := _HREF.search(attributes)):
            reference = next(filter(None, found.groups()), b"").decode("utf-8", "replace")
            return resolve(html.unescape(reference), url)
    return None


def is_plausible(url: str, canonical: str) -> bool:
    """Return whether `canonical` is a plausible other address of the page at `url`.

    Sites make mistakes: later pages of a series name the first one, all pages name the front page, or another host.
    """
    own, named = page_key(url), page_key(canonical)
    host = _HOST.split(named, maxsplit=1)[0]
    if named in (own, host) or _HOST.split(own, maxsplit=1)[0] != host:
        return False
    return not _LATER_PAGE.search(url) or bool(_LATER_PAGE.search(canonical))
