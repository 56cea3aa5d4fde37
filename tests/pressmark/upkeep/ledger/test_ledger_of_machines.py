"""The source files of several machines on one database: each saves its own, and deletes none of another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from services.postgresql import EMPTY, PostgresServer

from archive.shipping.ledger_reading import read_ledger
from config.settings import load_settings
from pressmark.service.assembly import open_pressmark
from pressmark.service.service import Service
from pressmark.upkeep.ledger.restoring import restore
from pressmark.upkeep.ledger.saving import LedgerSaving

pytestmark = pytest.mark.postgresql
Machine = Callable[[str], AbstractContextManager[Service]]


@pytest.fixture
def machine(tmp_path: Path, postgresql: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    """Open the service of a machine, whose worker has its name, on an empty database."""

    def opened(name: str) -> AbstractContextManager[Service]:
        settings = {"home": tmp_path / name, "store": str(tmp_path / "store"), "worker.name": name}
        return open_pressmark(load_settings(settings))

    with postgresql.database(EMPTY) as url:
        monkeypatch.setenv("PRESSMARK_DATABASE", url)
        yield opened


def write(service: Service, name: str, host: str = "example.org") -> Path:
    service.settings.sources.mkdir(exist_ok=True)
    file = service.settings.sources / f"{name}.yaml"
    file.write_text(f"source: {name}\nseeds: https://{host}/\n")
    return file


def saved(service: Service) -> list[tuple[str, str, bool]]:
    """Return the file, the worker, and whether there is a text, of each version in the store."""
    with read_ledger(service.store) as ledger:
        return [(one.key[0], one.key[2], one.value["text"] is not None) for one in ledger.records("source")]


def test_a_worker_deletes_no_source_file_of_another_machine(machine: Machine) -> None:
    with machine("first") as first, machine("second") as second:
        write(first, "ours")
        file = write(second, "theirs")
        for service in (first, second, first, second):
            LedgerSaving(service).save()
        assert saved(first) == [("ours.yaml", "first", True), ("theirs.yaml", "second", True)]

        file.unlink()
        for service in (first, second):
            LedgerSaving(service).save()
        assert saved(first)[1:] == [("theirs.yaml", "second", True), ("theirs.yaml", "second", False)]
    with machine("new") as new:
        assert restore(new).sources == 1
        assert [file.name for file in new.settings.sources.glob("*.yaml")] == ["ours.yaml"]


def test_a_source_file_is_restored_while_one_machine_still_has_it(machine: Machine) -> None:
    with machine("first") as first, machine("second") as second:
        for service in (first, second):
            write(service, "both", host=f"{service.settings.worker.name}.example.org")
            LedgerSaving(service).save()
        (second.settings.sources / "both.yaml").unlink()
        LedgerSaving(second).save()
    with machine("new") as new:
        restore(new)
        assert "https://first.example.org/" in (new.settings.sources / "both.yaml").read_text()
        assert not LedgerSaving(new).save()
        (new.settings.sources / "both.yaml").unlink()
        assert LedgerSaving(new).save()
        assert saved(new)[-1] == ("both.yaml", "new", False)
