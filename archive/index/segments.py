"""Segments in the database: which there are, where their bytes rest, and how far each has come."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import Connection, Select, bindparam, delete, exists, func, select

from archive.database.engine import Database
from archive.database.lost_tables import clear_rebuilt, lost_rows
from archive.database.prepared import Query
from archive.database.schema import captures, events, segments
from archive.database.statements import insert_missing
from archive.index.damage_marks import Damages
from archive.values.errors import SegmentUnknown

if TYPE_CHECKING:
    from archive.spool.sealed import Sealed
    from archive.warc.manifest import Manifest

State = Literal["open", "sealed", "committed", "releasing", "released"]
"""Being written; whole, on local disk; in the store too; its local file about to go; gone."""

_REMEMBERED = 4096


@dataclass(frozen=True, slots=True)
class SegmentRow:
    """A segment: one WARC file, from its first record to its rest in the store."""

    name: str
    collection: str
    worker: str
    epoch: int
    state: State
    path: str | None
    """The local file, while there is one."""
    object_key: str | None
    """Its key in the store, once its manifest is there."""
    manifest_key: str | None
    sha256: str | None
    size: int | None
    records: int | None
    opened_at: datetime
    sealed_at: datetime | None
    committed_at: datetime | None
    released_at: datetime | None
    problem: str | None
    """Why uploading has stopped, as a sentence."""


_COLUMNS = tuple(segments.c[field.name] for field in fields(SegmentRow))


class Segments:
    def __init__(self, database: Database, *, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now
        self._ids: dict[str, int] = {}
        self._resting = Query(database.engine, _select_resting)
        self.damages = Damages(database, now=now)
        """Which captures can't be read."""

    @property
    def database(self) -> Database:
        return self._database

    def clear_lost(self) -> str | None:
        """Clear all that the store fills again, if rows of it were deleted; return the names of the tables that lost
        them. The caller holds the spool, and has not read any segment yet.
        """
        with self._database.reading() as connection:
            if lost_rows(connection) is None:
                return None
        with self._database.writing() as connection:
            if (lost := lost_rows(connection)) is not None:
                clear_rebuilt(connection)
            return lost

    def damaged_count(self) -> int:
        """How many captures can't be read."""
        return self.damages.count()

    def resting(self, name: str) -> tuple[str | None, str | None] | None:
        """Where the bytes of a segment are: its local file and its key in the store; None for one that is unknown."""
        rows = self._resting.rows(name=name)
        return (rows[0][0], rows[0][1]) if rows else None

    def segment(self, name: str) -> SegmentRow | None:
        with self._database.reading() as connection:
            row = connection.execute(select(*_COLUMNS).where(segments.c.name == name)).one_or_none()
        return None if row is None else SegmentRow(*row)

    def collections(self) -> set[str]:
        """The collections that segments are of."""
        with self._database.reading() as connection:
            return set(connection.execute(select(segments.c.collection).distinct()).scalars())

    def holding(self, sha256: str) -> SegmentRow | None:
        """The segment of exactly these bytes that the store has."""
        here = (segments.c.sha256 == sha256, segments.c.object_key.is_not(None))
        with self._database.reading() as connection:
            row = connection.execute(select(*_COLUMNS).where(*here).limit(1)).one_or_none()
        return None if row is None else SegmentRow(*row)

    def manifest_keys(self) -> set[str]:
        """Return the keys of the manifests that are indexed."""
        query = select(segments.c.manifest_key).where(segments.c.manifest_key.is_not(None))
        with self._database.reading() as connection:
            return {key for (key,) in connection.execute(query)}

    def segments(self, *states: State) -> list[SegmentRow]:
        """The segments in these states, or all, in the order in which they were first heard of."""
        query = select(*_COLUMNS).order_by(segments.c.id)
        if states:
            query = query.where(segments.c.state.in_(states))
        with self._database.reading() as connection:
            return [SegmentRow(*row) for row in connection.execute(query)]

    def latest_moment(self) -> datetime | None:
        """The latest moment at which a segment was opened, sealed or committed."""
        moments = (segments.c.opened_at, segments.c.sealed_at, segments.c.committed_at)
        with self._database.reading() as connection:
            row = connection.execute(select(*map(func.max, moments))).one()
        return max((moment for moment in row if moment is not None), default=None)

    def count_stored(self) -> int:
        """How many segments the store has."""
        query = select(func.count()).where(segments.c.object_key.is_not(None))
        with self._database.reading() as connection:
            return connection.execute(query).scalar_one()

    def opened(self, name: str, *, collection: str, worker: str, epoch: int, path: Path, at: datetime) -> None:
        """A segment is being written. Again is harmless, also when it has come further."""
        row = {"collection": collection, "worker": worker, "epoch": epoch, "path": str(path), "opened_at": at}
        with self._database.writing() as connection:
            connection.execute(insert_missing(connection, segments, "name"), {"name": name, "state": "open", **row})

    def sealed(self, sealed: Sealed) -> None:
        """A segment is whole, under a new path. Again is harmless, also when it is in the store already.

        One that is known rests where it is now: the home may have been moved, or the segment sealed anew.
        """
        facts = {
            "path": str(sealed.path),
            "sha256": sealed.sha256,
            "size": sealed.size,
            "records": sealed.records,
            "sealed_at": self._now(),
        }
        whose = {"collection": sealed.collection, "worker": sealed.worker, "epoch": sealed.epoch}
        with self._database.writing() as connection:
            self._reach(connection, sealed.name, "sealed", facts, ("open",), new=whose | {"opened_at": sealed.first_at})
            moved = (segments.c.name == sealed.name, segments.c.path != str(sealed.path))
            sealed_again = facts | {"sealed_at": segments.c.sealed_at}
            connection.execute(segments.update().where(*moved, segments.c.state == "sealed").values(sealed_again))
            connection.execute(segments.update().where(*moved).values(path=str(sealed.path)))

    def forget_empty(self, worker: str, *, before: int) -> int:
        """Forget the segments that epochs of a worker before that one left open without a capture; how many those were.

        Recovery has taken in and sealed what was in an open segment; one that held nothing has no file any more.
        """
        left = (segments.c.worker == worker, segments.c.epoch < before, segments.c.state == "open")
        empty = ~exists().where(captures.c.segment_id == segments.c.id)
        with self._database.writing() as connection:
            return connection.execute(delete(segments).where(*left, empty)).rowcount

    def problem(self, name: str, sentence: str | None) -> None:
        """Say why uploading has stopped, or that it does."""
        with self._database.writing() as connection:
            connection.execute(segments.update().where(segments.c.name == name).values(problem=sentence))

    def releasing(self, name: str) -> None:
        """The local file of a committed segment is about to be unlinked."""
        with self._database.writing() as connection:
            self._reach(connection, name, "releasing", {}, ("committed",))

    def released(self, name: str) -> None:
        """The local file of a segment is gone; its bytes are in the store only."""
        facts = {"path": None, "released_at": self._now()}
        with self._database.writing() as connection:
            self._reach(connection, name, "released", facts, ("committed", "releasing"))

    def _committed(self, connection: Connection, manifest: Manifest, *, announce: bool) -> bool:
        """A segment is in the store: its row says so, and, announced, an event. False when that was known."""
        at = self._now()
        facts = {
            "object_key": manifest.warc.key,
            "manifest_key": manifest.key,
            "sha256": manifest.warc.sha256,
            "size": manifest.warc.size,
            "records": manifest.records,
            "committed_at": at,
            "problem": None,
        }
        whose = {"collection": manifest.collection, "worker": manifest.worker, "epoch": manifest.epoch}
        new = whose | {"opened_at": manifest.first_at or at}
        if not self._reach(connection, manifest.segment, "committed", facts, ("open", "sealed"), new=new):
            return False
        if announce:
            connection.execute(events.insert(), _event(manifest, at))
        return True

    def _reach(
        self,
        connection: Connection,
        name: str,
        state: State,
        facts: dict[str, Any],
        before: Sequence[State],
        *,
        new: dict[str, Any] | None = None,
    ) -> bool:
        """Take a segment from a state `before` to this one; with the facts in `new`, make its row if there is none."""
        here = segments.c.name == name
        done = connection.execute(
            segments.update().where(here, segments.c.state.in_(before)).values(state=state, **facts)
        )
        if done.rowcount or new is None:
            return bool(done.rowcount)
        row = {"name": name, "state": state, **new, **facts}
        return bool(connection.execute(insert_missing(connection, segments, "name"), row).rowcount)

    def _id(self, connection: Connection, name: str) -> int:
        """Raises SegmentUnknown."""
        if known := self._ids.get(name):
            return known
        found: int | None = connection.execute(select(segments.c.id).where(segments.c.name == name)).scalar()
        if found is None:
            raise SegmentUnknown(name)
        if len(self._ids) >= _REMEMBERED:
            self._ids.clear()
        self._ids[name] = found
        return found


def _event(manifest: Manifest, at: datetime) -> dict[str, Any]:
    facts = {
        "segment": manifest.segment,
        "collection": manifest.collection,
        "manifest": manifest.key,
        "captures": manifest.captures,
        "runs": [run.run for run in manifest.runs],
    }
    return {"at": at, "kind": "segment.committed", "facts": json.dumps(facts)}


def _select_resting() -> Select[Any]:
    return select(segments.c.path, segments.c.object_key).where(segments.c.name == bindparam("name"))
