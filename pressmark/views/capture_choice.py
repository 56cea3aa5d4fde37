"""Which capture of a URL an address means: the one nearest to a time or, if several share a second, the named one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

from archive.index.records import capture_named, name_of
from archive.values.errors import CaptureNotFound
from archive.values.timestamps import NEWEST, parse_timestamp, timestamp14
from config.names import EVERYTHING

if TYPE_CHECKING:
    from archive.retrieval.snapshot import Snapshot
    from archive.values.capture import Capture
    from pressmark.service.service import Service

LATEST = "latest"
_NAMED = re.compile(r"(\d{14})~(?:urn:uuid:)?([\w.:-]{1,200})", re.ASCII)
_SECOND = re.compile(r"\d{14}", re.ASCII)
_NAME = re.compile(r"[\w.:-]{1,200}", re.ASCII)
"""A record id that may stand in a path."""


def snapshot_at(service: Service, url: str, when: str, collection: str | None = None) -> Snapshot:
    """Open the snapshot.

    `when` is a time, `latest`, or a second and the id of a record in it: ``20260131120000~5f2c…``.

    Raises CaptureNotFound, ValueError for any other value, and what `Archive.open` raises.
    """
    if named := _NAMED.fullmatch(when):
        return service.archive.open(_named(service, url, named[1], named[2], collection))
    if (lost := _lost(service, url, when, collection)) is not None:
        return service.archive.open(lost)
    return service.archive.snapshot(url, moment_of(when), collection)


def check_archived(service: Service, url: str, when: str) -> None:
    """Raise CaptureNotFound if no capture of a URL is there: then nobody says that something was not found on it."""
    with snapshot_at(service, url, when):
        pass


def moment_of(when: str) -> datetime:
    """Return the last moment that a time stands for; for `latest`, the last of all. Raises ValueError."""
    if when == LATEST:
        return NEWEST
    named = _NAMED.fullmatch(when)
    return parse_timestamp(named[1] if named else when, end=True)


def stamp_of(service: Service, capture: Capture) -> str:
    """Return the name of a capture in an address."""
    return stamp(service, capture.url, capture.at, capture.record_id)


def stamp(service: Service, url: str, at: datetime, record_id: str) -> str:
    """Return the second of a capture, and its record id when the URL was captured again in that second."""
    return stamps(service, [(url, at, record_id)])[0]


def stamps(service: Service, named: Sequence[tuple[str, datetime, str]]) -> list[str]:
    """Return the stamps of captures by URL, time and record id, with one connection for all."""
    crowded = service.index.crowded(named)
    return [_written(at, record, crowded=others) for (_, at, record), others in zip(named, crowded, strict=True)]


def stamps_of(service: Service, captures: Sequence[Capture]) -> list[str]:
    """Return the stamps of a list ordered by time; only its ends may have neighbours outside the list."""
    together = Counter((each.url, timestamp14(each.at)) for each in captures)
    ends = {0, len(captures) - 1}
    return [
        stamp_of(service, each)
        if number in ends
        else _written(each.at, each.record_id, crowded=together[each.url, timestamp14(each.at)] > 1)
        for number, each in enumerate(captures)
    ]


def short_path(capture: Capture) -> str:
    """Return the short permanent address of a capture: the id of its WARC record."""
    return f"/c/{quote(name_of(capture.record_id), safe=':')}"


def record_named(service: Service, name: str) -> Capture:
    """Return the capture of a record. `name` is the WARC-Record-ID, with or without its brackets and ``urn:uuid:``.

    Raises CaptureNotFound, and QueryTooLong.
    """
    if found := capture_named(service.database, name):
        return found
    raise CaptureNotFound(name)


def _named(service: Service, url: str, second: str, name: str, collection: str | None) -> Capture:
    for capture in service.index.in_second(url, parse_timestamp(second)):
        if name_of(capture.record_id) == name and collection in {None, capture.collection}:
            return capture
    raise CaptureNotFound(url)


def _lost(service: Service, url: str, when: str, collection: str | None) -> Capture | None:
    """Raise for a capture of exactly that second that can't be read: the nearest one would be another."""
    if not _SECOND.fullmatch(when):
        return None
    there = service.index.in_second(url, parse_timestamp(when))
    found = [capture for capture in there if collection in {None, EVERYTHING, capture.collection}]
    return found[-1] if found and all(capture.damaged for capture in found) else None


def _written(at: datetime, record_id: str, *, crowded: bool) -> str:
    name = name_of(record_id)
    return f"{timestamp14(at)}~{name}" if crowded and _NAME.fullmatch(name) else timestamp14(at)
