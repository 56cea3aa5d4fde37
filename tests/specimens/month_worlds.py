"""Captures over three months, in rows and in months: all of them, or some segments here and the others there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from services.databases import database_at
from specimens.captures import capture_of, revisit_of
from sqlalchemy import insert, select

from archive.database.engine import Database
from archive.database.schema import captures, damaged, segments
from archive.index.index import Index
from archive.index.months import writing
from archive.index.months.months import Months
from archive.index.months.stored import read_month
from archive.index.months.writing import months_in_rows, write_months
from archive.store.memory import MemoryStore
from archive.values.capture import Capture

FIRST = datetime(2026, 1, 30, 12, tzinfo=UTC)
NAMES = count()
URLS = (
    "https://example.org/",
    "http://example.org/news",
    "https://www.example.org/news",
    "https://example.org/news/1",
    "https://example.org:8443/news",
    "https://forum.example.org/t/1",
    "urn:view:https://example.org/news",
)


def some_captures(name: str = "s") -> list[Capture]:
    """Return captures over three months, in six segments; some share a second, or a moment."""
    made: list[Capture] = []
    for number in range(90):
        url = URLS[number % len(URLS)]
        first = capture_of(
            url,
            at=FIRST + timedelta(days=(number * 7) % 40, seconds=number % 3, microseconds=number % 2),
            number=number,
            payload=b"%d" % (number % 4),
            status=(200, 404, 301)[number % 3],
            collection=("default", "other")[number % 5 == 0],
            mime=(None, "text/html", "image/png")[number % 3],
        )
        if number % 6 == 1:
            kind: Any = ("revisit", "not-modified")[number % 4 == 1]
            earlier = made[-1]
            at = {"at": first.at, "url": earlier.url, "urlkey": earlier.urlkey, "record_id": first.record_id}
            first = revisit_of(earlier, minute=number, kind=kind)._replace(**at, location=first.location)
        where = replace(first.location, segment=f"{name}-{number % 6}")
        made.append(first._replace(location=where))
    return made


def filled(database: Database, captures: list[Capture], only: set[str] | None = None) -> Index:
    """Return an index with these captures, or `only` some of their records. Their segments are in the store."""
    index = Index(database, now=lambda: FIRST)
    for name in sorted({one.location.segment for one in captures}):
        index.opened(name, collection="default", worker="w", epoch=1, path=Path("/nowhere"), at=FIRST)
    with database.writing() as connection:
        facts = {
            "state": "released",
            "manifest_key": segments.c.name + ".json",
            "object_key": segments.c.name + ".warc",
        }
        connection.execute(segments.update().values(path=None, **facts))
    index.add([one for one in captures if only is None or one.record_id in only])
    return index


class MonthWorld:
    """All captures in rows; and in months, of a store, from which other databases have none or some of the segments."""

    def __init__(self, root: Path, make: Callable[[], Database] | None = None) -> None:
        """`make` returns an empty database each time; without it, they are files of SQLite below `root`."""
        self.root, self.captures, self.store = root, some_captures(), MemoryStore()
        self.make = make or (lambda: database_at(root / f"{next(NAMES)}.db"))
        self.rows = self.make()
        self.all = filled(self.rows, self.captures)
        self.all.damages.mark("s-2", [self.captures[8].location.offset], "damaged", "a test")
        (root / "new").mkdir()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(writing, "BLOCK", 4)
            names = months_in_rows(self.rows)
            written = list(write_months(self.rows, self.store, names, root / "new", open_table=None))
        self.keys = [key for _, key in written]
        self.others: dict[frozenset[int], Index] = {}

    def split(self, in_rows: frozenset[int]) -> Index:
        """Return an index that has these segments in rows, and all months attached."""
        if in_rows not in self.others:
            database = self.make()
            index = filled(database, [])
            copy_rows(self.rows, database, {f"s-{number}" for number in in_rows})
            months = Months(database, self.store, look_every=0)
            for key in self.keys:
                months.attach(read_month(self.store, key), key)
            index.use_months(months)
            self.others[in_rows] = index
        return self.others[in_rows]

    def close(self) -> None:
        for index in (self.all, *self.others.values()):
            index.database.close()


def copy_rows(source: Database, target: Database, names: set[str]) -> None:
    """Copy segments with their captures and marks, with the numbers that they have."""
    theirs = select(segments.c.id).where(segments.c.name.in_(names))
    where = {
        segments: segments.c.name.in_(names),
        captures: captures.c.segment_id.in_(theirs),
        damaged: damaged.c.capture_id.in_(select(captures.c.id).where(captures.c.segment_id.in_(theirs))),
    }
    with source.reading() as reading, target.writing() as connection:
        for table, condition in where.items():
            if rows := [dict(row) for row in reading.execute(select(table).where(condition)).mappings()]:
                connection.execute(insert(table), rows)
