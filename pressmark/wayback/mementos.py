"""Mementos and their TimeGate (RFC 7089): which capture answers for a URL and a moment, and the redirect to it."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from archive.archive import Archive
from archive.database.schema import microseconds
from archive.index.cdx.engine import Cdx
from archive.index.cdx.query import CdxQuery
from archive.index.cdx.row import Row
from archive.index.index import Index
from archive.values.capture import Capture
from archive.values.timestamps import NEWEST, timestamp14, timestamp_range
from extractor.values.moments import parse_http_date
from pressmark.http.link_header import memento_link, related, target_of
from pressmark.http.place import Place
from pressmark.wayback.answer import Answer, problem, redirect
from pressmark.wayback.request_context import RequestContext
from pressmark.wayback.views import PREFERENCES, NoSuchView, Views

_DATE = re.compile(r"[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT")
_IN_A_SECOND = 16
"""Captures of one second that are searched for the one of exactly that URL."""
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')


class Mementos:
    def __init__(self, archive: Archive, index: Index, cdx: Cdx, views: Views) -> None:
        self._archive = archive
        self._index = index
        self._cdx = cdx
        self._views = views

    def gate(self, asked: RequestContext, place: Place, collection: str | None) -> Answer:
        """Answer as the TimeGate of a URL: redirect to the memento nearest to Accept-Datetime, or to the newest."""
        url = asked.url_after(1)
        links, vary = related(place.base, place.name, url), {"Vary": "accept-datetime, Prefer"}
        sent = vary | {"Link": ", ".join(links)}
        wish, applied = self._preferred(asked)
        try:
            at = _accepted(asked.headers.get("accept-datetime")) or NEWEST
        except ValueError as error:
            return problem(400, str(error), sent)
        capture = self._index.closest(url, at, collection)
        if capture is None:
            return problem(404, f"the archive has no capture (archived version) of {url}", vary)
        links = related(place.base, place.name, capture.url) + self._around(place, collection, capture)
        headers = vary | applied | {"Link": ", ".join(links)}
        return redirect(place.url_of(capture, wish), headers=headers)

    def memento(self, asked: RequestContext, place: Place, collection: str | None, which: tuple[str, str]) -> Answer:
        """Return the memento of exactly a second, or redirect to the nearest one. A URL without captures is 404.

        `which` is a timestamp, which may be any prefix of one or empty, and a modifier.
        """
        (timestamp, modifier), url = which, asked.url_after(2)
        wish, applied = self._preferred(asked) if not modifier else ("", {})
        if wish:
            where = f"{place.base}/{place.name}/{timestamp}{wish}/{target_of(url)}"
            return redirect(where, headers=applied | {"Vary": "Prefer"})
        try:
            self._views.check(modifier)
            first, last = timestamp_range(timestamp) if timestamp else (None, NEWEST)
        except (NoSuchView, ValueError) as error:
            return problem(400, str(error))
        found = self._of_that_second(url, first, collection) if first and len(timestamp) == 14 else None
        capture = found or self._index.closest(url, last, collection)
        if capture is None:
            return problem(404, f"the archive has no capture (archived version) of {url}")
        if timestamp14(capture.at) != timestamp:
            links = ", ".join(related(place.base, place.name, capture.url))
            return redirect(place.url_of(capture, modifier), headers={"Link": links})
        view = modifier or ("" if _is_browser(asked) else "id_")
        answer = self._views.serve(view, self._archive.open(capture), asked, place)
        if not modifier:
            answer.headers["Vary"] = ", ".join(filter(None, [answer.headers.get("Vary"), "Accept, Prefer"]))
        return answer

    def _of_that_second(self, url: str, first: datetime, collection: str | None) -> Capture | None:
        """Return the last capture of exactly this URL in a second, as all views choose it.

        Rewriting views use `Index.closest`, which considers other spellings, too, and takes a conversion when there is
        nothing else.
        """
        since = microseconds(first)
        query = CdxQuery(url, collection=collection, since=since, until=since + 999_999, limit=_IN_A_SECOND)
        query = replace(query, order="reverse")
        rows = (row for row in self._cdx.rows(query) if row.url == url and row.kind != "conversion")
        return next((row.capture for row in rows), None)

    def _around(self, place: Place, collection: str | None, capture: Capture) -> list[str]:
        """Return the first memento, the last one, this one and its neighbours, each once."""
        query, at = CdxQuery(capture.url, collection=collection, limit=1), microseconds(capture.at)
        here = replace(query, since=at, until=at, limit=_IN_A_SECOND)
        named = {
            "first": self._one(query),
            "prev": self._one(replace(query, until=at - 1, order="reverse")),
            "": next((row for row in self._cdx.rows(here) if row.record_id == capture.record_id), None),
            "next": self._one(replace(query, since=at + 1)),
            "last": self._one(replace(query, order="reverse")),
        }
        rows = {row.id: row for row in named.values() if row}
        rels = {number: " ".join(rel for rel, row in named.items() if row and row.id == number) for number in rows}
        return [memento_link(place.base, place.name, row, f"{rels[row.id]} memento".strip()) for row in rows.values()]

    def _preferred(self, asked: RequestContext) -> tuple[str, dict[str, str]]:
        """Return the view that Prefer asks for and the field that says so.

        Other preferences are ignored (RFC 7240, 2), and so is a view that is not served here.
        """
        for part in _QUOTED.sub("", asked.headers.get("prefer", "")).split(","):
            name = part.partition(";")[0].partition("=")[0].strip().lower()
            with suppress(KeyError, NoSuchView):
                return self._views.check(PREFERENCES[name]), {"Preference-Applied": name}
        return "", {}

    def _one(self, query: CdxQuery) -> Row | None:
        return next(self._cdx.rows(query), None)


def _is_browser(asked: RequestContext) -> bool:
    """Return whether a page is requested by a browser, which is led to the origin of replay.

    To other clients the memento itself is sent: they remember its address, and one of replay expires.
    """
    return "text/html" in asked.headers.get("accept", "")


def _accepted(header: str | None) -> datetime | None:
    """Parse Accept-Datetime, which has one form only (RFC 7089, 2.1.1.1). Raises ValueError."""
    if header is None:
        return None
    try:
        if _DATE.fullmatch(header.strip()):
            return parse_http_date(header)
    except ValueError:
        pass
    raise ValueError(f"Accept-Datetime: {header[:60]} is not a date; use the form Thu, 31 May 2007 20:35:00 GMT")
