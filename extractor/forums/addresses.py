"""The addresses of a thread's pages for unknown engines: a number at the usual places."""

from __future__ import annotations

import re

_PAGE = re.compile(
    r"(?P<query>[?&](?:page|pageno|pg|p)=)(?P<a>\d{1,6})(?=&|$)|/(?:page|seite)[-/]?(?P<b>\d{1,6})/?(?=\?|$)"
)


def home_of(url: str) -> str:
    """Return the URL of the thread's first page, without a page number."""
    url = url.partition("#")[0]
    match = _PAGE.search(url)
    if match is None:
        return url
    rest = url[match.end() :]
    if match["query"] and match["query"][0] == "?" and rest.startswith("&"):
        rest = f"?{rest[1:]}"
    return url[: match.start()] + rest


def number_of(url: str) -> int:
    """Return the number of a page, from 1; 1 if the address has none."""
    match = _PAGE.search(url.partition("#")[0])
    return max(int(match["a"] or match["b"]), 1) if match else 1
