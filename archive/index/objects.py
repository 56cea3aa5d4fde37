"""The objects that the stores must have, and the last check of each copy."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import Connection, Select, and_, case, delete, func, or_, select

from archive.database.engine import Database
from archive.database.schema import copies, marks, objects
from archive.database.statements import batches, begins_with, insert_missing, insert_or_fill, insert_or_replace
from archive.database.writers import retried
from archive.warc.keys import EXPORTS, MANIFESTS, MONTHS, is_undigested_stamp, sha256_of_key

if TYPE_CHECKING:
    from archive.warc.manifest import Manifest

FIRST = "store"
"""The place of the first store; every other place is the name of a replica."""
Outcome = Literal["ok", "damaged", "missing", "unreadable"]
PURGED = "purged/key/"
"""The beginning of the names of marks of objects that were purged."""
_BATCH = 500


@dataclass(frozen=True, slots=True)
class ObjectRow:
    """An object, and the last check of its copy in one place."""

    id: int
    key: str
    sha256: str | None
    size: int | None
    segment: str | None
    seen_at: datetime
    checked_at: datetime | None
    """When this copy was last read in full; None: never since it was put."""
    outcome: Outcome | None

    @property
    def is_manifest(self) -> bool:
        return self.key.startswith(MANIFESTS)


@dataclass(frozen=True, slots=True)
class Copy:
    """What a check of one copy found."""

    object_id: int
    place: str
    checked_at: datetime
    outcome: Outcome
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Lag:
    """What a replica does not have yet."""

    objects: int
    size: int
    """In bytes."""
    since: datetime | None
    """Since when the oldest of them is in the first store."""


def note_objects(connection: Connection, manifest: Manifest, at: datetime) -> None:
    """Note that the store must have a manifest and the objects that it names.

    One whose key a list showed before has no segment yet: it gets this one.
    """
    content = manifest.to_bytes()
    named = [(entry.key, entry.sha256, entry.size) for entry in manifest.objects]
    named.append((manifest.key, manifest.sha256, len(content)))
    rows = [
        {"key": key, "sha256": sha256, "size": size, "segment": manifest.segment, "seen_at": at}
        for key, sha256, size in sorted(named, key=lambda one: one[0])
    ]
    connection.execute(insert_or_fill(connection, objects, "key", "sha256", "size", "segment"), rows)


def purged_keys(connection: Connection, keys: Collection[str]) -> set[str]:
    """Return which of these objects were purged: no store may have them."""
    query = select(marks.c.name).where(marks.c.name.in_([PURGED + key for key in keys]))
    return {name.removeprefix(PURGED) for name in connection.execute(query).scalars()}


class Objects:
    """The objects and their copies, in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def note(self, manifest: Manifest, at: datetime) -> None:
        with self._database.writing() as connection:
            note_objects(connection, manifest, at)

    def note_keys(self, keys: Iterable[str], at: datetime) -> int:
        """Note what a list of the store has: manifests, time stamps, and objects whose key has their digest.

        Return the number of new ones. The digest of a manifest or a time stamp is noted when it is first read.
        """
        new = 0
        kept = (key for key in keys if not key.startswith((MONTHS, EXPORTS)))  # these can be made again
        wanted = (key for key in kept if key.startswith(MANIFESTS) or is_undigested_stamp(key) or sha256_of_key(key))
        for batch in batches(wanted, _BATCH):
            with self._database.reading() as connection:
                known = set(connection.execute(select(objects.c.key).where(objects.c.key.in_(batch))).scalars())
                known |= purged_keys(connection, batch)
            rows = [{"key": key, "sha256": sha256_of_key(key), "seen_at": at} for key in batch if key not in known]
            if rows:
                self._note_rows(sorted(rows, key=lambda row: str(row["key"])))
                new += len(rows)
        return new

    @retried
    def _note_rows(self, rows: Sequence[Mapping[str, object]]) -> None:
        with self._database.beside() as connection:
            connection.execute(insert_missing(connection, objects, "key"), rows)

    def complete(self, object_id: int, sha256: str, size: int) -> None:
        """Note digest and size of an object of which only the key was known."""
        with self._database.writing() as connection:
            known = {"sha256": func.coalesce(objects.c.sha256, sha256), "size": size}
            connection.execute(objects.update().where(objects.c.id == object_id).values(known))

    def forget(self, keys: Iterable[str]) -> None:
        """Forget objects that were deleted on purpose."""
        for batch in batches(keys, _BATCH):
            with self._database.writing() as connection:
                gone = select(objects.c.id).where(objects.c.key.in_(batch))
                connection.execute(delete(copies).where(copies.c.object_id.in_(gone)))
                connection.execute(delete(objects).where(objects.c.key.in_(batch)))

    def has_unclaimed(self, prefixes: Iterable[str]) -> bool:
        """Return whether a list of the store has shown an object under these prefixes that no segment brought."""
        begins = or_(*(begins_with(objects.c.key, prefix) for prefix in prefixes))
        with self._database.reading() as connection:
            query = select(objects.c.id).where(objects.c.segment.is_(None), begins).limit(1)
            return connection.execute(query).first() is not None

    def places(self) -> set[str]:
        """Return the names of the replicas that have, or had, copies."""
        with self._database.reading() as connection:
            return set(connection.execute(select(copies.c.place).distinct()).scalars()) - {FIRST}

    def forget_copies(self, place: str) -> int:
        """Forget the copies of a replica, which has lost all of them; return how many."""
        with self._database.writing() as connection:
            return connection.execute(delete(copies).where(copies.c.place == place)).rowcount

    def size(self, place: str) -> int:
        """Return the bytes of all objects of a place, as far as known."""
        query = select(func.coalesce(func.sum(objects.c.size), 0))
        if place != FIRST:
            query = query.join(copies, and_(copies.c.object_id == objects.c.id, copies.c.place == place))
        with self._database.reading() as connection:
            return int(connection.execute(query).scalar_one())

    def count(self) -> int:
        with self._database.reading() as connection:
            return connection.execute(select(func.count()).select_from(objects)).scalar_one()

    def of(self, key: str, place: str = FIRST) -> ObjectRow | None:
        with self._database.reading() as connection:
            row = connection.execute(_select(place, copied=False).where(objects.c.key == key)).one_or_none()
        return None if row is None else ObjectRow(*row)

    def due(self, place: str, now: datetime) -> Iterator[ObjectRow]:
        """Yield the objects of a place: those found wrong first, then the least recently checked ones.

        A check later than `now` was noted by a wrong clock: such an object comes before the others. The order is that
        of the first call: what is recorded meanwhile does not change it.
        """
        is_wrong = case((copies.c.outcome == "ok", 0), (copies.c.outcome.is_(None), 0), else_=1)
        is_later = case((_last_check() > now, 1), else_=0)
        order = (is_wrong.desc(), is_later.desc(), _last_check(), objects.c.id)
        query = select(objects.c.id).select_from(_joined(place, copied=place != FIRST)).order_by(*order)
        with self._database.reading() as connection:
            ids = connection.execute(query).scalars().all()
        for batch in batches(ids, _BATCH):
            with self._database.reading() as connection:
                rows = connection.execute(_select(place, copied=False).where(objects.c.id.in_(batch))).all()
            found = {row.id: ObjectRow(*row) for row in rows}
            yield from (found[each] for each in batch if each in found)

    def oldest_check(self, place: str) -> datetime | None:
        """Return when the least recently checked object of a place was checked, or noted."""
        never = select(func.min(objects.c.seen_at)).select_from(_joined(place, copied=False))
        with self._database.reading() as connection:
            checked = connection.execute(select(func.min(copies.c.checked_at)).where(copies.c.place == place)).scalar()
            noted = None if place != FIRST else connection.execute(never.where(copies.c.object_id.is_(None))).scalar()
        return min((at for at in (checked, noted) if at is not None), default=None)

    def record(self, found: Sequence[Copy]) -> None:
        """Record checks."""
        if not found:
            return
        rows = [{name: getattr(one, name) for name in Copy.__slots__} for one in found]
        with self._database.writing() as connection:
            connection.execute(insert_or_replace(connection, copies, "object_id", "place"), rows)

    def suspect(self, keys: Iterable[str], place: str, at: datetime, note: str) -> None:
        """Record that objects were found wrong by another check: the next audit looks at them first."""
        for batch in batches(keys, _BATCH):
            with self._database.reading() as connection:
                found = connection.execute(select(objects.c.id).where(objects.c.key.in_(batch))).scalars().all()
            self.record([Copy(each, place, at, "damaged", note) for each in found])

    def wrong(self, place: str | None = None, limit: int | None = None) -> list[tuple[str, str, str, datetime, str]]:
        """Return key, place, outcome, time and note of the copies that were wrong when last checked."""
        columns = (objects.c.key, copies.c.place, copies.c.outcome, copies.c.checked_at, copies.c.note)
        query = select(*columns).join(copies, copies.c.object_id == objects.c.id).where(_wrong(place))
        with self._database.reading() as connection:
            return [tuple(row) for row in connection.execute(query.order_by(objects.c.id).limit(limit))]

    def wrong_counts(self) -> Mapping[str, int]:
        """Return how many copies are wrong, by place."""
        query = select(copies.c.place, func.count()).where(_wrong(None)).group_by(copies.c.place)
        with self._database.reading() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

    def keys_in(self, place: str, prefix: str) -> set[str]:
        """Return the keys with this beginning that a replica was filled with."""
        query = select(objects.c.key).select_from(_joined(place, copied=True))
        with self._database.reading() as connection:
            return set(connection.execute(query.where(begins_with(objects.c.key, prefix))).scalars())

    def known(self, prefix: str) -> set[str]:
        """Return the keys with this beginning that were seen in a list of the store."""
        with self._database.reading() as connection:
            query = select(objects.c.key).where(begins_with(objects.c.key, prefix))
            return set(connection.execute(query).scalars())

    def absent(self, place: str, after: int, limit: int) -> list[ObjectRow]:
        """Return objects that a replica does not have yet, with ids above `after`, in their order."""
        query = _select(place, copied=False).where(objects.c.id > after, copies.c.object_id.is_(None))
        with self._database.reading() as connection:
            return [ObjectRow(*row) for row in connection.execute(query.order_by(objects.c.id).limit(limit))]

    def lag(self, place: str, after: int = 0) -> Lag:
        """Return what a replica does not have yet."""
        what = (func.count(), func.coalesce(func.sum(objects.c.size), 0), func.min(objects.c.seen_at))
        query = select(*what).select_from(_joined(place, copied=False))
        with self._database.reading() as connection:
            row = connection.execute(query.where(objects.c.id > after, copies.c.object_id.is_(None))).one()
        return Lag(row[0], int(row[1]), row[2])

    def all_copied(self, place: str, after: int) -> int:
        """Return a number, at least `after`: a replica has all objects up to it, also those that are being noted."""
        query = _select(place, copied=False).where(objects.c.id > after, copies.c.object_id.is_(None))
        with self._database.settled() as connection:
            first = connection.execute(query.order_by(objects.c.id).limit(1)).first()
            newest = connection.execute(select(func.coalesce(func.max(objects.c.id), 0))).scalar_one()
        return first.id - 1 if first else max(after, int(newest))

    def newest(self) -> int:
        with self._database.reading() as connection:
            return int(connection.execute(select(func.coalesce(func.max(objects.c.id), 0))).scalar_one())


def _last_check() -> Any:
    return func.coalesce(copies.c.checked_at, objects.c.seen_at, type_=objects.c.seen_at.type)


def _joined(place: str, *, copied: bool) -> Any:
    here = and_(copies.c.object_id == objects.c.id, copies.c.place == place)
    return objects.join(copies, here, isouter=not copied)


def _select(place: str, *, copied: bool) -> Select[Any]:
    columns = (objects.c.id, objects.c.key, objects.c.sha256, objects.c.size, objects.c.segment, objects.c.seen_at)
    return select(*columns, copies.c.checked_at, copies.c.outcome).select_from(_joined(place, copied=copied))


def _wrong(place: str | None) -> Any:
    found = copies.c.outcome.in_(("damaged", "missing", "unreadable"))  # these are few, and the index finds them
    return found if place is None else and_(found, copies.c.place == place)
