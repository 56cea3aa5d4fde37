"""Find the archived response to a request that has a method and a body, such as a query in GraphQL."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from archive.index.index import Index
from archive.retrieval.snapshot_reader import SnapshotReader
from archive.values.capture import Capture
from archive.values.digest import sha256
from archive.values.errors import ArchiveError

LONGEST_BODY = 1 << 20
"""Bytes of a body that is searched for."""
_REACH = timedelta(days=1)
_MOST = 500
"""Captures of the URL that are looked at in each direction, and of which at most `_READ` requests are read."""
_READ = 100


class SentRequest(NamedTuple):
    """A request as a page sends it."""

    method: str
    url: str
    body: bytes


def answer_to(
    index: Index, snapshots: SnapshotReader, sent: SentRequest, at: datetime, collection: str | None = None
) -> Capture | None:
    """Return the capture closest to a time whose request has this method and the digest of this body, or None.

    An index has no method: the requests are read from the WARC, those closest in time first. One that can't be read
    does not count.
    """
    method, wanted = sent.method.encode("latin-1", "replace"), sha256(sent.body)
    for capture in _closest(index, sent.url, at, collection):
        try:
            head, body = snapshots.sent(capture, LONGEST_BODY + 1)
        except ArchiveError:
            continue
        if head.split(b" ", 1)[0] == method and sha256(body) == wanted:
            return capture
    return None


def _closest(index: Index, url: str, at: datetime, collection: str | None) -> list[Capture]:
    before = index.captures(url, since=at - _REACH, until=at, collection=collection, limit=_MOST, newest_first=True)
    after = index.captures(url, since=at, until=at + _REACH, collection=collection, limit=_MOST)
    found = {one.record_id: one for one in (*before, *after) if one.url == url and one.kind != "conversion"}
    return sorted(found.values(), key=lambda one: abs(one.at - at))[:_READ]
