"""A purge that is killed or loses the store is ended by the service, of the confirmed records alone."""

from __future__ import annotations

import gzip
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import figure
from services.in_threads import in_thread
from services.reading_house import CLOSED, OPEN, REASON, furnished, warc
from sqlalchemy import insert, select

from archive.database.marks import Marks
from archive.database.schema import machine_texts, metadata, watch_hits
from archive.intake.purge import Purge
from archive.intake.rebuild import Rebuild
from archive.store.local import LocalStore
from archive.texts.snapshot_notes import SnapshotNotes
from archive.values.capture import SCREENSHOT
from archive.values.errors import PurgeUnderWay, StoreUnreachable
from config.settings import Settings
from pressmark.cli import main
from pressmark.service.access.purges import Purges, carry_on_purges, unfinished
from pressmark.service.assembly import open_pressmark
from pressmark.service.service import Service
from pressmark.upkeep.audit import audit
from pressmark.upkeep.conditions import conditions
from pressmark.upkeep.ledger.restoring import restore
from pressmark.upkeep.ledger.saving import LedgerSaving
from scheduler.notices.machine_texts import MachineTexts

PROGRAM = Path(__file__).parents[3] / "programs" / "dying_purge.py"
LAST = 45


@pytest.fixture(scope="module")
def furnished_home(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    home = furnished(tmp_path_factory.mktemp("house"))
    for file in (home / "items").rglob("*.jsonl"):
        file.unlink()
    with open_pressmark(Settings(home=home)) as service:
        return home, service.take_downs.add(CLOSED, REASON, by="ada").id


@pytest.fixture
def home(furnished_home: tuple[Path, str], tmp_path: Path) -> Path:
    return Path(shutil.copytree(furnished_home[0], tmp_path / "home"))


def purge(service: Service, id_: str) -> None:
    purges = Purges(service)
    purges.run(id_, purges.plan(id_).token, by="ada", origin="test")


def holds_secret(home: Path) -> bool:
    return any(b"Zanzibarite" in gzip.decompress(path.read_bytes()) for path in (home / "store").rglob("*.gz"))


def counted(home: Path) -> tuple[int, int]:
    with open_pressmark(Settings(home=home)) as service:
        return len(list(service.index.captures(CLOSED))), len(list(service.index.captures(OPEN)))


def trail(service: Service) -> list[tuple[str, str, str]]:
    rows = [row.entry for row in service.access.trail.newest(limit=20)]
    return [(row.who, row.origin, row.outcome) for row in rows if row.action == "purge"]


@pytest.mark.parametrize("number", figure([16], range(1, 36), range(1, LAST)))
def test_a_purge_that_is_killed_is_ended_by_the_service(
    furnished_home: tuple[Path, str], home: Path, number: int
) -> None:
    id_ = furnished_home[1]
    done = subprocess.run([sys.executable, str(PROGRAM), str(home), id_, str(number)], check=False)
    killed, held = counted(home), holds_secret(home)
    with open_pressmark(Settings(home=home)) as service:
        was_ordered = bool(trail(service))
        carry_on_purges(service)
        left = unfinished(service)
        findings = [finding for checked in audit(service) for finding in checked.findings]
        Rebuild(service.store, service.index).run()
        rebuilt = len(list(service.index.captures(CLOSED))), len(list(service.index.captures(OPEN)))

    assert done.returncode in (-signal.SIGKILL, 0)
    assert held or number > 12  # the control: so early, nothing is deleted
    assert killed in ((1, 1), (0, 1))
    assert (left, findings) == ({}, [])
    assert rebuilt == (0, 1) or (rebuilt == (1, 1) and not was_ordered)
    assert holds_secret(home) is (rebuilt == (1, 1))


@pytest.mark.costly
def test_a_purge_whose_store_fails_is_ended_later_of_the_confirmed_records_alone(
    furnished_home: tuple[Path, str], home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    id_ = furnished_home[1]
    with open_pressmark(Settings(home=home)) as service:
        confirmed = Purges(service).plan(id_)
        with monkeypatch.context() as away:
            away.setattr(LocalStore, "put", _unreachable)
            with pytest.raises(StoreUnreachable):
                Purges(service).run(id_, confirmed.token, by="ada", origin="192.0.2.1")
        [state] = [one.sentence for one in conditions(service) if one.state == "purge-unfinished"]
    with pytest.raises(SystemExit):  # another capture of the page comes in meanwhile
        later = warc(tmp_path / "later.warc", CLOSED, "Zanzibarite again")
        later.write_bytes(later.read_bytes().replace(b"2026-01-31T12", b"2026-01-31T13"))
        main(["--home", str(home), "ingest", "--collection", "closed", str(later)])
    with open_pressmark(Settings(home=home)) as service:
        carry_on_purges(service)
        left = [one.record_id for one in service.index.captures(CLOSED)]
        rows, unfinished_now = trail(service), unfinished(service)

    assert "orders: 1" in state
    assert len(left) == 1
    assert left[0] not in confirmed.records
    assert rows == [("ada", "service", "done"), ("ada", "192.0.2.1", "begun")]
    assert unfinished_now == {}


def _unreachable(*_: object, **__: object) -> None:
    raise StoreUnreachable("the cable is out")


@pytest.mark.costly
def test_a_take_down_that_is_lifted_meanwhile_ends_its_order_and_the_trail_says_so(
    furnished_home: tuple[Path, str], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    id_ = furnished_home[1]
    with open_pressmark(Settings(home=home)) as service:
        with monkeypatch.context() as away:
            away.setattr(LocalStore, "put", _unreachable)
            with pytest.raises(StoreUnreachable):
                purge(service, id_)
        service.take_downs.lift(id_, by="ada")
        carry_on_purges(service)

        assert trail(service) == [("ada", "service", "refused"), ("ada", "test", "begun")]
        assert unfinished(service) == {}
        assert len(list(service.index.captures(CLOSED))) == 1


@pytest.mark.costly
@pytest.mark.parametrize("why", ["damaged", "another purge"])
def test_a_refused_purge_leaves_no_order(
    furnished_home: tuple[Path, str], home: Path, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    from archive.index.purges.locks import purging
    from archive.values.errors import IntegrityError

    id_ = furnished_home[1]
    with open_pressmark(Settings(home=home)) as service:
        if why == "damaged":
            [capture] = service.index.captures(CLOSED)
            key = (service.index.resting(capture.location.segment) or ("", ""))[1]
            file = next(path for path in (home / "store").rglob("*.warc.gz") if path.name in str(key))
            file.chmod(0o600)
            file.write_bytes(file.read_bytes()[:-1] + b"x")
            with pytest.raises(IntegrityError):
                purge(service, id_)
        else:
            with purging(service.database), pytest.raises(PurgeUnderWay):
                purge(service, id_)

        assert [outcome for _, _, outcome in trail(service)] == (["refused", "begun"] if why == "damaged" else [])
        assert unfinished(service) == {}
        assert len(list(service.index.captures(CLOSED))) == 1
        assert len(list(service.index.captures(SCREENSHOT, match="prefix"))) == 2  # nothing of it was done


class _Killed(BaseException):
    """What ends a purge as a kill does: nothing tidies up after it."""


@pytest.mark.costly
@pytest.mark.parametrize("whom", ["the same person again", "the service"])
def test_an_order_that_is_being_carried_out_is_neither_ended_nor_deleted_by_another_caller(
    furnished_home: tuple[Path, str], home: Path, monkeypatch: pytest.MonkeyPatch, whom: str
) -> None:
    id_, rewrite, others = furnished_home[1], Purge._rewrite, list[BaseException | None]()
    with open_pressmark(Settings(home=home)) as service:

        def again() -> None:
            if whom == "the service":
                carry_on_purges(service)
            else:
                purges = Purges(service)
                purges.run(id_, purges.plan(id_).token, by="ada", origin="test")

        def rewritten(self: Purge, *facts: Any, **more: Any) -> None:
            if rewriting:
                raise _Killed
            rewriting.append(1)
            others.append(in_thread(again))
            rewrite(self, *facts, **more)

        rewriting = list[int]()
        with monkeypatch.context() as killing, pytest.raises(_Killed):
            killing.setattr(Purge, "_rewrite", rewritten)
            purge(service, id_)
        left = unfinished(service)["orders"]
        carry_on_purges(service)

        assert left == 1
        assert [type(one) for one in others] == [type(None) if whom == "the service" else PurgeUnderWay]
        assert trail(service) == [("ada", "service", "done"), ("ada", "test", "begun")]
        assert unfinished(service) == {}
        assert list(service.index.captures(CLOSED)) == []


@pytest.mark.costly
def test_an_order_that_the_service_carries_out_is_not_refused_to_who_gave_it(
    furnished_home: tuple[Path, str], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The service would take up an order as soon as it is written; so an order is written under the lock of purges."""
    id_, put, raised = furnished_home[1], Marks.put, list[BaseException | None]()
    with open_pressmark(Settings(home=home)) as service:

        def written(self: Marks, name: str, value: str) -> str:
            found = put(self, name, value)
            raised.append(in_thread(Purges(service).resume))
            return found

        with monkeypatch.context() as meanwhile:
            meanwhile.setattr(Marks, "put", written)
            purge(service, id_)

        assert [type(one) for one in raised[:1]] == [PurgeUnderWay]
        assert trail(service) == [("ada", "test", "done"), ("ada", "test", "begun")]


@pytest.mark.costly
def test_a_purge_takes_notes_marks_and_checks_and_no_restoration_brings_them_back(
    furnished_home: tuple[Path, str], home: Path
) -> None:
    id_ = furnished_home[1]
    with open_pressmark(Settings(home=home)) as service:
        [capture] = service.index.captures(CLOSED)
        notes, checks = SnapshotNotes(service.database), Marks(service.database, "qa/")
        checks.set(f"{capture.run}/{capture.record_id}", "{}")
        read = Marks(service.database, "reading/")
        read.set_all({f"ada/read/{capture.record_id}": "", "ada/star/<urn:uuid:other>": ""})
        before = set(notes.tags())
        sentences = hits_with_summaries(service, capture.record_id, "<urn:uuid:other>")
        LedgerSaving(service).save()
        purge(service, id_)
        after, left = notes.get(capture.record_id), checks.all()
        restore(service)
        restored = notes.get(capture.record_id), set(notes.tags())
        still_read = list(read.all())
        summarized = set(MachineTexts(service.database).of(sentences))
        naming = tables_naming(service, capture.record_id)

    assert (before, after, left) == ({"ordinary", "zanzibarite"}, None, {})
    assert restored == (None, {"ordinary"})
    assert still_read == ["ada/star/<urn:uuid:other>"]
    assert summarized == {sentences[1]}
    assert naming == {"marks"}  # that it was purged


def hits_with_summaries(service: Service, *records: str) -> list[int]:
    """Add a hit of a watch in each record, with what a language model wrote of it."""
    now = service.now()
    said = {"watch": "w", "event": 1, "found_at": now, "at": now, "source": "s", "url": CLOSED, "novelty": "new"}
    said |= {"phrase": "zanzibarite", "sentence": "Zanzibarite!"}
    made = {"kind": "summary", "language": "", "model": "m", "state": "made", "text": "Zanzibarite.", "tries": 1}
    ids = list(range(901, 901 + len(records)))
    with service.database.writing() as connection:
        for number, record in zip(ids, records, strict=True):
            connection.execute(insert(watch_hits), {**said, "id": number, "number": number, "record_id": record})
            connection.execute(insert(machine_texts), {**made, "hit": number, "at": now})
    return ids


def tables_naming(service: Service, record: str) -> set[str]:
    """Return the tables with a row that has the id of a record."""
    with service.database.reading() as connection:
        found = ((table.name, connection.execute(select(table))) for table in metadata.sorted_tables)
        return {name for name, rows in found for row in rows if any(record in str(value) for value in row)}
