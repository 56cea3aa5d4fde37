"""A purge deletes the exports in the store that have what it deletes, and leaves the others."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from services.reading_house import CLOSED, OPEN, REASON, warc
from sqlalchemy import select

from archive.database.schema import audit_trail
from archive.export.parts.stored import StoredExport, exports_in
from archive.intake.purge import Purge
from archive.values.errors import PurgeRefused
from config.settings import load_settings
from pressmark.processes.reading.batches import BatchLoop
from pressmark.service.access.purges import Purges
from pressmark.service.assembly import open_pressmark
from pressmark.service.readers import batches_of
from pressmark.service.service import Service
from pressmark.upkeep.batches.export import ExportInJobs
from pressmark.upkeep.batches.exports_kept import request_export
from pressmark.upkeep.batches.kinds import Halted
from pressmark.upkeep.batches.work import do_job
from scheduler.ledger.batch_values import BatchJob, LateWorker
from scheduler.ledger.batches import Batches


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """Provide the service of an archive with two pages, one of which will be purged."""
    with open_pressmark(load_settings({"home": tmp_path / "home"})) as service:
        for name, url, word in (("a", CLOSED, "Zanzibarite"), ("b", OPEN, "Ordinary")):
            service.archive.ingest(warc(tmp_path / name, url, word))
        yield service


def exported(service: Service, url: str | None = None) -> str:
    batch, _ = request_export(service, "warc", {"url": url}, "somebody")
    loop = BatchLoop(service)
    while loop.turn() == 0:
        pass
    return batch.id


def taken(batches: Batches) -> BatchJob:
    job = batches.claim("one")
    assert job is not None
    return job


def purge(service: Service) -> None:
    id_, purges = service.take_downs.add(CLOSED, REASON, by="ada").id, Purges(service)
    purges.run(id_, purges.plan(id_).token, by="ada", origin="test")


def holds_secret(service: Service) -> bool:
    store = service.settings.home / "store"
    return any(b"Zanzibarite" in gzip.decompress(path.read_bytes()) for path in store.rglob("*.gz"))


def test_a_purge_deletes_the_exports_that_have_it_and_no_others(service: Service) -> None:
    all_, other = exported(service), exported(service, OPEN)
    assert exports_in(service.store) == sorted([all_, other])
    purge(service)

    assert exports_in(service.store) == [other]
    assert not holds_secret(service)
    with service.database.reading() as connection:
        [noted] = connection.execute(select(audit_trail.c.after).where(audit_trail.c.outcome == "done")).scalars()
    assert all_ in noted and other not in noted


def test_a_purge_deletes_an_export_whose_plan_can_not_be_read(service: Service) -> None:
    other = exported(service, OPEN)
    [plan] = (service.settings.home / "store").rglob("*.plan.jsonl.zst")
    plan.chmod(0o644)
    plan.write_bytes(b"torn")
    purge(service)

    assert exports_in(service.store) == []
    assert batches_of(service).get(other).outcome == "done"


def test_an_export_that_a_purge_overtakes_is_cancelled_and_what_a_late_process_puts_is_deleted(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch, _ = request_export(service, "warc", {}, "somebody")
    batches, make, seen = batches_of(service), ExportInJobs.part, list[bool]()

    def overtaken(self: ExportInJobs, service: Service, name: str, halted: Halted) -> Mapping[str, Any]:
        """The upload of the file ends after the purge."""
        made = make(self, service, name, halted)
        [file] = (service.settings.home / "store").rglob("*.part.warc.gz")
        octets = file.read_bytes()
        purge(service)
        seen.append(bool(exports_in(service.store)))
        StoredExport(service.store, batch.id).put(1, io.BytesIO(octets), ".warc.gz")
        seen.append(holds_secret(service))
        return made

    monkeypatch.setattr(ExportInJobs, "part", overtaken)
    do_job(service, batches, taken(batches), lambda: False)
    do_job(service, batches, taken(batches), lambda: False)

    assert seen == [False, True]
    assert (batches.get(batch.id).outcome, exports_in(service.store)) == ("cancelled", [])
    assert not holds_secret(service)


def test_an_export_that_is_being_planned_while_a_purge_ends_is_cancelled(service: Service) -> None:
    batch, _ = request_export(service, "warc", {}, "somebody")
    batches = batches_of(service)
    plan = taken(batches)
    purge(service)

    assert batches.get(batch.id).outcome == "cancelled"
    do_job(service, batches, plan, lambda: False)
    assert exports_in(service.store) == []


def test_a_purge_that_stops_halfway_deletes_the_exports_that_have_what_it_has_deleted(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = warc(tmp_path / "later", CLOSED, "another")
    later.write_bytes(later.read_bytes().replace(b"2026-01-31T12", b"2026-01-31T13"))
    service.archive.ingest(later)
    all_, other = exported(service), exported(service, OPEN)
    rewrite = Purge._rewrite

    def lifted(self: Purge, *facts: Any, **more: Any) -> None:
        rewrite(self, *facts, **more)
        [one] = service.take_downs.all()
        service.take_downs.lift(one.id, by="bert")

    monkeypatch.setattr(Purge, "_rewrite", lifted)
    with pytest.raises(PurgeRefused):
        purge(service)

    assert len(list(service.index.captures(CLOSED))) == 1
    assert exports_in(service.store) == [other]
    with service.database.reading() as connection:
        [noted] = connection.execute(select(audit_trail.c.after).where(audit_trail.c.outcome == "refused")).scalars()
    assert all_ in noted


def test_what_a_late_process_puts_is_deleted_when_the_export_was_over_before_the_purge(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch, _ = request_export(service, "warc", {}, "somebody")
    batches, make = batches_of(service), ExportInJobs.part
    do_job(service, batches, taken(batches), lambda: False)
    late = taken(batches)

    def overtaken(self: ExportInJobs, service: Service, name: str, halted: Halted) -> Mapping[str, Any]:
        """Others do the job, and end the export, while this upload stands still; then comes the purge."""
        monkeypatch.setattr(ExportInJobs, "part", make)
        made = make(self, service, name, halted)
        [file] = (service.settings.home / "store").rglob("*.part.warc.gz")
        octets = file.read_bytes()
        batches.give_back(late)
        exported(service)
        purge(service)
        StoredExport(service.store, batch.id).put(1, io.BytesIO(octets), ".warc.gz")
        assert holds_secret(service)
        return made

    monkeypatch.setattr(ExportInJobs, "part", overtaken)
    with pytest.raises(LateWorker):
        do_job(service, batches, late, lambda: False)

    assert batches.get(batch.id).outcome == "done"
    assert exports_in(service.store) == []
    assert not holds_secret(service)
