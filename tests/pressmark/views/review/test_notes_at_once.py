"""Two people write tags and notes at the same time, and neither loses what was written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread

import pytest
from services.reading_house import command
from specimens.versions import Version, keep

from archive.database.engine import Database
from archive.texts.snapshot_notes import Said, SnapshotNote, SnapshotNotes, write_notes
from config.settings import Settings
from pressmark.service.assembly import open_pressmark
from pressmark.service.service import Service
from pressmark.views.capture_choice import snapshot_at
from pressmark.views.review.snapshot_notes import NoteChanged, SnapshotNoteShape, annotate, change_tags, note_of
from scheduler.ledger.snapshot_notes import change_notes

CLOCK = "http://clock.example/a"
AT = datetime(2026, 1, 31, 12, tzinfo=UTC)
NOTE = SnapshotNote("<urn:uuid:1>", "<urn:uuid:1>", "example,a)/", "http://a.example/", AT, "c", "s", Said(), "ada", AT)


def filled(home: Path) -> Settings:
    (home / "warcs").mkdir()
    settings = Settings(home=home / "home")
    with open_pressmark(settings) as service:
        keep(service, home / "warcs", Version("The clock struck thirteen.", CLOCK, 0))
    return settings


def noted(service: Service, *tags: str, seen: str | None = None) -> SnapshotNoteShape:
    with snapshot_at(service, CLOCK, "latest") as found:
        return annotate(service, found, tags, "", by="person ada", seen=seen)


def in_the_middle(service: Service, work: Callable[[], object]) -> Service:
    """Return the service with a clock: the first time that it is asked, another person does something."""
    waiting = [work]

    def now() -> datetime:
        if waiting:
            waiting.pop()()
        return service.now()

    return replace(service, now=now)


def test_of_two_people_who_change_the_same_state_the_second_is_refused(tmp_path: Path) -> None:
    with open_pressmark(filled(tmp_path)) as service:
        first = noted(service, "y")
        late = in_the_middle(service, lambda: noted(service, "ben", seen=first.seen))

        with pytest.raises(NoteChanged):
            noted(late, "ada", seen=first.seen)
        found = note_of(service, first.record_id)
    assert found is not None and found.tags == ["ben"]


def test_tags_that_two_people_add_at_once_are_all_there(tmp_path: Path) -> None:
    with open_pressmark(filled(tmp_path)) as service:
        record = noted(service, "x").record_id
        late = in_the_middle(service, lambda: change_tags(service, [record], ["ben"], [], by="person ben"))
        change_tags(late, [record], ["ada"], [], by="person ada")
        found = note_of(service, record)

    assert found is not None and found.tags == ["x", "ben", "ada"]


def test_a_change_waits_for_the_one_that_has_begun(either: Database) -> None:
    reads = Event()

    def add(
        tag: str, meanwhile: Callable[[], object]
    ) -> Callable[[Mapping[str, SnapshotNote]], Sequence[SnapshotNote]]:
        def change(present: Mapping[str, SnapshotNote]) -> list[SnapshotNote]:
            meanwhile()
            before = present.get(NOTE.record_id, NOTE)
            return [replace(before, said=Said((*before.said.tags, tag)))]

        return change

    other = Thread(target=lambda: change_notes(either, [NOTE.record_id], add("ben", reads.set)))

    def begin() -> None:
        other.start()
        assert not reads.wait(0.2)  # it would read what this one replaces

    change_notes(either, [NOTE.record_id], add("ada", begin))
    other.join()

    found = SnapshotNotes(either).get(NOTE.record_id)
    assert found is not None and found.said.tags == ("ada", "ben")


@pytest.mark.parametrize("form", ["--csv", "--json"])
def test_other_programs_get_all_notes(tmp_path: Path, capsys: pytest.CaptureFixture[str], form: str) -> None:
    with open_pressmark(Settings(home=tmp_path)) as service, service.database.writing() as connection:
        many = [replace(NOTE, record_id=f"<urn:uuid:{number}>", said=Said(("t",))) for number in range(103)]
        write_notes(connection, many)
    command(tmp_path, "snapshot", "notes", form)
    written = capsys.readouterr().out
    command(tmp_path, "snapshot", "notes", form, "--limit", "2")

    assert (written.count("<urn:"), capsys.readouterr().out.count("<urn:")) == (103, 2)
