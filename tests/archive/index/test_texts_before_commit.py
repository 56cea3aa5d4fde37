"""Texts that are added before their segment is committed are the same as those that are committed with it."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from services.calls import calls
from services.steps import Steps
from specimens.captures import NOON, capture_of
from specimens.indexes import opened
from specimens.library import Library, library, said
from specimens.manifests import manifest_of
from sqlalchemy import event, text

from archive.database.engine import open_database
from archive.database.statements import batches
from archive.index.index import Index
from archive.intake.segment_writing import ReadSegment, SegmentWriting, SomeTexts
from archive.texts.later_texts import keep_some
from archive.texts.texts import TextRow
from archive.values.capture import Capture, Location

NAME = "20260131T120000Z-1-1-abcd"


@pytest.fixture
def shelf() -> Iterator[Library]:
    with library() as one:
        yield one


def segment(texts: int) -> tuple[list[Capture], list[TextRow]]:
    """Captures of a segment and their texts: each page has two versions."""
    pairs = [said(f"The text number {n}.", f"https://example.org/{n // 2}", minute=n) for n in range(texts)]
    placed = [one._replace(location=Location(NAME, 500 * (n + 1), 300)) for n, (one, _) in enumerate(pairs)]
    return placed, [replace(row, segment=NAME) for _, row in pairs]


def told(shelf: Library) -> list[Sequence[object]]:
    """The rows of texts and events, without their numbers."""
    with shelf.database.reading() as connection:
        texts = connection.execute(text("SELECT record_id, segment FROM texts ORDER BY record_id")).all()
        noted = connection.execute(text("SELECT record_id, wording_id FROM worded ORDER BY record_id")).all()
        events = connection.execute(text("SELECT kind, facts FROM events WHERE kind != 'segment.committed'")).all()
    return [tuple(row) for row in (*texts, *noted, *sorted(events))]


@pytest.mark.parametrize("texts", [6, 104], ids=["in one batch", "in two"])
def test_they_are_the_same_with_the_same_events(shelf: Library, texts: int) -> None:
    captures, rows = segment(texts)
    with library() as other:
        other.index.commit(manifest_of(NAME), captures, rows)
        expected = told(other)
    opened(shelf.index, NAME)
    shelf.index.add(captures)

    shelf.index.note_texts(NAME, rows[::-1])
    shelf.index.note_texts(NAME, rows)
    shelf.index.commit(manifest_of(NAME), captures, ())

    assert told(shelf) == expected
    assert shelf.found("number") != []


@pytest.mark.parametrize("when", ["before the commit", "with the commit"])
@pytest.mark.parametrize(("announce", "kinds"), [(True, ["page.changed", "page.new"]), (False, [])])
def test_a_new_page_and_its_change_are_announced_unless_it_is_to_be_silent(
    shelf: Library, when: str, announce: bool, kinds: list[str]
) -> None:
    captures, rows = segment(2)
    opened(shelf.index, NAME)
    shelf.index.add(captures)
    if when == "before the commit":
        shelf.index.note_texts(NAME, rows, announce=announce)
    shelf.index.commit(manifest_of(NAME), captures, rows, announce=announce)

    with shelf.database.reading() as connection:
        noted = connection.execute(text("SELECT kind FROM events WHERE kind LIKE 'page.%' ORDER BY kind")).scalars()
        assert list(noted) == kinds


def test_a_commit_prepares_only_the_texts_that_are_not_added_yet(shelf: Library) -> None:
    captures, rows = segment(6)
    opened(shelf.index, NAME)
    shelf.index.add(captures)
    shelf.index.note_texts(NAME, rows[:4])

    def commit() -> None:
        shelf.index.commit(manifest_of(NAME), captures, rows)

    assert calls(commit, "sketch") == 2
    assert calls(commit, "sketch") == 0
    assert len(shelf.found("number")) == 6


def test_texts_whose_captures_are_not_in_the_index_yet_are_noted_by_the_commit(shelf: Library) -> None:
    captures, rows = segment(4)

    shelf.index.note_texts(NAME, rows)
    assert shelf.found("number") == []
    shelf.index.commit(manifest_of(NAME), captures, ())

    assert len(shelf.found("number")) == 4


def test_a_transaction_takes_a_bounded_number_of_texts(shelf: Library) -> None:
    taken: list[int] = []
    event.listen(
        shelf.database.engine,
        "before_cursor_execute",
        lambda connection, cursor, statement, values, *_: taken.append(len(values) if "INTO texts" in statement else 0),
    )

    shelf.index.note_texts(NAME, [TextRow(str(n), NAME, "https://e.org/", NOON, None, "none") for n in range(250)])

    assert [rows for rows in taken if rows] == [100, 100, 50]


def test_a_text_costs_the_same_in_a_segment_with_ten_times_the_texts(tmp_path: Path) -> None:
    few, many = (steps_of_a_text(tmp_path / f"{texts}.db", texts) for texts in (120, 1_200))

    assert many <= 1.3 * few


def steps_of_a_text(file: Path, texts: int) -> float:
    captures, rows = segment(texts)
    database = open_database(f"sqlite:///{file}")
    index = Index(database, now=lambda: NOON)
    opened(index, NAME)
    index.add(captures)
    steps = Steps(database)
    index.note_texts(NAME, rows)
    database.close()
    return steps.count / texts


def test_a_segment_with_many_captures_and_few_texts_needs_no_memory_for_all_of_them(tmp_path: Path) -> None:
    few, many = (memory_of_a_text(tmp_path / f"{captures}.db", captures) for captures in (1_000, 4_000))

    assert many < few + 100_000


def memory_of_a_text(file: Path, count: int) -> int:
    """Return the most bytes that Python holds while a text of a segment with so many captures is added."""
    captures, rows = segment(2)
    others = (capture_of(f"https://example.org/{n}.png", number=n) for n in range(2, count))
    with closing(open_database(f"sqlite:///{file}")) as database:
        index = Index(database, now=lambda: NOON)
        opened(index, NAME)
        index.add(
            [*captures, *(one._replace(location=Location(NAME, 500 * (n + 3), 300)) for n, one in enumerate(others))]
        )
        index.note_texts(NAME, rows[:1])
        tracemalloc.start()
        try:
            index.note_texts(NAME, rows)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()


def test_the_repair_of_an_ingest_looks_twice_for_waiting_texts_however_many_there_are(shelf: Library) -> None:
    captures, rows = segment(60)
    manifest = manifest_of(NAME)
    shelf.index.commit_captures(manifest, captures, len(rows))
    keep_some(shelf.database, rows[:5])
    repair = SegmentWriting(shelf.index, ReadSegment(1, manifest, captures, len(rows), is_again=True))

    def write() -> None:
        for some in batches(rows, 10):
            repair.add(SomeTexts(some, {}))
        repair.end()

    assert calls(write, "waiting_ids") == 2
    assert len(shelf.found("number")) == 60
