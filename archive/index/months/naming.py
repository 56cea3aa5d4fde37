"""Find what needs the bytes of captures, and records by their ids, in attached months: this reads all their lines."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import lru_cache

from archive.index.cdx.row import Row
from archive.index.months.lines import fields_of, row_of_line
from archive.index.months.months import Months
from archive.index.months.own_segments import OwnSegments
from archive.values.capture import WITH_PAYLOAD
from archive.values.urlkey import urlkey
from archive.warc.cdxj import REVISIT

_REVISIT = f'"mime":"{REVISIT}"'.encode()
_RECORD = b'"record":"'
_key_of = lru_cache(1024)(urlkey)


def with_ids(months: Months, record_ids: Collection[str]) -> Iterator[Row]:
    """Yield the rows with these record ids, of segments that the database does not have. Raises StoreError."""
    wanted, own = {each.encode() for each in record_ids if each}, months.own()
    for line in _lines(months, own):
        start = line.index(_RECORD, fields_of(line)) + len(_RECORD)
        if line[start : line.index(b'"', start)] in wanted and own.is_elsewhere((row := row_of_line(line)).segment):
            yield row


def revisits_near(months: Months, ids: Collection[str], keys: Collection[str], sums: Collection[str]) -> Iterator[Row]:
    """Yield the revisits that name one of these records, pages or digests, or are of these pages, as far as the
    database does not have them. Raises StoreError.
    """
    own = months.own()
    for line in _lines(months, own):
        if _REVISIT in line and _is_near(row := row_of_line(line), ids, keys, sums) and own.is_elsewhere(row.segment):
            yield row


def _is_near(row: Row, ids: Collection[str], keys: Collection[str], sums: Collection[str]) -> bool:
    if row.kind in WITH_PAYLOAD:
        return False
    if row.refers_to_record in ids or row.digest in sums or row.sha256 in sums or row.urlkey in keys:
        return True
    return bool(keys and row.refers_to_url and _key_of(row.refers_to_url) in keys)


def _lines(months: Months, own: OwnSegments) -> Iterator[bytes]:
    """Yield the lines of the months that have any captures which the database has not."""
    for one in months.files():
        if any(map(own.is_elsewhere, one.month.segments)):
            yield from one.lines()
