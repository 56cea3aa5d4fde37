"""Find the capture with the payload of a revisit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import chain

from archive.database.closed_collections import TakenDown, hiding, taken_down
from archive.database.engine import Database
from archive.database.schema import captures, microseconds, segments
from archive.index.months.between import Between
from archive.index.rows import capture_of, is_damaged, select_captures
from archive.values.capture import WITH_PAYLOAD, Capture
from archive.values.urlkey import urlkey

_CHAIN = 8
"""Maximum number of references that are followed from a revisit to its payload."""
_SECOND = 1_000_000


class Originals:
    """The captures that revisits refer to."""

    def __init__(self, database: Database, between: Between) -> None:
        self._database, self._between = database, between

    def of(self, capture: Capture) -> Capture | None:
        """Return the capture with the payload of a capture: itself, or its original, over any number of references."""
        *_, last = (capture, *self.ancestry(capture))
        return last if last.has_payload else None

    def ancestry(self, capture: Capture) -> Iterator[Capture]:
        """Yield the capture that a capture refers to, and so on, up to the one with the payload, if archived."""
        taken, key = taken_down(), capture.urlkey
        for _ in range(_CHAIN):
            if capture.has_payload or not (found := self._before(capture)):
                return
            if found.urlkey == key and found.record_id in taken.records:
                return
            capture = found
            yield capture

    def needs(self, capture: Capture) -> Iterator[Capture]:
        """Yield every capture without which a revisit has no payload, or another one: those it refers to, over any
        number of references, and the readable twins of damaged ones.
        """
        for _ in range(_CHAIN):
            if capture.has_payload:
                return
            with hiding(TakenDown()):
                found = self._referred(capture) or self._alike(capture)
                twin = self._twin(found) if found and found.damaged else None
            if found is None:
                return
            yield found
            if twin is not None:
                yield twin
            capture = twin or found

    def _before(self, capture: Capture) -> Capture | None:
        """Return the capture that a capture refers to.

        The page of that one may be taken down: what another page has, too, is shown there.
        """
        with hiding(TakenDown()):
            found = self._referred(capture) or self._alike(capture)
            return (found and found.damaged and self._twin(found)) or found

    def dangling(self, segment: str) -> Iterator[Capture]:
        """Yield the revisits of a segment whose original is not archived."""
        query = select_captures().where(segments.c.name == segment, captures.c.kind.not_in(WITH_PAYLOAD))
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(captures.c.offset)).all()
        return (capture for capture in map(capture_of, rows) if self.of(capture) is None)

    def readable(self, capture: Capture) -> Capture | None:
        """Return the original of a not-modified capture; any other capture itself. None if it can't be read."""
        held = capture if capture.kind != "not-modified" else self._referred(capture)
        return None if capture.damaged or (held and held.damaged) else held

    def _referred(self, capture: Capture) -> Capture | None:
        """Return the capture that a revisit names. The revisit may give its time only to the second."""
        if not (named := capture.refers_to):
            return None
        rows = self._between.rows(urlkey=urlkey(named.url), **second_of(named.at))
        there = [found for found in map(capture_of, rows) if found.record_id != capture.record_id]
        by_id = (found for found in there if found.record_id == named.record_id)
        by_url = (found for found in there if found.url == named.url and _same_payload(found, capture))
        return next(chain(by_id, by_url), None)

    def _alike(self, capture: Capture) -> Capture | None:
        """Return, for a revisit without a record id, the newest earlier capture of its key with its payload."""
        if not (name := "digest" if capture.digest else "sha256" if capture.sha256 else None):
            return None
        wanted = getattr(capture, name)
        same = captures.c[name] == wanted
        query = (
            select_captures()
            .where(captures.c.urlkey == capture.urlkey, same, captures.c.kind.in_(WITH_PAYLOAD))
            .order_by((captures.c.at <= capture.at).desc(), captures.c.at.desc())
            .limit(1)
        )
        older = (one.capture for one in self._between.of_payload(capture.urlkey) if getattr(one, name) == wanted)
        found = [one for one in older if one.kind in WITH_PAYLOAD]
        with self._database.reading() as connection:
            row = connection.execute(query).first()
        found += [] if row is None else [capture_of(row)]
        return max(found, key=lambda one: (one.at <= capture.at, one.at), default=None)

    def _twin(self, capture: Capture) -> Capture | None:
        """Return a readable response with the payload of an unreadable one, in the same collection."""
        same = (captures.c.sha256 == capture.sha256, captures.c.collection == capture.collection)
        query = select_captures().where(
            *same, captures.c.kind.in_(WITH_PAYLOAD), captures.c.truncated.is_(None), ~is_damaged()
        )
        with self._database.reading() as connection:
            row = connection.execute(query.order_by(captures.c.id).limit(1)).first()
        return None if row is None else capture_of(row)


def second_of(at: datetime) -> dict[str, int]:
    """Return the bounds of the second of a time, in microseconds, as `select_between` takes them."""
    since = microseconds(at.replace(microsecond=0))
    return {"since": since, "until": since + _SECOND}


def _same_payload(one: Capture, other: Capture) -> bool:
    """Return whether two captures may have the same payload, by the digests that both have."""
    if one.digest and other.digest:
        return one.digest == other.digest
    return not (one.sha256 and other.sha256) or one.sha256 == other.sha256
