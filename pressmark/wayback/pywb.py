"""The CDX dialect of pywb, at ``/<collection>/cdx``: a line of CDXJ, of JSON, of text or of a TimeMap for each row."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import chain

from archive.index.cdx.engine import Cdx
from archive.index.cdx.filters import pywb_filter
from archive.index.cdx.query import CdxQuery, collapse_of
from archive.index.cdx.row import FIELDS, Row
from archive.values.capture import WITH_PAYLOAD
from pressmark.http.link_header import mementos, path_of
from pressmark.wayback.answer import Answer, in_json, in_pieces
from pressmark.wayback.lines import cdxj_line, json_line
from pressmark.wayback.originals import Originals
from pressmark.wayback.parameters import BLOCK, PAGE_SIZE, Parameters, paged, question
from pressmark.wayback.request_context import RequestContext

NAMES = (
    "urlkey", "timestamp", "url", "mime", "status", "digest", "length", "offset", "filename",
    "source", "source-coll", "access",
)  # fmt: skip
"""The fields of a row, in their order."""
KINDS = {
    "cdxj": "text/x-cdxj",
    "json": "text/x-ndjson",
    "text": "text/plain",
    "link": "application/link-format",
}
_ORIGINAL = ("orig.length", "orig.offset", "orig.filename")
_LIMIT = 100_000

Line = Callable[[Row], str]


def answer(asked: RequestContext, cdx: Cdx, collection: str | None, originals: Originals) -> Answer:
    """Answer with rows of a collection; None means all."""
    try:
        return _answer(Parameters(asked.parameters), asked, cdx, collection, originals)
    except ValueError as error:
        return refused(400, str(error))


def refused(status: int, message: str) -> Answer:
    """Return an error as pywb reports it."""
    return in_json({"message": message}, status)


def _answer(
    parameters: Parameters, asked: RequestContext, cdx: Cdx, collection: str | None, originals: Originals
) -> Answer:
    query = question(parameters, collection, pywb_filter, unchanged=False)
    if parameters.flag("showNumPages"):
        return in_json(_extent(parameters, cdx, query))
    output = parameters.one("output") or "cdxj"
    if output not in KINDS:
        raise ValueError(f"output={output[:40]} not supported")
    if query.limit is not None and query.limit < 0:
        raise ValueError("a limit can't be negative here")
    collapsing = parameters.number("collapseTime", least=1)
    offset, limit = paged(parameters, replace(query, limit=_LIMIT if query.limit is None else query.limit))
    by = () if collapsing is None else (_time_and_status(collapsing),)
    rows = cdx.rows(replace(query, offset=offset, limit=limit, collapse=by))
    if (first := next(rows, None)) is None:
        return _nothing(parameters, cdx, query)
    rows = chain((first,), rows)
    lines = mementos(asked.base, path_of(collection), rows) if output == "link" else _lines(parameters, originals, rows)
    return Answer(in_pieces(lines), headers={"Content-Type": KINDS[output]})


def _time_and_status(length: int) -> Callable[[Row], str]:
    timestamp = collapse_of(f"timestamp:{min(length, 14)}")
    return lambda row: f"{timestamp(row)} {row.status}"


def _nothing(parameters: Parameters, cdx: Cdx, query: CdxQuery) -> Answer:
    """Return the answer without rows that suits clients that take an empty one for an error, and ends paging."""
    page = parameters.page or 0
    if page:
        last = _extent(parameters, cdx, query)["pages"] - 1
        return refused(400, f"Page {page} invalid: First Page is 0, Last Page is {max(last, 0)}")
    return refused(404, f"No Captures found for: {query.url}")


def _extent(parameters: Parameters, cdx: Cdx, query: CdxQuery) -> dict[str, int]:
    rows, size = cdx.count(query), parameters.rows_a_page
    return {
        "pages": -(-rows // size),
        "pageSize": parameters.number("pageSize", least=1) or PAGE_SIZE,
        "blocks": -(-rows // BLOCK),
    }


def _lines(parameters: Parameters, originals: Originals, rows: Iterator[Row]) -> Iterator[str]:
    output = parameters.one("output") or "cdxj"
    wanted = [name.strip() for name in parameters.one("fields", "fl").split(",") if name.strip()]
    if parameters.flag("resolveRevisits"):
        pairs = ((row, _resolved(row, originals)) for row in rows)
        return (_WRITERS[output](wanted or [*NAMES, *_ORIGINAL], _values(row) | found) for row, found in pairs)
    if output == "cdxj" and not wanted:
        return map(cdxj_line, rows)
    if output == "json" and not wanted:
        return map(json_line, rows)
    return (_WRITERS[output](wanted or NAMES, _values(row)) for row in rows)


def _resolved(row: Row, originals: Originals) -> dict[str, str]:
    """Return where the payload of a revisit is, and its type."""
    found = originals.of(row) if row.kind not in WITH_PAYLOAD else None
    if found is None:
        return dict.fromkeys(_ORIGINAL, "-")
    where = found.location
    names = dict(zip(_ORIGINAL, (str(where.length), str(where.offset), f"{where.segment}.warc.gz"), strict=True))
    return names | {"mime": found.mime or "unk"}


def _values(row: Row) -> dict[str, str]:
    return {name: value for name in NAMES if (value := FIELDS[name](row)) is not None}


def _as_cdxj(names: Sequence[str], values: dict[str, str]) -> str:
    rest = {name: values[name] for name in names if name in values and name not in {"urlkey", "timestamp"}}
    return f"{values['urlkey']} {values['timestamp']} {json.dumps(rest)}\n"


def _as_json(names: Sequence[str], values: dict[str, str]) -> str:
    return json.dumps({name: values[name] for name in names if name in values}) + "\n"


def _as_text(names: Sequence[str], values: dict[str, str]) -> str:
    return " ".join(values.get(name, "-") for name in names) + "\n"


_WRITERS: dict[str, Callable[[Sequence[str], dict[str, str]], str]] = {
    "cdxj": _as_cdxj,
    "json": _as_json,
    "text": _as_text,
}
