"""The addresses of a thread's pages, where nobody knows the engine: a number at the usual places."""

from __future__ import annotations

import re

_PAGE = re.compile(
    r"(?P<query>[?&](?:page|pageno|pg|p)=)(?P<a>\d{1,6})(?=&|$)|/(?:page|seite)[-/]?(?P<b>\d{1,6})/?(?=\?|$)"
)


def home_of(url: str) -> str:
    """The URL of the thread's first page: without the number of a page."""
    url = url.partition("#")[0]
    match = _PAGE.search(url)
    if match is None:
        return url
    rest = url[match.end() :]
    if match["query"] and match["query"][0] == "?" and rest.startswith("&"):
        rest = f"?{rest[1:]}"
    return url[: match.start()] + rest


def number_of(url: str) -> int:
    """The number of a page, from 1; that of an address that names none."""
    match = _PAGE.search(url.partition("#")[0])
    return max(int(match["a"] or match["b"]), 1) if match else 1
