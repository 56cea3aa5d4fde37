"""The plan of an export, written before it starts: every capture, and the originals of revisits.

The plan is a small SQLite file, since a selection may exceed memory. It also makes it possible to resume a killed
export: the same plan gives the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

from archive.database.schema import microseconds
from archive.database.statements import batches
from archive.values.capture import Capture
from archive.values.reservations import read, written
from archive.warc import cdxj

if TYPE_CHECKING:
    from collections.abc import Iterable

    from archive.index.selection import Selection

Order = Literal["file", "key"]

_SCHEMA = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE items (
    segment TEXT NOT NULL, offset INTEGER NOT NULL, span INTEGER NOT NULL, urlkey TEXT NOT NULL, at INTEGER NOT NULL,
    asked INTEGER NOT NULL, original TEXT, mime TEXT, line TEXT NOT NULL,
    tags TEXT, judged TEXT, number INTEGER, put_at INTEGER, digest TEXT, left_out TEXT, PRIMARY KEY (segment, offset));
CREATE INDEX by_number ON items (number);
CREATE INDEX by_key ON items (urlkey, at, number);
"""
_LAYOUT = "7"
"""The version of the tables: an export with another one in its plan starts over."""
_ADD = """INSERT INTO items (segment, offset, span, urlkey, at, asked, original, mime, line)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (segment, offset) DO UPDATE SET asked = max(asked, excluded.asked),
original = coalesce(original, excluded.original), mime = coalesce(mime, excluded.mime)"""
_TAG = "UPDATE items SET tags = ? WHERE segment = ? AND offset = ?"
_JUDGE = "UPDATE items SET judged = ? WHERE segment = ? AND offset = ?"
_NUMBER = """UPDATE items SET number = ranked.n FROM (SELECT segment, offset,
row_number() OVER (ORDER BY segment, offset) AS n FROM items) AS ranked
WHERE items.segment = ranked.segment AND items.offset = ranked.offset"""
_SELECT = "SELECT number, asked, original, mime, line, tags, judged, put_at, digest FROM items WHERE "
_BY_KEY = _SELECT + "(urlkey, at, number) > (?, ?, ?) ORDER BY urlkey, at, number LIMIT 1000"
_BY_NUMBER = _SELECT + "number > ? ORDER BY number LIMIT 1000"

TagsOf = Callable[[Sequence[str]], Mapping[str, Sequence[str]]]
"""Returns the tags that people gave to captures, by record id."""
_AT_ONCE = 500
"""Captures whose tags are looked up together."""


def no_tags(_records: Sequence[str]) -> Mapping[str, Sequence[str]]:
    return {}


def not_judged(_capture: Capture) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True, slots=True)
class Item:
    """A capture of an export."""

    number: int
    """From 1, in the order of the archive's files."""
    asked: bool
    """Whether it was selected; otherwise, a selected revisit refers to it."""
    original: str | None
    """The record id of the response with its payload; None if that is missing."""
    mime: str | None
    """The type of its payload; for a response without a type, that of its original."""
    capture: Capture
    tags: tuple[str, ...]
    """The tags that people had given to it when the export began."""
    judged: dict[str, Any]
    """What checks and reviews had said of it then: see `archive.export.judged`."""
    put_at: int | None
    """Its offset in the exported WARC, once written; None if it was left out."""
    digest: str | None
    """``sha256:…`` of its compressed main record in the exported WARC."""


@dataclass(frozen=True, slots=True)
class Totals:
    captures: int
    """The number of selected captures."""
    originals: int
    """The number of captures that are only included as originals of revisits."""
    missing: int
    """The number of revisits without an original."""
    octets: int
    """The bytes of all records."""


