"""The CDX dialect of the Internet Archive, at ``/cdx/search/cdx``: seven fields a line, or one array of arrays."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import chain

from archive.index.cdx.engine import Cdx
from archive.index.cdx.filters import ia_filter
from archive.index.cdx.query import CdxQuery, collapse_of, read_place, write_place
from archive.index.cdx.row import FIELDS, Row
from archive.values.capture import WITH_PAYLOAD
from pressmark.wayback.answer import Answer, in_pieces, text
from pressmark.wayback.lines import seven_fields
from pressmark.wayback.originals import Originals
from pressmark.wayback.parameters import Parameters, paged, question
from pressmark.wayback.request_context import RequestContext

NAMES = ("urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length")
_ORIGINAL = ("orig.length", "orig.offset", "orig.filename")
_DUPES = "dupecount"

Values = Callable[[Row], list[str]]


def answer(asked: RequestContext, cdx: Cdx, collection: str | None, originals: Originals) -> Answer:
    try:
        return _answer(Parameters(asked.parameters), cdx, collection, originals)
    except ValueError as error:
        return text(f"{error}\n", 400)


def _answer(parameters: Parameters, cdx: Cdx, collection: str | None, originals: Originals) -> Answer:
    query = question(parameters, collection, ia_filter, unchanged=True)
    query = replace(query, collapse=tuple(map(collapse_of, parameters.many("collapse"))))
    if parameters.flag("showNumPages"):
        return text(f"{-(-cdx.count(query) // parameters.rows_a_page)}\n")
    query = _from_there(parameters, query)
    names, values = _columns(parameters, originals)
    listing = _Listing(cdx.rows(query), query.limit if parameters.flag("showResumeKey") else None)
    first = next(rows := iter(listing), None)  # an invalid filter shows before the answer has begun
    if first is None and parameters.page:
        return text("")  # no empty array: clients recognise the last page by an empty answer
    rows = chain(() if first is None else (first,), rows)
    if parameters.one("output") == "json":
        lines = _array(names, map(values, rows), listing)
        return Answer(in_pieces(lines), headers={"Content-Type": "application/json"})
    plain = seven_fields if names == list(NAMES) else lambda row: f"{' '.join(values(row))}\n"
    lines = chain(map(plain, rows), _key(listing))
    return Answer(in_pieces(lines), headers={"Content-Type": "text/plain; charset=utf-8"})


def _from_there(parameters: Parameters, query: CdxQuery) -> CdxQuery:
    """Return the query with its starting point: an offset, a page or a resume key."""
    query = replace(query, offset=parameters.number("offset") or 0)
    offset, limit = paged(parameters, query)
    after = read_place(key) if (key := parameters.one("resumeKey")) else None
    more = parameters.flag("showResumeKey") and limit is not None and limit > 0
    return replace(query, offset=offset, limit=limit + 1 if more and limit else limit, after=after)


class _Listing:
    """Rows up to a limit, and the resume key when there is one more."""

    def __init__(self, rows: Iterator[Row], most: int | None) -> None:
        """Set up. `most` is one more than requested; None when no resume key is wanted."""
        self._rows = rows
        self._most = most if most is not None and most > 0 else None
        self.key: str | None = None

    def __iter__(self) -> Iterator[Row]:
        last: Row | None = None
        for number, row in enumerate(self._rows, 1):
            if number == self._most:
                self.key = write_place(last) if last else None
                return
            yield row
            last = row


def _key(listing: _Listing) -> Iterator[str]:
    if listing.key is not None:
        yield f"\n{listing.key}\n"


def _array(names: Sequence[str], found: Iterator[list[str]], listing: _Listing) -> Iterator[str]:
    """Yield one array a row, names first; nothing at all when there are no rows."""
    before = f"[{json.dumps(list(names))}"
    for values in found:
        yield f"{before},\n{json.dumps(values)}"
        before = ""
    if before:
        yield "[]\n"
    elif listing.key is not None:
        yield f",\n[],\n{json.dumps([listing.key])}]\n"
    else:
        yield "]\n"


def _columns(parameters: Parameters, originals: Originals) -> tuple[list[str], Values]:
    """Return the names of the columns, and the values of a row."""
    names = [name.strip() for name in parameters.one("fl", "fields").split(",") if name.strip()] or list(NAMES)
    if unknown := [name for name in names if name not in FIELDS]:
        raise ValueError(f"unknown field {unknown[0][:40]!r}; use {', '.join(FIELDS)}")
    fields = [FIELDS[name] for name in names]
    resolving, counting = parameters.flag("resolveRevisits"), parameters.flag("showDupeCount")
    count = _DupeCount()

    def values(row: Row) -> list[str]:
        found = [field(row) or "-" for field in fields]
        if resolving:
            found += _original(row, originals)
        if counting:
            found.append(str(count.of(row)))
        return found

    return names + list(_ORIGINAL) * resolving + [_DUPES] * counting, values


def _original(row: Row, originals: Originals) -> list[str]:
    found = originals.of(row) if row.kind not in WITH_PAYLOAD else None
    if found is None:
        return ["-", "-", "-"]
    where = found.location
    return [str(where.length), str(where.offset), f"{where.segment}.warc.gz"]


class _DupeCount:
    """Counts the earlier rows with the payload of a row, among the rows of its key."""

    def __init__(self) -> None:
        self._urlkey = ""
        self._seen: dict[str, int] = {}

    def of(self, row: Row) -> int:
        if row.urlkey != self._urlkey:
            self._urlkey, self._seen = row.urlkey, {}
        if row.digest is None:
            return 0
        count = self._seen.get(row.digest, -1) + 1
        self._seen[row.digest] = count
        return count
