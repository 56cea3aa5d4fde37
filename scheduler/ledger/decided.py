"""What take-downs and holds have in common: which addresses they are about, and how the database has them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, ClassVar, Generic, Literal, Protocol, TypeVar
from urllib.parse import urlsplit

from archive.database.engine import Database
from archive.database.marks import Marks
from archive.database.schema import marks
from archive.database.statements import insert_or_replace
from archive.values.urlkey import Match, Range, key_ranges
from scheduler import unsaved

_TIMES = ("at", "since", "until", "lifted_at")
_DERIVED = ("id", "also")
"""Fields that are not stored: one is the name of the row, the other is found when it is read."""


class Decision(Protocol):
    """A dataclass with these fields. Times are stored in ISO 8601, a tuple as a list."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def id(self) -> str: ...
    @property
    def since(self) -> datetime: ...
    @property
    def lifted_at(self) -> datetime | None: ...


One = TypeVar("One", bound=Decision)


def ranges_of(url: str, match: Match, also: Sequence[str] = ()) -> list[Range]:
    """Return the keys of pages or e-mails, and of `also`, the other addresses of a page.

    An e-mail has its parts; the mail of a host is at port 993 if not said.
    """
    found = list(key_ranges(url, match))
    if url[:7].lower() == "imap://":
        if match == "exact":
            found += key_ranges(f"{url}/;SECTION=", "prefix")
        elif match == "host" and urlsplit(url).port is None:
            found += key_ranges(f"imap://{urlsplit(url).netloc}:993/", "host")
    return [*found, *(each for one in also for each in key_ranges(one, "exact"))]


class Decisions(Generic[One]):
    """The decisions of one kind in a database. Each change is noted for the ledger."""

    def __init__(
        self,
        database: Database,
        kind: Literal["takedown", "hold"],
        prefix: str,
        made: Callable[..., One],
        unknown: Callable[[str], Exception],
    ) -> None:
        """Set up. `kind` is the kind of their changes in the ledger; `prefix` begins the names of their marks."""
        self._database, self._kind, self._prefix = database, kind, prefix
        self._made, self._unknown = made, unknown
        self._marks = Marks(database, prefix)

    def all(self) -> list[One]:
        """Return all, newest first. Raises DatabaseUnusable."""
        found = (self._read(id_, value) for id_, value in self._marks.all().items())
        return sorted(found, key=lambda one: (one.since, one.id), reverse=True)

    def get(self, id_: str) -> One:
        """Raises what `unknown` makes of the id, DatabaseUnusable."""
        if (value := self._marks.get(id_)) is None:
            raise self._unknown(id_)
        return self._read(id_, value)

    def add(self, one: One) -> None:
        """Write a decision, replacing one with the same id. Raises DatabaseUnusable."""
        with self._database.writing() as connection:
            row = {"name": self._prefix + one.id, "value": _written(one)}
            connection.execute(insert_or_replace(connection, marks, "name"), [row])
            unsaved.note(connection, self._kind, [(one.id,)])

    def lift(self, id_: str, *, by: str, at: datetime) -> One:
        """End a decision. One that was lifted before stays as it is. Raises as `get` does."""
        one = self.get(id_)
        if one.lifted_at is None:
            one = replace(one, lifted_at=at, lifted_by=by)
            self.add(one)
        return one

    def _read(self, id_: str, value: str) -> One:
        stored: dict[str, Any] = json.loads(value)
        times = {name: datetime.fromisoformat(stored[name]) if stored[name] else None for name in _TIMES}
        rows = {name: tuple(each) for name, each in stored.items() if isinstance(each, list)}
        return self._made(**stored | times | rows, id=id_)


def _written(one: Decision) -> str:
    fields = {name: value for name, value in asdict(one).items() if name not in _DERIVED}
    told = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in fields.items()}
    return json.dumps(told, ensure_ascii=False)
