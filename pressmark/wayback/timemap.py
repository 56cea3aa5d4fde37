"""TimeMaps (RFC 7089, 5): all mementos of a URL, a thousand a page, as application/link-format (RFC 6690)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from archive.index.cdx.engine import Cdx
from archive.index.cdx.query import CdxQuery
from archive.index.cdx.row import Row
from pressmark.http.link_header import http_date, mementos, target_of
from pressmark.http.place import Place
from pressmark.wayback.answer import Answer, problem, text

PAGE = 1000
"""Mementos of a page."""
_TYPE = "application/link-format"


def answer(cdx: Cdx, place: Place, collection: str | None, url: str, page: int = 1) -> Answer:
    """Return one page of the TimeMap; it links to the previous and the next page."""
    query = CdxQuery(url, collection=collection)
    rows = _rows(cdx, query, page)
    if not rows:
        return problem(
            404,
            f"the archive has no capture (archived version) of {url}"
            if page <= 1
            else f"the TimeMap of {url} has no page {page}",
        )
    start, shown = f"{place.base}/{place.name}", target_of(rows[0].url)
    lines = [
        _link(start, shown, page, rows, "self"),
        f'<{start}/{shown}>; rel="timegate"',
        f'<{shown}>; rel="original"',
        *(_link(start, shown, number, found, "timemap") for number, found in _beside(cdx, query, page)),
    ]
    return text("".join(f"{line},\n" for line in lines) + "".join(mementos(place.base, place.name, rows)), kind=_TYPE)


def _rows(cdx: Cdx, query: CdxQuery, page: int) -> list[Row]:
    return list(cdx.rows(replace(query, offset=(page - 1) * PAGE, limit=PAGE))) if page > 0 else []


def _beside(cdx: Cdx, query: CdxQuery, page: int) -> Iterator[tuple[int, list[Row]]]:
    """Return the neighbouring pages, if there are any."""
    for number in (page - 1, page + 1):
        if rows := _rows(cdx, query, number):
            yield number, rows


def _link(start: str, shown: str, page: int, rows: list[Row], rel: str) -> str:
    where = f"{start}/timemap/link/{f'{page}/' if page > 1 else ''}{shown}"
    times = f'from="{http_date(rows[0].at)}"; until="{http_date(rows[-1].at)}"'
    return f'<{where}>; rel="{rel}"; type="{_TYPE}"; {times}'
