"""Notes on snapshots as rows, in either kind of database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from archive.database.engine import Database
from archive.texts.search.search import SearchFilters, search
from archive.texts.snapshot_notes import Said, SnapshotNote, SnapshotNotes, write_notes

AT = datetime(2026, 1, 31, 12, tzinfo=UTC)
FIRST = SnapshotNote(
    record_id="<urn:uuid:1>",
    text_record="<urn:uuid:1>",
    urlkey="example,a)/",
    url="http://a.example/",
    at=AT,
    collection="c",
    source="s",
    said=Said(("budget", "预算"), "a note, 水"),
    by="person ada",
    noted_at=AT,
)
SECOND = replace(
    FIRST,
    record_id="<urn:uuid:2>",
    said=Said(("budget",)),
    noted_at=AT + timedelta(seconds=1),
    former=Said(("old",), "before"),
)


def write(database: Database, *notes: SnapshotNote) -> None:
    with database.writing() as connection:
        write_notes(connection, notes)


def test_notes_are_read_as_they_were_written_and_a_later_one_replaces_one(either: Database) -> None:
    notes = SnapshotNotes(either)
    write(either, FIRST, SECOND)
    assert notes.of([FIRST.record_id, SECOND.record_id, "x"]) == {one.record_id: one for one in (FIRST, SECOND)}

    later = replace(FIRST, said=Said(("tower",)), noted_at=AT + timedelta(seconds=2))
    write(either, later)
    assert notes.get(FIRST.record_id) == later
    assert notes.tags() == {"budget": 1, "tower": 1}
    assert (notes.has_tag("tower"), notes.has_tag("towe")) == (True, False)


def test_lists_are_by_tag_source_and_collection_and_continue(either: Database) -> None:
    notes = SnapshotNotes(either)
    write(either, FIRST, SECOND, replace(FIRST, record_id="<urn:uuid:3>", said=Said()))

    assert list(notes.latest()) == [SECOND, FIRST]  # without the empty one
    assert list(notes.latest(tag="预算")) == [FIRST]
    assert list(notes.latest(source="s", collection="other")) == []
    assert list(notes.latest(before=(SECOND.noted_at, SECOND.record_id))) == [FIRST]


def test_a_search_by_tag_is_a_statement_that_both_databases_know(either: Database) -> None:
    write(either, FIRST)

    assert search(either, "harbour", SearchFilters(tag="budget", tag_sources=("a", "b"))).items == ()
