"""Segments in the database: their state, and the location of their bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import Connection, Select, bindparam, delete, exists, func, select

from archive.database.closed_collections import taken_down
from archive.database.engine import Database
from archive.database.lost_tables import clear_rebuilt, lost_rows
from archive.database.prepared import Query
from archive.database.schema import captures, epochs, segments
from archive.database.statements import insert_missing
from archive.database.writers import add_events, retried, segment_lock
from archive.index.change_events import committed_event
from archive.index.damage_marks import DamageMarks
from archive.index.objects import Objects, note_objects
from archive.index.purges.given_up import take_whole
from archive.index.purges.new_places import place_now
from archive.values.capture import Location
from archive.values.errors import SegmentUnknown

if TYPE_CHECKING:
    from archive.spool.sealed import Sealed
    from archive.warc.manifest import Manifest

State = Literal["open", "sealed", "committed", "releasing", "released", "given-up"]
"""Being written; complete on local disk; also in the store; local file about to be removed; removed; `given_up`."""

_REMEMBERED = 4096


@dataclass(frozen=True, slots=True)
class SegmentRow:
    """A segment: one WARC file, from its first record to its release."""

    name: str
    collection: str
    worker: str
    epoch: int
    state: State
    path: str | None
    """The local file, while it exists."""
    object_key: str | None
    """Its key in the store, once its manifest is stored."""
    manifest_key: str | None
    sha256: str | None
    size: int | None
    records: int | None
    opened_at: datetime
    sealed_at: datetime | None
    committed_at: datetime | None
    released_at: datetime | None
    problem: str | None
    """Why it is not uploaded, or not released, as a sentence."""


_COLUMNS = tuple(segments.c[field.name] for field in fields(SegmentRow))


class Segments:
    def __init__(self, database: Database, *, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now
        self._ids: dict[str, int] = {}
        self._resting = Query(database.engine, _select_resting)
        self.damages = DamageMarks(database, now=now)
        """Which captures can't be read."""

    @property
    def database(self) -> Database:
        return self._database

    def now(self) -> datetime:
        return self._now()

    def clear_lost(self) -> str | None:
        """Clear all tables that the store can fill, if rows were deleted. Return the names of the tables that lost
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
        """Return how many captures can't be read."""
        return self.damages.count()

    def resting(self, name: str) -> tuple[str | None, str | None] | None:
        """Return the local file and the store's key of a segment; None if it is unknown."""
        rows = self._resting.rows(name=name)
        return (rows[0][0], rows[0][1]) if rows else None

    def segment(self, name: str) -> SegmentRow | None:
        with self._database.reading() as connection:
            row = connection.execute(select(*_COLUMNS).where(segments.c.name == name)).one_or_none()
        return None if row is None else SegmentRow(*row)

    def has_hidden(self, name: str) -> bool:
        """Return whether captures of a segment are hidden as taken down: its file has their bytes."""
        if not taken_down():
            return False
        of_it = select(segments.c.id).where(segments.c.name == name).scalar_subquery()
        query = select(func.count()).select_from(captures).where(captures.c.segment_id == of_it)
        with self._database.reading() as shown, self._database.engine.connect() as everything:
            return int(shown.execute(query).scalar_one()) < int(everything.execute(query).scalar_one())

    def collections(self) -> set[str]:
        """Return the collections that have segments."""
        with self._database.reading() as connection:
            return set(connection.execute(select(segments.c.collection).distinct()).scalars())

    def holding(self, sha256: str) -> SegmentRow | None:
        """Return the segment with exactly these bytes in the store."""
        here = (segments.c.sha256 == sha256, segments.c.object_key.is_not(None))
        with self._database.reading() as connection:
            row = connection.execute(select(*_COLUMNS).where(*here).limit(1)).one_or_none()
        return None if row is None else SegmentRow(*row)

    def manifest_keys(self, *, after: int = 0) -> set[str]:
        """Return the keys of the manifests that are indexed, of the segments with numbers above `after`."""
        with self._database.reading() as connection:
            return {key for (key,) in connection.execute(_manifests(after))}

    def some_manifests(self, count: int, *, after: int) -> list[str]:
        """Return up to `count` of the oldest and of the newest manifests of the segments with numbers above `after`."""
        query, number = _manifests(after), segments.c.id
        with self._database.reading() as connection:
            ends = [connection.execute(query.order_by(by).limit(count)).all() for by in (number, number.desc())]
        return [key for rows in ends for (key,) in rows]

    def newest_stored(self) -> int:
        """Return the highest number of a segment in the store; 0 without any."""
        query = select(func.coalesce(func.max(segments.c.id), 0)).where(segments.c.manifest_key.is_not(None))
        with self._database.reading() as connection:
            return int(connection.execute(query).scalar_one())

    def note_keys(self, keys: Iterable[str]) -> None:
        """Note objects that the store must have, whether a manifest names them or not. See `Objects.note_keys`."""
        Objects(self._database).note_keys(keys, self._now())

    def segments(self, *states: State) -> list[SegmentRow]:
        """Return the segments in these states, or all, in the order of creation."""
        query = select(*_COLUMNS).order_by(segments.c.id)
        if states:
            query = query.where(segments.c.state.in_(states))
        with self._database.reading() as connection:
            return [SegmentRow(*row) for row in connection.execute(query)]

    def latest_moment(self) -> datetime | None:
        """Return the latest time at which a segment was opened, sealed or committed."""
        moments = (segments.c.opened_at, segments.c.sealed_at, segments.c.committed_at)
        with self._database.reading() as connection:
            row = connection.execute(select(*map(func.max, moments))).one()
        return max((moment for moment in row if moment is not None), default=None)

    def oldest_keys(self, count: int) -> list[str]:
        """Return the keys of the manifests and WARC files of the oldest segments in the store."""
        query = select(segments.c.manifest_key, segments.c.object_key).where(segments.c.object_key.is_not(None))
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(segments.c.id).limit(count)).all()
        return [key for row in rows for key in row if key is not None]

    def count_stored(self) -> int:
        """Return the number of segments in the store."""
        query = select(func.count()).where(segments.c.object_key.is_not(None))
        with self._database.reading() as connection:
            return connection.execute(query).scalar_one()

    @retried
    def opened(self, name: str, *, collection: str, worker: str, epoch: int, path: Path, at: datetime) -> None:
        """Record that a segment is being written. Repeating this is harmless, also in a later state."""
        row = {"collection": collection, "worker": worker, "epoch": epoch, "path": str(path), "opened_at": at}
        with self._database.beside(segment_lock(name)) as connection:
            connection.execute(insert_missing(connection, segments, "name"), {"name": name, "state": "open", **row})

    @retried
    def sealed(self, sealed: Sealed) -> None:
        """Record that a segment is sealed, under a new path. Repeating this is harmless, also if the store has it.

        The path of a known segment is updated: the home may have moved, or the segment was sealed again.
        """
        facts = {
            "path": str(sealed.path),
            "sha256": sealed.sha256,
            "size": sealed.size,
            "records": sealed.records,
            "sealed_at": self._now(),
        }
        whose = {"collection": sealed.collection, "worker": sealed.worker, "epoch": sealed.epoch}
        with self._database.beside(segment_lock(sealed.name)) as connection:
            self._reach(connection, sealed.name, "sealed", facts, ("open",), new=whose | {"opened_at": sealed.first_at})
            moved = (segments.c.name == sealed.name, segments.c.path != str(sealed.path))
            sealed_again = facts | {"sealed_at": segments.c.sealed_at}
            connection.execute(segments.update().where(*moved, segments.c.state == "sealed").values(sealed_again))
            connection.execute(segments.update().where(*moved).values(path=str(sealed.path)))

    def forget_empty(self, worker: str, *, before: int) -> int:
        """Delete segments that earlier epochs of a worker left open without captures, and return their number.

        Recovery has sealed open segments with captures; an empty one has no file any more. That of another spool may
        have one: the machine of the worker was replaced.
        """
        mine = select(epochs.c.spool).where(epochs.c.id == before).scalar_subquery()
        others = select(epochs.c.id).where(epochs.c.spool != mine)
        left = (segments.c.worker == worker, segments.c.epoch < before, segments.c.state == "open")
        empty = segments.c.epoch.not_in(others) & ~exists().where(captures.c.segment_id == segments.c.id)
        with self._database.writing() as connection:
            return connection.execute(delete(segments).where(*left, empty)).rowcount

    def place_now(self, where: Location, record_id: str) -> Location | None:
        """See `archive.index.purges.new_places`."""
        return place_now(self._database, where, record_id)

    @retried
    def problem(self, name: str, sentence: str | None) -> None:
        """Record why a segment is not uploaded, or not released; None means that it works."""
        with self._database.beside(segment_lock(name)) as connection:
            connection.execute(segments.update().where(segments.c.name == name).values(problem=sentence))

    @retried
    def releasing(self, name: str) -> None:
        """Record that the local file of a committed segment is about to be removed."""
        with self._database.beside(segment_lock(name)) as connection:
            self._reach(connection, name, "releasing", {}, ("committed",))

    @retried
    def released(self, name: str) -> None:
        """Record that the local file of a segment is removed; only the store has its bytes."""
        facts = {"path": None, "released_at": self._now()}
        with self._database.beside(segment_lock(name)) as connection:
            self._reach(connection, name, "released", facts, ("committed", "releasing"))

    def _committed(self, connection: Connection, manifest: Manifest, *, announce: bool) -> bool:
        """Record that a segment is in the store, with an event if announced. Return False if that was known."""
        at = self._now()
        self._ids.pop(manifest.segment, None)  # it may be from a transaction that was rolled back
        note_objects(connection, manifest, at)
        warc = manifest.warc
        facts = {"object_key": warc.key, "manifest_key": manifest.key, "sha256": warc.sha256, "size": warc.size}
        facts |= {"records": manifest.records, "committed_at": at, "problem": None}
        whose = {"collection": manifest.collection, "worker": manifest.worker, "epoch": manifest.epoch}
        new = whose | {"opened_at": manifest.first_at or at}
        take_whole(connection, manifest.segment)
        if not self._reach(connection, manifest.segment, "committed", facts, ("open", "sealed"), new=new):
            return False
        if announce:
            add_events(connection, [committed_event(manifest, at)])
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
        """Move a segment from a state in `before` to this one; create a missing row from the facts in `new`."""
        here = segments.c.name == name
        done = connection.execute(
            segments.update().where(here, segments.c.state.in_(before)).values(state=state, **facts)
        )
        if done.rowcount or new is None:
            return bool(done.rowcount)
        row = {"name": name, "state": state, **new, **facts}
        return bool(connection.execute(insert_missing(connection, segments, "name"), row).rowcount)

    def _id(self, connection: Connection, name: str) -> int:
        """Return the id of a segment. Raises SegmentUnknown."""
        if known := self._ids.get(name):
            return known
        found: int | None = connection.execute(select(segments.c.id).where(segments.c.name == name)).scalar()
        if found is None:
            raise SegmentUnknown(name)
        if len(self._ids) >= _REMEMBERED:
            self._ids.clear()
        self._ids[name] = found
        return found


def _manifests(after: int) -> Select[Any]:
    return select(segments.c.manifest_key).where(segments.c.manifest_key.is_not(None), segments.c.id > after)


def _select_resting() -> Select[Any]:
    return select(segments.c.path, segments.c.object_key).where(segments.c.name == bindparam("name"))
