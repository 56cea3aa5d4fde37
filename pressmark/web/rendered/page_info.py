"""What a page requested and said when a browser drew it, for the page of its record."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from archive.archive import Archive
from archive.values.capture import Capture
from archive.values.errors import ArchiveError
from pressmark.service.access.named_urls import names_taken_down, shown

_MOST = 500
"""Requests that the page lists."""
_HUGE = 1 << 53
_LONGEST = 32 << 20
"""Bytes of a record that is read: those of imported WARCs may have any length."""


class RequestLine(NamedTuple):
    """A request of a page."""

    url: str
    method: str
    resource_type: str
    """Its type in the DevTools protocol, such as ``Image``."""
    status: int | None
    start: int | None
    """Milliseconds after the first request."""
    milliseconds: int | None
    reason: str
    """Why it got no answer; empty if it got one."""


class ConsoleLine(NamedTuple):
    """An error or a warning of a page."""

    level: str
    text: str
    url: str
    """Where it arose; empty if nothing says that."""
    line: int | None


class PageInfo(NamedTuple):
    """What is known of a page that a browser drew."""

    requests: list[RequestLine]
    total: int
    console: list[ConsoleLine]
    errors: int
    times: dict[str, int]


def page_info(archive: Archive, known: Capture | None) -> PageInfo | None:
    """Return what the record says, without URLs that are taken down in this context.

    None without a record, or for one that can't be read.
    """
    if known is None:
        return None
    try:
        with archive.open(known) as found:
            said = shown(json.loads(found.payload(_LONGEST).body))
    except (ArchiveError, ValueError, RecursionError):
        return None
    if not isinstance(said, dict):
        return None
    urls = {url: facts for url, facts in _mapping(said.get("urls")).items() if not names_taken_down((url, facts))}
    console, times = said.get("console"), _mapping(said.get("timing"))
    lines = [line for _, line in zip(range(_MOST), _lines(urls), strict=False)]
    heard = [_heard(one) for one in console if isinstance(one, dict)] if isinstance(console, list) else []
    errors = _number(_mapping(said.get("counts")).get("jsErrors")) or 0
    known_times = {str(name): number for name, at in times.items() if (number := _number(at))}
    return PageInfo(lines, len(urls), heard, errors, known_times)


def _lines(urls: Mapping[str, Any]) -> Iterator[RequestLine]:
    for url, facts in urls.items():
        one = _mapping(facts)
        reason = one.get("refused") or one.get("error") or ""
        yield RequestLine(
            url,
            str(one.get("method", "GET")),
            str(one.get("type", "")),
            _number(one.get("status")),
            _number(one.get("startMs")),
            _number(one.get("ms")),
            str(reason),
        )


def _heard(said: Mapping[str, Any]) -> ConsoleLine:
    level, text, url = (one if isinstance(one := said.get(name), str) else "" for name in ("level", "text", "url"))
    return ConsoleLine(level, text, url, _number(said.get("line")))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < _HUGE else None
