"""The sentences that watches found, and how far each watch has read the events."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, func, insert, select, update

from archive.database.engine import Database
from archive.database.schema import events, watch_hits, watches
from archive.database.writers import retried
from archive.index.change_events import PAGE_CHANGED, PAGE_NEW
from archive.values.timestamps import timestamp14
from scheduler.events import newest, note

MATCHED = "watch.matched"
"""The kind of the event that a hit is."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A sentence that was added to a page and contains a phrase of a watch."""

    watch: str
    event: int
    """The number of the event of the page that is new or changed."""
    number: int
    """Of the sentence among those of the event, from 0."""
    found_at: datetime
    at: datetime
    """The time of the capture."""
    source: str
    url: str
    record_id: str
    title: str | None
    language: str | None
    novelty: str
    """`new` for a new page, `changed` for one that had another text before."""
    phrase: str
    sentence: str
    id: int = 0
    """0 before it is written."""


class WatchHits:
    """The hits of all watches in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def cursor(self, watch: str) -> int:
        """Return the last event that was processed for a watch. A new watch begins with the events from now on."""
        with self._database.reading() as connection:
            if (found := _cursor(connection, watch)) is not None:
                return found
        with self._database.writing() as connection:
            found = _cursor(connection, watch)
            if found is None:
                found = newest(connection)
                connection.execute(insert(watches).values(name=watch, cursor=found))
            return found

    def begin(self, watch: str) -> None:
        """Have a watch begin with the events from now on, wherever it was."""
        with self._database.writing() as connection:
            now = newest(connection)
            if not connection.execute(update(watches).where(watches.c.name == watch).values(cursor=now)).rowcount:
                connection.execute(insert(watches).values(name=watch, cursor=now))

    def stop(self, watch: str) -> None:
        """Forget how far a watch has read. Its hits stay."""
        with self._database.writing() as connection:
            connection.execute(delete(watches).where(watches.c.name == watch))

    def keep_only(self, names: Collection[str]) -> None:
        """Forget how far other watches have read: one that comes back is a new one. Its hits stay."""
        with self._database.reading() as connection:
            gone = set(connection.execute(select(watches.c.name)).scalars()) - set(names)
        if gone:
            with self._database.writing() as connection:
                connection.execute(delete(watches).where(watches.c.name.in_(gone)))

    @retried
    def add(self, watch: str, read: tuple[int, int], hits: Sequence[Hit]) -> bool:
        """Write the hits of the events between two numbers, with an event for each, and move the cursor of the watch.

        Return False, and write nothing, if another process has moved the cursor.
        """
        since, until = read
        with self._database.beside(f"watch {watch}") as connection:
            moved = update(watches).where(watches.c.name == watch, watches.c.cursor == since).values(cursor=until)
            if not connection.execute(moved).rowcount:
                return False
            for hit in hits:
                made = connection.execute(insert(watch_hits).values(_values(hit))).inserted_primary_key
                assert made is not None, "both databases return the key of a row"
                note(connection, hit.found_at, MATCHED, source=hit.source, run=None, hit=made[0], **_facts(hit))
        return True

    def latest(self, watch: str | None = None, *, before: int | None = None, limit: int = 50) -> Sequence[Hit]:
        """Return the newest hits, of one watch or of all; `before` is the number of the last one that was shown."""
        query = select(watch_hits).order_by(watch_hits.c.id.desc()).limit(limit)
        if watch is not None:
            query = query.where(watch_hits.c.watch == watch)
        if before is not None:
            query = query.where(watch_hits.c.id < before)
        with self._database.reading() as connection:
            return [Hit(**row._mapping) for row in connection.execute(query)]

    def newest(self, watch: str) -> int:
        """Return the number of the last hit of a watch; 0 without one."""
        query = select(func.max(watch_hits.c.id)).where(watch_hits.c.watch == watch)
        with self._database.reading() as connection:
            return int(connection.execute(query).scalar_one() or 0)

    def numbers(self, watch: str, after: int, limit: int) -> list[int]:
        """Return the numbers of the next hits of a watch after one, in their order."""
        of_watch = (watch_hits.c.watch == watch, watch_hits.c.id > after)
        query = select(watch_hits.c.id).where(*of_watch).order_by(watch_hits.c.id).limit(limit)
        with self._database.reading() as connection:
            return list(connection.execute(query).scalars())

    def between(self, watch: str, after: int, until: int) -> Sequence[Hit]:
        """Return the hits of a watch after one and up to another, in their order, without those that are hidden."""
        of_watch = (watch_hits.c.watch == watch, watch_hits.c.id > after, watch_hits.c.id <= until)
        query = select(watch_hits).where(*of_watch).order_by(watch_hits.c.id)
        with self._database.reading() as connection:
            return [Hit(**row._mapping) for row in connection.execute(query)]

    def counts(self) -> dict[str, tuple[int, datetime]]:
        """Return the number of hits of each watch that has some, and when the last one was found."""
        query = select(watch_hits.c.watch, func.count(), func.max(watch_hits.c.found_at)).group_by(watch_hits.c.watch)
        with self._database.reading() as connection:
            return {name: (int(count), last) for name, count, last in connection.execute(query)}

    def waiting(self) -> dict[str, int]:
        """Return, for each watch that has begun, the number of new and changed pages that it has not searched yet."""
        ahead = and_(events.c.id > watches.c.cursor, events.c.kind.in_((PAGE_NEW, PAGE_CHANGED)))
        query = select(watches.c.name, func.count(events.c.id)).outerjoin(events, ahead).group_by(watches.c.name)
        with self._database.reading() as connection:
            return {name: int(count) for name, count in connection.execute(query)}


def _cursor(connection: Connection, watch: str) -> int | None:
    found = connection.execute(select(watches.c.cursor).where(watches.c.name == watch)).scalar_one_or_none()
    return None if found is None else int(found)


def _values(hit: Hit) -> dict[str, object]:
    return {name: value for name, value in asdict(hit).items() if name != "id"}


def _facts(hit: Hit) -> dict[str, Any]:
    """Return what the event of a hit says."""
    return {
        "watch": hit.watch,
        "phrase": hit.phrase,
        "sentence": hit.sentence,
        "url": hit.url,
        "record_id": hit.record_id,
        "timestamp": timestamp14(hit.at),
        "title": hit.title,
        "language": hit.language,
        "novelty": hit.novelty,
    }
