"""An export in jobs is the export of one process, byte for byte, and names what it leaves out."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from specimens.archives import FORUM, NEWS, SEGMENTS, read_texts

from archive.archive import Archive
from archive.database.schema import batches as batches_table
from archive.export import export_to
from archive.export.parts import part_plan
from archive.export.parts.making import IN_PARTS
from archive.export.parts.stored import ExportMissing, StoredExport, exports_in
from archive.index.objects import Objects
from archive.index.selection import Selection
from archive.intake.rebuild import Rebuild
from archive.store.memory import MemoryStore
from archive.texts.texts import Texts
from archive.values.digest import sha256
from archive.values.errors import IntegrityError
from archive.warc.keys import EXPORTS, export_prefix
from config.settings import load_settings
from pressmark.processes.reading.batches import BatchLoop
from pressmark.service.assembly import open_pressmark
from pressmark.service.readers import batches_of
from pressmark.service.service import Service
from pressmark.upkeep.audit import audit
from pressmark.upkeep.backup import Backup
from pressmark.upkeep.batches.export import ExportInJobs
from pressmark.upkeep.batches.exports_kept import (
    ExportTakenDown,
    complete_exports,
    delete_export,
    delete_old,
    fetch_export,
    request_export,
)
from pressmark.upkeep.batches.kinds import JobHalted, wrong_in
from pressmark.upkeep.batches.shapes import cancel
from pressmark.upkeep.batches.work import do_job
from pressmark.upkeep.exports import exporter_of, exports_of, selection_of
from scheduler.ledger.batch_values import Batch, BatchJob, LateWorker
from scheduler.ledger.batches import Batches


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """Provide the service of an archive with two files in the store, and their texts."""
    with open_pressmark(load_settings({"home": tmp_path / "home"})) as service:
        texts = Texts(service.database)
        archive = Archive(service.index, texts, service.store, read_texts=read_texts, sign=service.keys.sign)
        for segment in sorted(SEGMENTS.glob("*.warc.gz")):
            archive.ingest(segment)
        yield service


@pytest.fixture(autouse=True)
def parts_of_two_captures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(part_plan, "_FEWEST", 2)


def done(service: Service) -> None:
    """Do what is waiting, as a service with the role read does."""
    loop = BatchLoop(service)
    while loop.turn() == 0:
        pass


def exported(service: Service, form: str, *, posts: bool = False, **selection: object) -> Batch:
    batch, _ = request_export(service, form, selection, "somebody", posts=posts)
    done(service)
    return batches_of(service).get(batch.id)


def taken(batches: Batches) -> BatchJob:
    job = batches.claim("one")
    assert job is not None
    return job


FORMS: list[tuple[str, bool, str | None]] = [(form, False, None) for form in IN_PARTS]
FORMS += [
    ("jsonl", True, None),
    ("jsonl", False, "zst"),
    ("jsonl", True, "gz"),
    ("cdxj", False, "gz"),
    ("parquet", True, None),
]


@pytest.mark.parametrize(("form", "posts", "compress"), FORMS)
def test_an_export_in_jobs_is_that_of_one_process(
    service: Service, tmp_path: Path, form: str, posts: bool, compress: str | None
) -> None:
    batch = exported(service, form, posts=posts)
    manifest, fetched = fetch_export(service, batch.id, tmp_path / "parts", compress=compress)
    exporter = exporter_of(service, form, posts=posts, compress=compress)
    alone = export_to(exports_of(service), exporter, selection_of(service), tmp_path / "whole", now=batch.requested_at)

    assert len(manifest.parts) > 2
    assert (tmp_path / "parts").read_bytes() == (tmp_path / "whole").read_bytes()
    assert fetched.sha256 == alone.sha256
    totals = (manifest.captures, manifest.originals, manifest.missing)
    assert totals == (alone.totals.captures, alone.totals.originals, alone.totals.missing)


def test_the_name_of_the_file_says_how_it_is_compressed(service: Service, tmp_path: Path) -> None:
    batch = exported(service, "jsonl")
    fetch_export(service, batch.id, tmp_path / "plain.jsonl")
    fetch_export(service, batch.id, tmp_path / "packed.jsonl.gz")

    packed = (tmp_path / "packed.jsonl.gz").read_bytes()
    assert gzip.decompress(packed) == (tmp_path / "plain.jsonl").read_bytes() != b""


def test_an_export_of_nothing_is_that_of_one_process(service: Service, tmp_path: Path) -> None:
    batch = exported(service, "warc", url="https://nobody.example/")
    fetch_export(service, batch.id, tmp_path / "parts")
    nothing, warc = selection_of(service, url="https://nobody.example/"), exporter_of(service, "warc")
    export_to(exports_of(service), warc, nothing, tmp_path / "whole", now=batch.requested_at)

    assert (tmp_path / "parts").read_bytes() == (tmp_path / "whole").read_bytes() != b""


def test_a_part_that_two_processes_make_is_the_same_and_counts_once(service: Service) -> None:
    request_export(service, "wat", {}, "somebody")
    batches = batches_of(service)
    do_job(service, batches, taken(batches), lambda: False)
    first = taken(batches)
    do_job(service, batches, first, lambda: False)
    before = sorted(service.store.keys(EXPORTS))
    made = ExportInJobs(batches.get(first.batch)).part(service, first.name, lambda: False)
    with pytest.raises(LateWorker):
        batches.finish(first, made)
    done(service)
    manifest = StoredExport(service.store, first.batch).manifest()

    assert made["key"] in before
    assert [part.key for part in manifest.parts].count(made["key"]) == 1


def test_a_process_that_is_stopped_gives_its_part_to_another(service: Service, tmp_path: Path) -> None:
    batch, _ = request_export(service, "warc", {}, "somebody")
    batches = batches_of(service)
    for stops in (True, False):
        job = taken(batches)
        if stops:
            with pytest.raises(JobHalted):
                do_job(service, batches, job, lambda: True)
            batches.give_back(job)
        else:
            do_job(service, batches, job, lambda: False)
    part = taken(batches)
    with pytest.raises(JobHalted):
        do_job(service, batches, part, lambda: True)
    batches.give_back(part)
    assert not [key for key in service.store.keys(EXPORTS) if ".part." in key]
    done(service)

    assert fetch_export(service, batch.id, tmp_path / "out")[0].captures == 7


def test_a_damaged_capture_is_left_out_and_named(service: Service, tmp_path: Path) -> None:
    first = min((service.settings.home / "store" / "warc").rglob("*.warc.gz"))
    first.chmod(0o644)
    first.write_bytes(first.read_bytes()[:-9])
    batch = exported(service, "warc")
    manifest, _ = fetch_export(service, batch.id, tmp_path / "parts")
    now = batch.requested_at
    alone = export_to(exports_of(service), exporter_of(service, "warc"), Selection(), tmp_path / "whole", now=now)
    named = [(finding["file"], finding["offset"]) for finding in manifest.left_out]

    assert named == [(finding.file, finding.offset) for finding in alone.left_out] != []
    assert (tmp_path / "parts").read_bytes() == (tmp_path / "whole").read_bytes()
    assert (batch.result or {})["wrong"] == len(named)
    assert sum(len(one.findings) for one in wrong_in(batches_of(service).results(batch.id))) == len(named)


def test_what_is_taken_down_before_is_left_out_and_counted_and_what_is_taken_down_since_refuses_the_export(
    service: Service, tmp_path: Path
) -> None:
    service.take_downs.add(FORUM, "a court order", by="ada")
    batch = exported(service, "jsonl")
    manifest, _ = fetch_export(service, batch.id, tmp_path / "before")
    assert (manifest.captures, manifest.hidden) == (6, 1)
    assert "forum" not in (tmp_path / "before").read_text()
    since = service.take_downs.add(NEWS, "a request", by="ada")
    with pytest.raises(ExportTakenDown, match="3 captures"):
        fetch_export(service, batch.id, tmp_path / "after")
    assert not (tmp_path / "after").exists()
    service.take_downs.lift(since.id, by="ada")

    fetch_export(service, batch.id, tmp_path / "after")
    assert (tmp_path / "after").read_bytes() == (tmp_path / "before").read_bytes()


def test_a_take_down_between_the_plan_and_a_part_changes_no_byte_of_it(service: Service, tmp_path: Path) -> None:
    batch, _ = request_export(service, "jsonl", {}, "somebody")
    batches = batches_of(service)
    do_job(service, batches, taken(batches), lambda: False)
    meanwhile = service.take_downs.add(FORUM, "a mistake", by="ada")
    done(service)
    service.take_downs.lift(meanwhile.id, by="ada")
    fetch_export(service, batch.id, tmp_path / "out")
    rows = map(json.loads, (tmp_path / "out").read_bytes().splitlines())
    [row] = [row for row in rows if row["url"] == FORUM]

    assert row["text"]


def test_a_fetch_that_failed_continues_after_the_last_whole_part_and_a_damaged_part_is_named(
    service: Service, tmp_path: Path
) -> None:
    batch = exported(service, "warc")
    manifest, _ = fetch_export(service, batch.id, tmp_path / "whole")
    second = service.settings.home / "store" / manifest.parts[1].key
    sound = second.read_bytes()
    second.chmod(0o644)
    second.write_bytes(sound[:-1] + bytes([sound[-1] ^ 1]))

    with pytest.raises(IntegrityError, match=f"{manifest.parts[1].key} is damaged; delete the export {batch.id}"):
        fetch_export(service, batch.id, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    second.write_bytes(sound)
    first = service.settings.home / "store" / manifest.parts[0].key
    first.unlink()  # the control: it is not fetched again
    _, fetched = fetch_export(service, batch.id, tmp_path / "out")

    assert fetched.resumed
    assert (tmp_path / "out").read_bytes() == (tmp_path / "whole").read_bytes()


def test_an_export_in_the_store_is_not_archived_data(service: Service) -> None:
    checked = [one.name for one in audit(service)]
    batch = exported(service, "warc")
    assert any(service.store.keys(EXPORTS))
    service.index.note_keys(service.store.keys())
    backup = MemoryStore()
    Backup(service.settings, backup, now=service.now).make()

    assert [one.name for one in audit(service)] == checked
    assert not Objects(service.database).known(EXPORTS)
    assert list(backup.keys("warc/"))
    assert not list(backup.keys(EXPORTS))
    Rebuild(service.store, service.index).run()
    assert not Objects(service.database).known(EXPORTS)
    assert batch.outcome == "done"


def test_exports_end_after_their_time_and_when_they_are_cancelled(service: Service) -> None:
    batches, old = batches_of(service), exported(service, "jsonl")
    cancelled, _ = request_export(service, "warc", {}, "somebody")
    do_job(service, batches, taken(batches), lambda: False)
    cancel(service, cancelled.id)
    assert exports_in(service.store) == [old.id]
    StoredExport(service.store, cancelled.id).put(1, io.BytesIO(b"late"), ".warc.gz")
    StoredExport(service.store, "export-20200101000000-abcdef").put(1, io.BytesIO(b"unknown"), ".warc.gz")
    delete_old(service)
    assert exports_in(service.store) == [old.id]
    with service.database.writing() as connection:
        ago = service.now() - service.settings.litter.exports - timedelta(hours=1)
        connection.execute(batches_table.update().values(ended_at=ago))
    delete_old(service)

    assert exports_in(service.store) == []
    with pytest.raises(ExportMissing):
        delete_export(service, "audit-20200101000000-abcdef")


def test_a_damaged_manifest_is_named_with_the_way_out(service: Service) -> None:
    id_, other = "export-20260101000000-abcdef", exported(service, "jsonl")
    service.store.put(f"{export_prefix(id_)}manifest.json", io.BytesIO(b"{}"), sha256(b"{}"))
    with pytest.raises(IntegrityError, match=f"delete the export {id_}, and request it again"):
        complete_exports(service)
    delete_export(service, id_)

    assert [one.id for one, _ in complete_exports(service)] == [other.id]
