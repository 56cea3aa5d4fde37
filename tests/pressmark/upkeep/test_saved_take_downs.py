"""What people took down is saved in the store, and taken down on a new machine, too."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from config.settings import load_settings
from pressmark.service.assembly import open_pressmark
from pressmark.service.service import Service
from pressmark.upkeep.ledger_restoring import restore
from pressmark.upkeep.ledger_saving import LedgerSaving
from scheduler import unsaved
from scheduler.ledger.take_downs import TakeDowns

PAGE, SITE = "https://a.example/private", "https://b.example/"


def opened(home: Path, store: Path) -> Iterator[Service]:
    with open_pressmark(load_settings({"home": home, "store": str(store), "spool.ballast": "0B"})) as service:
        yield service


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    yield from opened(tmp_path / "home", tmp_path / "store")


@pytest.fixture
def new(tmp_path: Path) -> Iterator[Service]:
    """Another machine with the same store."""
    yield from opened(tmp_path / "new", tmp_path / "store")


def test_take_downs_are_restored_as_they_are_now(service: Service, new: Service) -> None:
    page = service.take_downs.add(PAGE, "a request of the author", by="ada", until="2099")
    saving = LedgerSaving(service)
    saving.save()
    service.take_downs.add(SITE, "a court order", by="bert", match="host")
    service.take_downs.lift(page.id, by="carl")
    saving.save()

    assert new.take_downs.covering(SITE) is None  # the control
    assert restore(new).rows.take_downs == 2
    assert TakeDowns(new.database).all() == TakeDowns(service.database).all()
    again = service.take_downs.all()
    assert [(one.url, one.lifted_by) for one in again] == [(SITE, None), (PAGE, "carl")]
    assert restore(new).rows.take_downs == 0


def test_take_downs_that_nobody_noted_are_saved_with_everything_else(service: Service, new: Service) -> None:
    service.take_downs.add(SITE, "a court order", by="bert", match="host")
    with service.database.writing() as connection:
        unsaved.saved(connection, unsaved.changes(connection))
    LedgerSaving(service).save()  # which notes everything in a home that it never saved

    assert restore(new).rows.take_downs == 1
