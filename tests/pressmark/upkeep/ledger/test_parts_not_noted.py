"""A worker puts a part of the ledger, and notes it a moment later: until then, the database is not an older copy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from archive.database.marks import Marks
from archive.shipping.ledger_parts import last_numbers, parts_of
from archive.store import ObjectStore
from config.settings import Settings, load_settings
from pressmark.processes.index_repair import IndexRepair
from pressmark.service.assembly import open_pressmark
from pressmark.service.service import Service
from pressmark.upkeep.ledger.decisions_back import _is_older_copy
from pressmark.upkeep.ledger.saving import MARKS, LedgerSaving
from pressmark.upkeep.ledger.unread_parts import unread_ledgers

_NOTES = ("end/", "read/")


@pytest.fixture
def cut(tmp_path: Path) -> Settings:
    """The settings of a home whose power failed after a part with a pause was put, and before it was noted."""
    settings = load_settings({"home": tmp_path / "home", "spool.ballast": "0B"})
    with open_pressmark(settings) as service:
        _take_down(service, 1)
        LedgerSaving(service).save()
        IndexRepair(service)._turn()
        marks = Marks(service.database, MARKS)
        before = {name: value for name, value in marks.all().items() if name.startswith(_NOTES)}
        service.pauses.pause("gazette", "the site asked for it")
        service.pauses.pause("herald", "the site asked for it")
        LedgerSaving(service).save()
        marks.set_all(before)
    return settings


def test_a_pause_that_a_person_resumed_meanwhile_stays_resumed(cut: Settings) -> None:
    with open_pressmark(cut) as service:
        service.pauses.resume("gazette")
        IndexRepair(service)._turn()
        assert list(service.pauses.all()) == ["herald"]


def test_a_pause_that_the_database_lost_is_there_again(cut: Settings) -> None:
    """The control: the same state, but of a copy that does not know the pause."""
    with open_pressmark(cut) as service:
        with service.database.writing() as connection:
            connection.exec_driver_sql("DELETE FROM pauses WHERE source = 'gazette'")
        IndexRepair(service)._turn()
        assert sorted(service.pauses.all()) == ["gazette", "herald"]


class Busy:
    """A store that a worker writes to while its keys are read."""

    def __init__(self, service: Service) -> None:
        self._service, self._saving, self._number = service, LedgerSaving(service), 1

    def keys(self, prefix: str = "") -> Iterator[str]:
        self._number += 1
        _take_down(self._service, self._number)
        self._saving.save()
        yield from self._service.store.keys(prefix)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._service.store, name)


def test_a_database_whose_worker_writes_all_the_time_is_not_an_older_copy(tmp_path: Path) -> None:
    with open_pressmark(load_settings({"home": tmp_path / "home", "spool.ballast": "0B"})) as service:
        _take_down(service, 1)
        LedgerSaving(service).save()
        IndexRepair(service)._turn()
        store: ObjectStore = Busy(service)
        assert not _is_older_copy(service, store)


def test_a_part_that_a_living_worker_has_not_noted_yet_is_not_reported(cut: Settings) -> None:
    with open_pressmark(cut) as service:
        name = cut.worker.name
        last = last_numbers(parts_of(service.store))[name]
        epoch = service.epochs.begin(name)
        noting = Timer(0.1, Marks(service.database, MARKS).set, (f"read/{name}", str(last)))
        noting.start()
        assert unread_ledgers(service) == []
        noting.join()

        Marks(service.database, MARKS).set(f"read/{name}", str(last - 1))
        service.epochs.end(epoch)
        assert [finding.kind for finding in unread_ledgers(service)] == ["unread"]


def test_a_part_whose_note_the_database_refused_is_known_with_the_next_one(tmp_path: Path) -> None:
    with open_pressmark(load_settings({"home": tmp_path / "home", "spool.ballast": "0B"})) as service:
        saving = LedgerSaving(service)
        _take_down(service, 1)
        saving.save()
        IndexRepair(service)._turn()
        _take_down(service, 2)
        with _marks_refused(service), pytest.raises(IntegrityError, match="no space"):
            saving.save()
        assert [finding.kind for finding in unread_ledgers(service)] == ["unread"]

        _take_down(service, 3)
        saving.save()
        assert unread_ledgers(service) == []


@contextmanager
def _marks_refused(service: Service) -> Iterator[None]:
    with service.database.writing() as connection:
        refuse = "CREATE TRIGGER refused BEFORE INSERT ON marks BEGIN SELECT RAISE(ABORT, 'no space'); END"
        connection.exec_driver_sql(refuse)
    yield
    with service.database.writing() as connection:
        connection.exec_driver_sql("DROP TRIGGER refused")


def _take_down(service: Service, number: int) -> None:
    service.take_downs.add(f"https://x{number}.example/", "a claim", by="bert", match="host")
