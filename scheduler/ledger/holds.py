"""Legal holds: what nobody may delete, why, by whom and until when."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from archive.database.engine import Database
from archive.database.marks import Marks
from archive.database.schema import marks
from archive.database.statements import insert_or_replace
from archive.values.capture import Capture, page_of
from archive.values.timestamps import timestamp14
from archive.values.urlkey import Match, Range, key_ranges, urlkey
from scheduler import unsaved

HOLDS = "hold/"
"""The prefix of their names among all marks."""


class UnknownHold(Exception):
    def __init__(self, id_: str) -> None:
        super().__init__(f"no hold (protection from deletion) with the id {id_!r}")


@dataclass(frozen=True, slots=True)
class Hold:
    """A decision of people. It stays in the list when it was lifted or is over."""

    id: str
    collection: str | None
    """The collection; None if it is about pages."""
    url: str
    """Empty for a collection."""
    match: Match
    at: datetime | None
    """The time of the captures if it is about those of one second, and not about all of the page."""
    reason: str
    by: str
    since: datetime
    until: datetime | None
    lifted_at: datetime | None = None
    lifted_by: str | None = None

    def is_active(self, now: datetime) -> bool:
        return self.lifted_at is None and (self.until is None or now < self.until)

    def ranges(self, also: Sequence[str] = ()) -> list[Range]:
        """Return the keys of its pages, and of `also`, the other addresses of its page."""
        if self.collection is not None:
            return []
        return [*key_ranges(self.url, self.match), *(each for url in also for each in key_ranges(url, "exact"))]

    def covers(self, capture: Capture, ranges: Sequence[Range]) -> bool:
        """Return whether a capture is held, by the keys of the hold. A picture is held with its page."""
        if self.collection is not None:
            return capture.collection == self.collection
        if self.at is not None and timestamp14(self.at) != timestamp14(capture.at):
            return False
        key = urlkey(page_of(capture.url))
        return any(first <= key < past for first, past in ranges)


class Holds:
    """The holds of a database. Each change is noted for the ledger."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._marks = Marks(database, HOLDS)

    def all(self) -> list[Hold]:
        """Return all, newest first. Raises DatabaseUnusable."""
        found = (_hold(id_, value) for id_, value in self._marks.all().items())
        return sorted(found, key=lambda one: (one.since, one.id), reverse=True)

    def get(self, id_: str) -> Hold:
        """Raises UnknownHold, DatabaseUnusable."""
        if (value := self._marks.get(id_)) is None:
            raise UnknownHold(id_)
        return _hold(id_, value)

    def add(self, one: Hold) -> None:
        """Write a hold, replacing one with the same id. Raises DatabaseUnusable."""
        with self._database.writing() as connection:
            row = {"name": HOLDS + one.id, "value": _written(one)}
            connection.execute(insert_or_replace(connection, marks, "name"), [row])
            unsaved.note(connection, "hold", [(one.id,)])

    def lift(self, id_: str, *, by: str, at: datetime) -> Hold:
        """End a hold. One that was lifted before stays as it is. Raises UnknownHold, DatabaseUnusable."""
        one = self.get(id_)
        if one.lifted_at is None:
            one = replace(one, lifted_at=at, lifted_by=by)
            self.add(one)
        return one


def _written(one: Hold) -> str:
    fields = asdict(one)
    del fields["id"]
    told = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in fields.items()}
    return json.dumps(told, ensure_ascii=False)


def _hold(id_: str, value: str) -> Hold:
    fields: dict[str, Any] = json.loads(value)
    for name in ("at", "since", "until", "lifted_at"):
        fields[name] = datetime.fromisoformat(fields[name]) if fields[name] else None
    return Hold(id=id_, **fields)