class Plan:
    """An open plan. Only one thread at a time may use it."""

    def __init__(self, path: Path) -> None:
        """Open the plan at `path`, or create an empty one."""
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            self._begin()
        except BaseException:  # an invalid file
            self._db.close()
            raise

    def _begin(self) -> None:
        # A power cut may cost the last entries. With one fsync per entry, 10,000 captures took 115 s instead of 8.
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        if not self._db.execute("SELECT 1 FROM sqlite_master").fetchone():
            self._db.executescript(_SCHEMA)

    def make(
        self,
        selection: Selection,
        form: str,
        *,
        created: datetime,
        software: str,
        captures: Iterable[Capture],
        ancestry: Callable[[Capture], Iterable[Capture]],
        tags_of: TagsOf = no_tags,
        judged_of: Callable[[Capture], Mapping[str, Any]] = not_judged,
    ) -> None:
        """Write the plan in one transaction. `created` is the time of creation in the exported file."""
        self._db.execute("BEGIN")
        try:
            for some in batches(captures, _AT_ONCE):
                for capture in some:
                    self._add_with_originals(capture, ancestry)
                self._tag(some, tags_of)
                self._judge(some, judged_of)
            self._db.execute(_NUMBER)
            self._say("layout", _LAYOUT)
            self._say("form", form)
            self._say("selection", selection.words())
            self._say("created", created.astimezone(UTC).replace(microsecond=0).isoformat())
            self._say("software", software)
            self._say("identity", self._identity())
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def is_of(self, selection: Selection, form: str) -> bool:
        """Return whether this plan is complete and for such an export."""
        said = tuple(map(self._fact, ("layout", "selection", "form")))
        return said == (_LAYOUT, selection.words(), form)

    @property
    def created(self) -> datetime:
        return datetime.fromisoformat(self._fact("created") or "")

    @property
    def selection(self) -> str:
        """The selection in words."""
        return self._fact("selection") or ""

    @property
    def software(self) -> str:
        """The software that makes the export, also if a later version resumes it."""
        return self._fact("software") or ""

    @property
    def identity(self) -> str:
        """64 hexadecimal digits, a digest of the plan's content."""
        return self._fact("identity") or ""

    @property
    def totals(self) -> Totals:
        row = self._db.execute(
            "SELECT coalesce(sum(asked), 0), coalesce(sum(1 - asked), 0), coalesce(sum(original IS NULL), 0),"
            " coalesce(sum(span), 0) FROM items"
        ).fetchone()
        return Totals(*row)

    @property
    def size(self) -> int:
        """The number of items."""
        count: int = self._db.execute("SELECT count(*) FROM items").fetchone()[0]
        return count

    def items(self, order: Order = "file", after: int = 0) -> Iterator[Item]:
        """Yield items after a number, in the order of the archive's files, or by key and time."""
        last: tuple[Any, ...] = (after,) if order == "file" else ("", 0, 0)
        query = _BY_NUMBER if order == "file" else _BY_KEY
        while rows := self._db.execute(query, last).fetchall():
            found = [_item(*row) for row in rows]
            yield from found
            item = found[-1]
            last = (item.number,) if order == "file" else (item.capture.urlkey, _order_of(item.capture), item.number)

    def put(self, number: int, at: int, digest: str) -> None:
        """Record where an item begins in the exported WARC."""
        self._db.execute("UPDATE items SET put_at = ?, digest = ? WHERE number = ?", (at, digest, number))

    def leave_out(self, number: int, why: str) -> None:
        """Record that an item's records are not in the export, and why."""
        self._db.execute("UPDATE items SET left_out = ? WHERE number = ?", (why, number))

    def left_out(self) -> Iterator[tuple[Item, str]]:
        """Yield the items whose records are not in the export."""
        query = _SELECT.replace("SELECT ", "SELECT left_out, ") + "left_out IS NOT NULL ORDER BY number"
        for why, *row in self._db.execute(query).fetchall():
            yield _item(*row), why

    def reached(self, number: int, octets: int) -> None:
        """Record that the export has that many bytes on disk, which contain the complete items up to that number."""
        self._say("reached", f"{number} {octets}")

    @property
    def progress(self) -> tuple[int, int]:
        """Return the last recorded number and size; zeros at first."""
        number, _, octets = (self._fact("reached") or "0 0").partition(" ")
        return int(number), int(octets)

    def close(self) -> None:
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _add_with_originals(self, capture: Capture, ancestry: Callable[[Capture], Iterable[Capture]]) -> None:
        line = [capture, *ancestry(capture)]
        origin = line[-1] if line[-1].has_payload else None
        for place, each in enumerate(line):
            self._db.execute(_ADD, _row(each, asked=place == 0, origin=origin))

    def _tag(self, selected: Sequence[Capture], tags_of: TagsOf) -> None:
        given = tags_of([capture.record_id for capture in selected])
        for capture in selected:
            if tags := given.get(capture.record_id):
                where = capture.location
                self._db.execute(_TAG, (json.dumps(tags, ensure_ascii=False), where.segment, where.offset))

    def _judge(self, selected: Sequence[Capture], judged_of: Callable[[Capture], Mapping[str, Any]]) -> None:
        for capture in selected:
            if said := judged_of(capture):
                where = capture.location
                self._db.execute(_JUDGE, (json.dumps(said, ensure_ascii=False), where.segment, where.offset))

    def _identity(self) -> str:
        whole = hashlib.sha256()
        for (line,) in self._db.execute("SELECT line FROM items ORDER BY number"):
            whole.update(line.encode() + b"\n")
        return whole.hexdigest()

    def _say(self, name: str, value: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))

    def _fact(self, name: str) -> str | None:
        row = self._db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])


def _row(capture: Capture, *, asked: bool, origin: Capture | None) -> tuple[Any, ...]:
    where = capture.location
    key = (capture.urlkey, _order_of(capture))
    original, mime = (origin.record_id, capture.mime or origin.mime) if origin else (None, capture.mime)
    said = written(field for one in (capture, origin) if one for field in read(one.reservations))
    line = cdxj.line(capture._replace(reservations=said))
    return (where.segment, where.offset, capture.span, *key, int(asked), original, mime, line)


def _order_of(capture: Capture) -> int:
    """Return the sort key of a capture: its time to the microsecond."""
    return microseconds(capture.at)


def _item(*row: Any) -> Item:
    number, asked, original, mime, line, tags, judged, put_at, digest = row
    given, said = tuple(json.loads(tags)) if tags else (), json.loads(judged) if judged else {}
    return Item(number, bool(asked), original, mime, cdxj.parse(line), given, said, put_at, digest)
