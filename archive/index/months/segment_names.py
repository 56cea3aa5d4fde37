"""Query whether the database has a segment, hidden or not, as it was written or as purges have rewritten it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, bindparam, or_, select

from archive.database.closed_collections import TakenDown, closing_collections, hiding
from archive.database.engine import Database
from archive.database.prepared import Query
from archive.database.schema import segments
from archive.database.statements import begins_as_given, ends_of
from archive.warc.purge_names import LATER, first_name


class SegmentNames:
    """The segments of a database. Any thread may ask."""

    def __init__(self, database: Database) -> None:
        self._query = Query(database.engine, select_known)
        self._known = set[str]()

    def knew(self, name: str) -> bool:
        """Return whether this process has seen before that the database answers for a segment."""
        return name in self._known

    def has(self, name: str) -> bool:
        """Return whether the database answers for the captures of a segment.

        So it does if a purge has rewritten the segment, before or after it got this name: its captures have moved.
        Raises DatabaseUnusable.
        """
        first = first_name(name)
        with closing_collections(frozenset()), hiding(TakenDown()):
            rows = self._query.rows(name=first, **ends_of(first + LATER))
        if found := any(first_name(row[0]) == first for row in rows):
            self._known.add(name)
        return found

    def forget(self) -> None:
        """Forget what was seen."""
        self._known.clear()


def select_known() -> Select[Any]:
    """Select the names of a segment and of those that may have replaced it: the caller looks at what follows."""
    return select(segments.c.name).where(or_(segments.c.name == bindparam("name"), begins_as_given(segments.c.name)))
