"""``/wayback/available``: the memento of a URL nearest to a time, if any, in the Internet Archive's format."""

from __future__ import annotations

from archive.index.index import Index
from archive.values.capture import Capture
from archive.values.timestamps import NEWEST, timestamp14, timestamp_range
from pressmark.http.place import Place
from pressmark.wayback.answer import Answer, in_json
from pressmark.wayback.parameters import Parameters
from pressmark.wayback.request_context import RequestContext


def answer(asked: RequestContext, index: Index) -> Answer:
    try:
        parameters = Parameters(asked.parameters)
        url, timestamp = parameters.url, parameters.one("timestamp")
        at = timestamp_range(timestamp)[1] if timestamp else NEWEST
    except ValueError as error:
        return in_json({"message": str(error)}, 400)
    capture = index.closest(url, at)
    found: dict[str, object] = {}
    if capture:
        found["closest"] = {
            "status": str(_status(index, capture) or ""),
            "available": True,
            "url": Place(asked.base, "web").url_of(capture, ""),
            "timestamp": timestamp14(capture.at),
        }
    requested = {"timestamp": timestamp} if timestamp else {}
    return in_json({"url": url, **requested, "archived_snapshots": found})


def _status(index: Index, capture: Capture) -> int | None:
    """Return the status of its replay: a not-modified answer stands for the capture that it refers to."""
    original = index.original_of(capture) if capture.kind == "not-modified" else None
    return (original or capture).status
