"""Slow work on a text is done before the transaction that writes it, so that other writers don't wait."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType

import pytest
from specimens.dumps import dump
from specimens.library import Library, said
from sqlalchemy import event

from archive.database.engine import Database
from archive.database.writers import BESIDE, WRITES
from archive.texts.text_replacement import replace_texts
from archive.texts.texts import TextRow, Texts
from archive.texts.version_rows import add_texts, forget_texts

HEAVY = {
    ("search/sketch.py", "sketch"),
    ("search/tokens.py", "tokens"),
    ("links/noise.py", "gist"),
}
LONG = "A quantum leap of faith, written at length. " * 200


@contextmanager
def heard(shelf: Library) -> Iterator[list[str]]:
    """Record, in order, "begin" and "end" of writing transactions, and calls of slow functions."""
    found: list[str] = []

    def called(frame: FrameType, what: str, _: object) -> None:
        place = "/".join(Path(frame.f_code.co_filename).parts[-2:]), frame.f_code.co_name
        if what == "call" and place in HEAVY:
            found.append(place[1])

    def begins(connection: object) -> None:
        if {WRITES, BESIDE} & connection.get_execution_options().keys():  # type: ignore[attr-defined]
            found.append("begin")

    engine = shelf.database.engine
    event.listen(engine, "begin", begins)
    event.listen(engine, "commit", lambda connection: found.append("end"))
    sys.setprofile(called)
    try:
        yield found
    finally:
        sys.setprofile(None)
        event.remove(engine, "begin", begins)


def inside(found: list[str]) -> set[str]:
    """Return the slow functions called during a writing transaction."""
    heavy, writing = set(), False
    for one in found:
        writing = one == "begin" or (writing and one != "end")
        if writing and one != "begin":
            heavy.add(one)
    return heavy


@pytest.fixture
def shelf(either: Database) -> Library:
    return Library(either)


def kept_in(shelf: Library) -> TextRow:
    """Return a stored text from the tables."""
    capture, row = said(LONG)
    shelf.keep((capture, row))
    found = Texts(shelf.database).of(capture.record_id)
    assert found is not None
    return found


def again(row: TextRow) -> TextRow:
    return TextRow(row.record_id, row.segment, row.url, row.at, row.digest, "done", title="Other", text=LONG + "again")


def test_words_and_sketches_are_prepared_before_a_segment_is_committed(shelf: Library) -> None:
    with heard(shelf) as found:
        shelf.keep(said(LONG))

    assert {"sketch", "tokens", "gist", "begin", "end"} <= set(found)
    assert inside(found) == set()


def test_words_and_sketches_are_prepared_before_a_text_is_replaced(shelf: Library) -> None:
    kept = kept_in(shelf)
    with heard(shelf) as found:
        assert replace_texts(shelf.database, kept.segment, [again(kept)]) == 1

    assert {"sketch", "tokens", "gist", "begin", "end"} <= set(found)
    assert inside(found) == set()


def test_unprepared_work_inside_the_transaction_is_noticed(shelf: Library) -> None:
    kept = kept_in(shelf)
    with heard(shelf) as found, shelf.database.writing() as connection:
        forget_texts(connection, [kept.record_id], {})
        add_texts(connection, kept.segment, {})

    assert inside(found) == {"sketch", "tokens", "gist"}


def read_later(row: TextRow) -> TextRow:
    return replace(row, version="2", language="en", markdown=f"# {row.text}", fields={"verdict": {"kind": "login"}})


def test_a_text_with_the_same_words_keeps_its_version_words_and_sketch(
    shelf: Library, another: Callable[[], Database]
) -> None:
    captured = [said(LONG), said(LONG, minute=1), said(LONG + "more", minute=2), said(LONG, "https://example.org/2")]
    shelf.keep(*captured)
    (segment,) = (row.name for row in shelf.index.segments())
    rows = [replace(read_later(row), segment=segment) for _, row in captured]

    with heard(shelf) as found:
        assert replace_texts(shelf.database, segment, rows) == 4

    assert set(found) == {"gist", "begin", "end"}
    assert inside(found) == set()
    fresh = Library(another())
    fresh.keep(*((capture, read_later(row)) for capture, row in captured))
    assert without_segment(shelf) == without_segment(fresh)


def without_segment(shelf: Library) -> dict[str, list[str]]:
    (segment,) = (row.name for row in shelf.index.segments())
    rows = dump(shelf.database)
    return {table: [line.replace(segment, "-") for line in rows[table]] for table in rows if table != "segments"}
