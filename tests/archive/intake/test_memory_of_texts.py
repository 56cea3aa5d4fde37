"""The texts of a segment are never in memory together: not at an ingest, a rebuild, or when they are read again."""

from __future__ import annotations

import random
import shutil
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import figure
from specimens.segments import SegmentFile, answered
from specimens.worlds import LATER

from archive.archive import Archive
from archive.database.engine import open_database
from archive.index.index import Index
from archive.index.selection import Selection
from archive.intake.rebuild import Rebuild
from archive.intake.reextraction import Reextraction
from archive.spool.sealed import Sealed
from archive.store.local import LocalStore
from archive.texts.texts import TextRow, Texts
from archive.values.urlkey import urlkey
from archive.warc.facts import captures_of
from archive.warc.record import read

FEW = figure(20, 200, 1_000)
AT_ONCE = 5
MODULES = ("archive.texts.later_texts.AT_ONCE", "archive.intake.rebuild.AT_ONCE", "archive.index.index._TEXTS")
MODULES += ("archive.intake.reextraction._FEW", "archive.texts.text_replacement._FEW")
MODULES += ("archive.texts.search.sketch_rows._FEW",)


def long_texts(salt: int) -> Callable[[Sealed], Iterator[TextRow]]:
    """Return a reader that finds a text of 48 KB, of one word, in each page."""

    def texts(sealed: Sealed) -> Iterator[TextRow]:
        with sealed.path.open("rb") as file:
            for number, one in enumerate(captures_of(read(file), sealed.name, sealed.collection, urlkey)):
                text = random.Random(salt + number).randbytes(24_000).hex()
                yield TextRow(one.record_id, sealed.name, one.url, one.at, one.digest, "done", text=text, version="0")

    return texts


class House:
    """An archive on disk with one WARC of that many pages, each of which is read to a long text."""

    def __init__(self, home: Path, pages: int, empty: Path) -> None:
        home.mkdir()
        for name in ("a.db", "b.db"):
            shutil.copy(empty, home / name)
        self.home, self.store = home, LocalStore(home / "store")
        self.segment = SegmentFile(home)
        for number in range(pages):
            self.segment.write(answered(f"https://example.org/{number}", b"%d" % number, minute=number / 60))
        self.database = open_database(f"sqlite:///{home / 'a.db'}", migrate=False)
        self.index = Index(self.database, now=lambda: LATER)

    def ingest(self) -> None:
        archive = Archive(self.index, Texts(self.database), self.store, read_texts=long_texts(0))
        archive.ingest(self.segment.path)

    def rebuild(self) -> None:
        database = open_database(f"sqlite:///{self.home / 'b.db'}", migrate=False)
        done = Rebuild(self.store, Index(database, now=lambda: LATER)).run()
        assert (done.texts, done.findings) == (len(self.segment.captures), ())
        database.close()

    def read_again(self) -> None:
        def newer(_: Any, segment: str, records: Any) -> Iterator[TextRow]:
            sealed: Any = type("Sealed", (), {"path": self.segment.path, "name": segment, "collection": "default"})
            return (replace(row, version="1") for row in long_texts(10**6)(sealed) if row.record_id in records)

        again = Reextraction(self.index, self.store, newer, now=lambda: LATER)
        [task] = again.tasks(Selection(), "all")
        assert again.again(task).changed == len(self.segment.captures)


@contextmanager
def peak() -> Iterator[list[int]]:
    """Append the bytes of Python objects that were held at once."""
    found: list[int] = []
    tracemalloc.start()
    try:
        yield found
        found.append(tracemalloc.get_traced_memory()[1])
    finally:
        tracemalloc.stop()


def peaks(home: Path, pages: int, empty: Path) -> list[int]:
    house, found = House(home, pages, empty), list[int]()
    for work in (house.ingest, house.rebuild, house.read_again):
        with peak() as held:
            work()
        found += held
    house.database.close()
    return found


@pytest.mark.costly
@pytest.mark.parametrize("at_once", [AT_ONCE, 10**6], ids=["few", "all"])
def test_a_segment_of_three_times_the_texts_needs_less_than_twice_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    for name in MODULES:
        monkeypatch.setattr(name, at_once)
    monkeypatch.setattr("archive.shipping.sidecars._IN_MEMORY", 1 << 16)
    monkeypatch.setattr("archive.store.object_reader._IN_MEMORY", 1 << 16)

    empty = tmp_path / "empty.db"
    open_database(f"sqlite:///{empty}").close()
    peaks(tmp_path / "first", 2, empty)  # it loads libraries
    few, many = peaks(tmp_path / "few", FEW, empty), peaks(tmp_path / "many", 3 * FEW, empty)

    grown = [more / less for more, less in zip(many, few, strict=True)]
    assert [one < 2 for one in grown] == [at_once == AT_ONCE] * 3, (few, many)
