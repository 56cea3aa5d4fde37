"""What people took down: pages that the archive keeps and does not show, with the reason, by whom and until when."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from archive.database.engine import Database
from archive.database.marks import Marks
from archive.database.schema import marks
from archive.database.statements import insert_or_replace
from archive.values.capture import page_of
from archive.values.timestamps import timestamp14
from archive.values.urlkey import Match, Range, key_ranges, urlkey
from scheduler import unsaved

TAKE_DOWNS = "takedown/"
"""The prefix of their names among all marks."""


class UnknownTakeDown(Exception):
    def __init__(self, id_: str) -> None:
        super().__init__(f"no take-down with the id {id_!r}")


@dataclass(frozen=True, slots=True)
class TakeDown:
    """A decision of people. It stays in the list when it was lifted or is over."""

    id: str
    url: str
    match: Match
    """Which pages it is about, as in searches for captures."""
    at: datetime | None
    """The time of the captures if it is about those of one second, and not about all of the page."""
    records: tuple[str, ...]
    """The ids of these captures."""
    reason: str
    by: str
    since: datetime
    until: datetime | None
    lifted_at: datetime | None = None
    lifted_by: str | None = None
    also: tuple[str, ...] = ()
    """The other addresses of its page. They are not stored: pages come to have further ones."""

    @property
    def ranges(self) -> Sequence[Range]:
        """The keys of its pages; none for single captures."""
        if self.at:
            return ()
        return [*_ranges(self.url, self.match), *(each for url in self.also for each in key_ranges(url, "exact"))]

    @property
    def keys(self) -> frozenset[str]:
        """The keys of the addresses of the page, for single captures."""
        return frozenset(map(urlkey, (self.url, *self.also)))

    def is_active(self, now: datetime) -> bool:
        return self.lifted_at is None and (self.until is None or now < self.until)

    def covers(self, url: str, stamps: Sequence[str] = ()) -> bool:
        """Return whether an address is about what was taken down.

        `stamps` are the times in the address: ``20260131120000``, or one with the id of a record. The address of
        a picture is about its page, as that of all records of a URN with a URL is.
        """
        key = urlkey(page_of(url))
        if self.at is None:
            return any(first <= key < past for first, past in self.ranges)
        return key in self.keys and any(self._is_at(stamp, self.at) for stamp in stamps)

    def _is_at(self, stamp: str, at: datetime) -> bool:
        second, _, record = stamp.partition("~")
        return second == timestamp14(at) and (not record or any(record in each for each in self.records))


class TakeDowns:
    """The take-downs of a database. Each change is noted for the ledger."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._marks = Marks(database, TAKE_DOWNS)

    def all(self) -> list[TakeDown]:
        """Return all, newest first. Raises DatabaseUnusable."""
        found = (_take_down(id_, value) for id_, value in self._marks.all().items())
        return sorted(found, key=lambda one: (one.since, one.id), reverse=True)

    def get(self, id_: str) -> TakeDown:
        """Raises UnknownTakeDown, DatabaseUnusable."""
        if (value := self._marks.get(id_)) is None:
            raise UnknownTakeDown(id_)
        return _take_down(id_, value)

    def add(self, one: TakeDown) -> None:
        """Write a take-down, replacing one with the same id. Raises DatabaseUnusable."""
        with self._database.writing() as connection:
            row = {"name": TAKE_DOWNS + one.id, "value": _written(one)}
            connection.execute(insert_or_replace(connection, marks, "name"), [row])
            unsaved.note(connection, "takedown", [(one.id,)])

    def lift(self, id_: str, *, by: str, at: datetime) -> TakeDown:
        """End a take-down. One that was lifted before stays as it is. Raises UnknownTakeDown, DatabaseUnusable."""
        one = self.get(id_)
        if one.lifted_at is None:
            one = replace(one, lifted_at=at, lifted_by=by)
            self.add(one)
        return one


def _ranges(url: str, match: Match) -> list[Range]:
    """Return the keys of pages or e-mails. An e-mail has its parts; the mail of a host is at port 993 if not said."""
    found = list(key_ranges(url, match))
    if url[:7].lower() == "imap://":
        if match == "exact":
            found += key_ranges(f"{url}/;SECTION=", "prefix")
        elif match == "host" and urlsplit(url).port is None:
            found += key_ranges(f"imap://{urlsplit(url).netloc}:993/", "host")
    return found


def _written(one: TakeDown) -> str:
    fields = asdict(one)
    del fields["id"], fields["also"]
    told = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in fields.items()}
    return json.dumps(told, ensure_ascii=False)


def _take_down(id_: str, value: str) -> TakeDown:
    fields: dict[str, Any] = json.loads(value)
    for name in ("at", "since", "until", "lifted_at"):
        fields[name] = datetime.fromisoformat(fields[name]) if fields[name] else None
    return TakeDown(id=id_, **fields | {"records": tuple(fields["records"])})
