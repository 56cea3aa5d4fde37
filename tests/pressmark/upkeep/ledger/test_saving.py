"""The files of sources and the ledger are saved in the store when they change, and restored where they are missing."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import delete

from archive.database.schema import unsaved
from archive.index.preservation_events import Event, Events
from archive.shipping.ledger import Ledger
from archive.shipping.ledger_parts import parts_of
from archive.shipping.ledger_reading import read_ledger
from archive.values.digest import sha256
from archive.values.errors import StoreUnreachable
from archive.warc.ledger import Record
from pressmark.processes.ledger_writer import LedgerWriter
from pressmark.service.service import Service
from pressmark.upkeep.audit import audit_ledger
from pressmark.upkeep.ledger.decisions_back import bring_decisions_back
from pressmark.upkeep.ledger.restoring import Restored, restore
from pressmark.upkeep.ledger.saving import LedgerSaving
from scheduler.ledger.ledger_restored import RestoredRows

ONE, TWO = "source: a\nseeds: https://a.example.org/\n", "source: a\nseeds: https://b.example.org/\n"


@pytest.fixture
def service(service: Service) -> Service:
    service.settings.sources.mkdir()
    return service


def versions(service: Service) -> list[tuple[str, Any]]:
    """Return each file's text as it was saved, in order."""
    with read_ledger(service.store) as ledger:
        return [(record.key[0], record.value["text"]) for record in ledger.records("source")]


def test_each_version_of_a_file_is_saved_with_its_digest_and_none_twice(service: Service) -> None:
    file = service.settings.sources / "a.yaml"
    saving = LedgerSaving(service)
    for text in (ONE, TWO, ONE):
        file.write_text(text)
        assert saving.save()
        assert not saving.save()
    assert not LedgerSaving(service).save()
    file.touch()
    assert not saving.save()

    assert versions(service) == [("a.yaml", ONE), ("a.yaml", TWO), ("a.yaml", ONE)]
    with read_ledger(service.store) as ledger:
        [first, *_] = ledger.records("source")
    assert first.value["sha256"] == sha256(ONE.encode())
    assert datetime.fromisoformat(first.value["at"]).tzinfo is not None


def test_a_file_changed_in_place_is_saved_once_a_run_has_read_it_and_in_its_turn_otherwise(service: Service) -> None:
    files = [service.settings.sources / f"s{number}.yaml" for number in range(9)]
    for file in files:
        file.write_text(ONE.replace("source: a", f"source: {file.stem}"))
    saving = LedgerSaving(service, looked_at=2)
    assert [saving.save() for _ in range(3)] == [True, False, False]

    files[8].write_text(TWO.replace("source: a", "source: s8"))
    service.sources.refresh("s8")
    assert saving.save()
    files[7].write_text(TWO.replace("source: a", "source: s7"))
    assert sum(saving.save() for _ in range(5)) == 1


def test_the_last_version_is_restored_and_a_deleted_file_is_not(service: Service, new: Service) -> None:
    saving = LedgerSaving(service)
    for name, text in (("a.yaml", ONE), ("b.yml", TWO.replace("source: a", "source: b"))):
        (service.settings.sources / name).write_text(text)
    saving.save()
    (service.settings.sources / "a.yaml").write_text(TWO)
    (service.settings.sources / "b.yml").unlink()
    saving.save()

    assert restore(new).sources == 1
    assert {path.name: path.read_text() for path in new.settings.sources.glob("*.y*ml")} == {"a.yaml": TWO}
    assert new.sources.names == ("a",)
    assert not LedgerSaving(new).save(), "a restored file was saved as a new version"


@pytest.mark.parametrize("harm", ["moved", "replaced by a file", "unreadable"])
def test_a_directory_that_is_away_deletes_no_source(service: Service, new: Service, harm: str) -> None:
    directory = service.settings.sources
    (directory / "a.yaml").write_text(ONE)
    saving = LedgerSaving(service)
    saving.save()
    aside = directory.rename(directory.with_name("aside"))
    if harm == "replaced by a file":
        directory.write_text("")
    elif harm == "unreadable":
        directory.symlink_to("/proc/self/task/0/fd")
    service.pauses.pause("a")
    for again in (saving, LedgerSaving(service)):
        again.save()
    directory.unlink(missing_ok=True)
    assert restore(new) == Restored(1, RestoredRows(pauses=1), ())

    aside.rename(directory)
    assert not LedgerSaving(service).save(), "the same files were saved again"
    (directory / "a.yaml").unlink()
    saving.save()
    assert versions(service) == [("a.yaml", ONE), ("a.yaml", None)]


