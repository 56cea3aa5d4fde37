from __future__ import annotations

from datetime import timedelta

from services.ledgers import NOON, Ledger
from specimens.library import Library, said

from archive.database.engine import Database
from scheduler.events import Events


def test_a_reader_gets_the_events_after_its_cursor_oldest_first(ledger: Ledger) -> None:
    for number in range(5):
        ledger.events.append(NOON, "note", number=number)
    page = ledger.events.after(limit=2)
    rest = ledger.events.after(page[-1].id)

    assert [event.facts["number"] for event in (*page, *rest)] == [0, 1, 2, 3, 4]
    assert ledger.events.latest() == rest[-1].id
    assert ledger.events.after(ledger.events.latest()) == []


def test_events_are_selected_by_source_run_and_kind(ledger: Ledger) -> None:
    ledger.events.append(NOON, "one", source="a", run="r")
    ledger.events.append(NOON, "two", source="b", facts_of="übung")

    assert [event.kind for event in ledger.events.after(source="a")] == ["one"]
    assert [event.kind for event in ledger.events.after(run="r")] == ["one"]
    assert ledger.events.after(kinds=["two"])[0].facts == {"facts_of": "übung"}


def test_old_events_are_deleted_and_their_numbers_never_reused(ledger: Ledger) -> None:
    ledger.events.append(NOON - timedelta(days=31), "old")
    last = ledger.events.latest()

    assert ledger.events.prune(NOON) == 1
    assert ledger.events.latest() == 0
    ledger.events.append(NOON, "new")
    assert [event.kind for event in ledger.events.after(last)] == ["new"]
    assert ledger.events.prune(NOON) == 0


def test_an_event_is_written_with_its_change_or_not_at_all(ledger: Ledger) -> None:
    from scheduler.events import note

    try:
        with ledger.database.writing() as connection:
            note(connection, NOON, "told")
            raise KeyError
    except KeyError:
        pass

    assert ledger.events.after() == []


def test_the_events_of_a_segment_and_of_its_pages_have_each_their_source_and_run(either: Database) -> None:
    Library(either).keep(said("a text of a page that is new", url="https://example.org/new"))
    found = Events(either).after()

    assert [(one.kind, one.source, one.run) for one in found] == [
        ("segment.committed", None, None),
        ("page.new", "example", "run-1"),
    ]
    assert found[1].facts["url"] == "https://example.org/new"
    assert [one.kind for one in Events(either).after(source="example", run="run-1")] == ["page.new"]
