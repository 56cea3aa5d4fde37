"""What people say of the pages of a run, as rows of the database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from archive.database.engine import Database
from scheduler.ledger.review_marks import ReviewMark, ReviewMarks

MARK = ReviewMark("news", "bad", "a login form, 水", "person anna", datetime(2026, 1, 31, 12, tzinfo=UTC))
URL = "https://example.org/a/b?c=d"


def test_a_mark_is_read_as_it_was_written_and_a_later_one_replaces_it(either: Database) -> None:
    marks = ReviewMarks(either)
    marks.set("r1", URL, MARK)
    assert marks.of_run("r1") == {URL: MARK}

    later = replace(MARK, judgement="recapture", note="", again="r2")
    marks.set("r1", URL, later)
    assert marks.of_run("r1") == {URL: later}


def test_a_run_has_its_own_marks_only(either: Database) -> None:
    marks = ReviewMarks(either)
    for run in ("r1", "r10"):
        marks.set(run, URL, replace(MARK, note=run))

    assert marks.of_run("r1") == {URL: replace(MARK, note="r1")}
    assert marks.of_run("r") == {}


def test_a_deleted_mark_is_gone_and_deleting_it_again_is_harmless(either: Database) -> None:
    marks = ReviewMarks(either)
    marks.set("r1", URL, MARK)
    marks.clear("r1", URL)
    marks.clear("r1", URL)

    assert marks.of_run("r1") == {}


def test_marks_are_grouped_by_collection(either: Database) -> None:
    marks = ReviewMarks(either)
    for number, collection in enumerate(("news", "boards", "news")):
        marks.set("r1", f"{URL}{number}", replace(MARK, collection=collection))

    assert [(name, len(found)) for name, found in marks.by_collection().items()] == [("boards", 1), ("news", 2)]