def test_events_of_preservation_are_saved_and_restored_once_and_in_order(service: Service, new: Service) -> None:
    events = [
        Event(service.now(), "fixity check", "fail", "it is damaged", "store", f"warc/v1/{number}")
        for number in range(3)
    ]
    Events(service.database).add(*events)
    assert LedgerSaving(service).save()
    assert not LedgerSaving(service).save()
    Events(service.database).add(Event(service.now(), "fixity check", "success", "objects read: 3", "second"))
    LedgerSaving(service).save()
    mine = Event(new.now(), "replication", "success", "copied before", "second", "warc/v1/0")
    Events(new.database).add(mine)

    assert restore(new).rows.events == 4
    assert restore(new).rows.events == 0
    told = [replace(event, id=0) for event in Events(new.database).all()]
    before = [replace(event, id=0) for event in Events(service.database).all()]
    assert [event for event in told if event.note != mine.note] == before
    assert len(told) == 5


def test_existing_files_stay(service: Service, new: Service) -> None:
    (service.settings.sources / "a.yaml").write_text(ONE)
    LedgerSaving(service).save()
    new.settings.sources.mkdir()
    (new.settings.sources / "a.yaml").write_text(TWO)

    assert restore(new).sources == 0
    assert (new.settings.sources / "a.yaml").read_text() == TWO


@pytest.mark.parametrize(
    "name", ["../evil.yaml", "/tmp/evil.yaml", ".evil.yaml", "a/b.yaml", "a\\b.yaml", "evil.py", ""]
)
def test_a_name_that_is_a_path_or_no_source_is_not_written(new: Service, name: str) -> None:
    value = {"text": ONE, "sha256": "", "at": ""}
    Ledger(new.store, "main", now=new.now).append([Record("source", (name, "x"), value)])

    assert restore(new).sources == 0
    assert not list(new.settings.home.rglob("*evil*"))


def test_a_store_of_an_earlier_version_restores_nothing(new: Service) -> None:
    assert restore(new) == Restored(0, RestoredRows(), ())


class Away:
    """A store that refuses every put."""

    def __init__(self, store: Any) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def put(self, *_: object, **__: object) -> None:
        raise StoreUnreachable("it is away")


def test_what_the_store_refuses_is_saved_later(service: Service, caplog: pytest.LogCaptureFixture) -> None:
    service.pauses.pause("a")
    writer = LedgerWriter(service)
    ledger = writer._saving._ledger
    store, ledger._store = ledger._store, Away(ledger._store)  # type: ignore[assignment]
    writer.finish()
    writer.finish()
    assert parts_of(service.store) == []
    ledger._store = store
    writer.finish()

    assert len(parts_of(service.store)) == 1
    assert [record.message for record in caplog.records].count("the ledger is not saved in the store") == 1


def test_a_database_of_an_earlier_version_is_saved_as_a_whole(service: Service, new: Service) -> None:
    service.pauses.pause("a", "it was paused before")
    with service.database.writing() as connection:
        connection.execute(delete(unsaved))
    LedgerSaving(service).save()
    LedgerSaving(service).save()

    assert restore(new).rows == RestoredRows(pauses=1)
    assert new.pauses.all() == service.pauses.all()
    assert len(parts_of(service.store)) == 1


def test_verify_finds_a_damaged_and_a_lost_last_part(service: Service) -> None:
    saving = LedgerSaving(service)
    for number in range(3):
        service.pauses.pause(f"a{number}")
        saving.save()
    assert [found for checked in audit_ledger(service) for found in checked.findings] == []
    parts = sorted(parts_of(service.store))
    service.store.put(parts[0].key, io.BytesIO(b"x"), sha256(b"x"), replace=True)
    service.store.delete(parts[2].key)

    found = {finding.sentence for checked in audit_ledger(service) for finding in checked.findings}
    assert f"the SHA-256 of {parts[0].key} is {sha256(b'x')}" in found
    assert "part 3 is missing in the ledger of the worker main" in found


def test_a_new_database_continues_the_chain_of_its_worker(service: Service, new: Service) -> None:
    service.pauses.pause("a")
    LedgerSaving(service).save()
    new.pauses.pause("b")
    LedgerSaving(new).save()

    assert [part.first for part in sorted(parts_of(new.store))] == [1, 2]
    assert [found.kind for checked in audit_ledger(new) for found in checked.findings] == ["unread"]
    bring_decisions_back(new)
    assert [found for checked in audit_ledger(new) for found in checked.findings] == []
