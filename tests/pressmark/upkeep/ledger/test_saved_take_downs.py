"""What people took down is saved in the store, and taken down on a new machine, too."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from specimens.archives import SEGMENTS

from config.settings import Settings, load_settings
from pressmark.cli import main
from pressmark.processes.index_repair import IndexRepair
from pressmark.service.access.take_downs import covering
from pressmark.service.assembly import open_pressmark
from pressmark.service.service import Service
from pressmark.upkeep.ledger.restoring import restore
from pressmark.upkeep.ledger.saving import LedgerSaving
from scheduler import unsaved
from scheduler.ledger.take_downs import TakeDowns

PAGE, SITE = "https://a.example/private", "https://b.example/"


def test_take_downs_are_restored_as_they_are_now(service: Service, new: Service) -> None:
    page = service.take_downs.add(PAGE, "a request of the author", by="ada", until="2099")
    saving = LedgerSaving(service)
    saving.save()
    service.take_downs.add(SITE, "a court order", by="bert", match="host")
    service.take_downs.lift(page.id, by="carl")
    saving.save()

    assert covering(new.take_downs.active(), SITE) is None  # the control
    assert restore(new).rows.take_downs == 2
    assert TakeDowns(new.database).all() == TakeDowns(service.database).all()
    again = service.take_downs.all()
    assert [(one.url, one.lifted_by) for one in again] == [(SITE, None), (PAGE, "carl")]
    assert restore(new).rows.take_downs == 0


def test_take_downs_that_nobody_noted_are_saved_with_everything_else(service: Service, new: Service) -> None:
    service.take_downs.add(SITE, "a court order", by="bert", match="host")
    with service.database.reading() as connection:
        noted = unsaved.changes(connection)
    unsaved.saved(service.database, noted)
    LedgerSaving(service).save()  # which notes everything in a home that it never saved

    assert restore(new).rows.take_downs == 1


@pytest.fixture
def lost(tmp_path: Path) -> Settings:
    """The settings of a home with a site that is taken down; its database is lost."""
    settings = load_settings({"home": tmp_path / "home", "spool.ballast": "0B"})
    with open_pressmark(settings) as service:
        service.archive.ingest(next(iter(sorted(SEGMENTS.glob("*.warc.gz")))))
        service.take_downs.add(SITE, "a court order", by="bert", match="host")
        LedgerSaving(service).save()
    (settings.home / "pressmark.db").unlink()
    return settings


def test_a_new_database_has_the_take_downs_before_it_has_captures(lost: Settings) -> None:
    with open_pressmark(lost) as service:
        healing = IndexRepair(service)
        healing.stop()  # so it indexes nothing: the negative control of the next turn
        healing._turn()
        assert [one.url for one in service.take_downs.all()] == [SITE]
        assert service.index.segments() == []
        IndexRepair(service)._turn()
        assert len(service.index.segments()) == 1


def test_a_damaged_ledger_is_named_and_read_again_at_the_next_turn(
    lost: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    [part] = [file for file in (lost.home / "store" / "ledger").rglob("*") if file.is_file()]
    healthy = part.read_bytes()
    part.write_bytes(healthy[:-9])
    with open_pressmark(lost) as service:
        IndexRepair(service)._turn()
        assert service.take_downs.all() == []
        [told] = [str(vars(record).get("reason")) for record in caplog.records]
        assert "some take-downs may be unknown" in told
        part.write_bytes(healthy)
        IndexRepair(service)._turn()
        assert [one.url for one in service.take_downs.all()] == [SITE]


def test_a_lost_table_of_marks_lifts_nothing_for_good(lost: Settings) -> None:
    with open_pressmark(lost) as service:
        IndexRepair(service)._turn()
        with service.database.writing() as connection:
            connection.exec_driver_sql("DROP TABLE marks")
    with open_pressmark(lost) as service:
        assert service.take_downs.all() == []  # the control
        IndexRepair(service)._turn()
        assert covering(service.take_downs.active(), SITE) is not None


def test_a_lifted_take_down_stays_lifted_when_take_downs_are_restored(lost: Settings) -> None:
    with open_pressmark(lost) as service:
        IndexRepair(service)._turn()
        [one] = service.take_downs.all()
        service.take_downs.lift(one.id, by="ada")
        IndexRepair(service)._turn()
        assert covering(service.take_downs.active(), SITE) is None


def test_rebuild_restores_take_downs_and_counts_them(lost: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--home", str(lost.home), "rebuild", "--json"])
    assert not ended.value.code
    assert json.loads(capsys.readouterr().out)["take_downs"] == 1
    with open_pressmark(lost) as service:
        assert [one.url for one in service.take_downs.all()] == [SITE]
