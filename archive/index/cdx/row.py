"""A row of a CDX response, and its fields by their names in both dialects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from archive.index.rows import capture_of
from archive.values.capture import WITH_PAYLOAD, Capture
from archive.warc.cdxj import REVISIT

_EPOCH_DAY = date(1970, 1, 1).toordinal()
_SUFFIX = ".warc.gz"
UNKNOWN_MIME = "unk"
"""The mime of a response without a type."""


class Row(NamedTuple):
    """A capture in the driver's values, in the order of `archive.index.rows.select_captures`."""

    urlkey: str
    at: int
    """Microseconds since 1970."""
    url: str
    collection: str
    kind: str
    status: int | None
    mime: str | None
    digest: str | None
    sha256: str | None
    payload_length: int
    segment: str
    offset: int
    length: int
    span: int
    record_id: str
    source: str
    run: str
    refers_to_record: str | None
    refers_to_url: str | None
    refers_to_at: int | None
    etag: str | None
    last_modified: str | None
    redirect: str | None
    truncated: str | None
    reservations: str | None
    damage: str | None
    damage_reason: str | None
    damage_found_at: int | None
    id: int

    @property
    def capture(self) -> Capture:
        return capture_of(self)


def order_of(row: Row) -> tuple[str, int, int]:
    """Return what rows are sorted by: key, time and number."""
    return row.urlkey, row.at, row.id


def timestamp_of(at: int) -> str:
    """Return microseconds since 1970 as a timestamp of 14 digits."""
    days, seconds = divmod(at // 1_000_000, 86_400)
    hours, seconds = divmod(seconds, 3600)
    return f"{_day(days)}{hours:02}{seconds // 60:02}{seconds % 60:02}"


@lru_cache(maxsize=4096)
def _day(days: int) -> str:
    day = date.fromordinal(_EPOCH_DAY + days)
    return f"{day.year:04}{day.month:02}{day.day:02}"


def mime_of(row: Row) -> str:
    return (row.mime or UNKNOWN_MIME) if row.kind in WITH_PAYLOAD else REVISIT


def url_of(row: Row) -> str:
    """Return the URL without characters that would end a column or a line."""
    url = row.url
    return url if url.isprintable() and " " not in url else "".join(_column(character) for character in url)


def _column(character: str) -> str:
    if character.isprintable() and character != " ":
        return character
    return "".join(f"%{octet:02X}" for octet in character.encode(errors="replace"))


Field = Callable[[Row], str | None]

FIELDS: Mapping[str, Field] = {
    "urlkey": lambda row: row.urlkey,
    "timestamp": lambda row: timestamp_of(row.at),
    "url": url_of,
    "original": url_of,
    "mime": mime_of,
    "mimetype": mime_of,
    "status": lambda row: None if row.status is None else str(row.status),
    "statuscode": lambda row: None if row.status is None else str(row.status),
    "digest": lambda row: row.digest,
    "redirect": lambda row: row.redirect,
    "length": lambda row: str(row.length),
    "offset": lambda row: str(row.offset),
    "filename": lambda row: row.segment + _SUFFIX,
    "source": lambda row: row.source,
    "source-coll": lambda row: row.collection,
    "collection": lambda row: row.collection,
    "access": lambda _: "allow",
}
"""Functions that return a field of a row; None if unknown."""
