"""What people said of pages in the review of a run is saved in the store, and restored on a new machine."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from archive.database.marks import Marks
from pressmark.service.service import Service
from pressmark.upkeep.ledger.restoring import restore
from pressmark.upkeep.ledger.saving import MARKS, LedgerSaving
from scheduler import unsaved
from scheduler.ledger.review_marks import ReviewMark, ReviewMarks


def test_what_people_said_of_pages_is_restored(service: Service, new: Service) -> None:
    said = ReviewMark("default", "bad", "a login, not the page", "ada", datetime(2026, 11, 1, tzinfo=UTC))
    marked = ReviewMarks(service.database)
    for url in ("https://a.example/1", "https://a.example/2/3"):
        marked.set("run-1", url, said)
    saving = LedgerSaving(service)
    saving.save()
    marked.set("run-1", "https://a.example/1", replace(said, judgement="good"))
    marked.clear("run-1", "https://a.example/2/3")
    marked.set("run-2", "https://a.example/4", said)
    saving.save()

    assert restore(new).rows.reviews == 2
    restored = ReviewMarks(new.database)
    assert restored.of_run("run-1") == {"https://a.example/1": replace(said, judgement="good")}
    assert restored.of_run("run-2") == {"https://a.example/4": said}
    assert restore(new).rows.reviews == 0


def test_what_people_said_before_the_ledger_had_it_is_saved_once(service: Service, new: Service) -> None:
    said = ReviewMark("default", "good", "", "ada", datetime(2026, 11, 1, tzinfo=UTC))
    LedgerSaving(service).save()
    ReviewMarks(service.database).set("run-1", "https://a.example/1", said)
    with service.database.reading() as connection:  # as the version before left it
        noted = unsaved.changes(connection)
    unsaved.saved(service.database, noted)
    Marks(service.database, MARKS).delete("reviews")

    assert LedgerSaving(service).save()
    assert not LedgerSaving(service).save()
    assert restore(new).rows.reviews == 1
