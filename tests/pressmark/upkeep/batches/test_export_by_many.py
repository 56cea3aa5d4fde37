"""Exports in jobs of which one process is killed, or which two machines share, lose and double nothing."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import figure
from services.buckets import store_in
from services.postgresql import EMPTY, PostgresServer
from specimens.archives import SEGMENTS, read_texts

from archive.archive import Archive
from archive.database.schema import batch_jobs
from archive.export import export_to
from archive.export.parts import part_plan
from archive.export.parts.making import IN_PARTS
from archive.export.parts.stored import StoredExport
from archive.store.s3 import S3Settings
from archive.texts.texts import Texts
from archive.warc.keys import EXPORTS
from config.settings import load_settings
from pressmark.processes.reading.batches import BatchLoop
from pressmark.service.assembly import open_pressmark
from pressmark.service.readers import batches_of
from pressmark.service.service import Service
from pressmark.upkeep.batches.exports_kept import fetch_export, request_export
from pressmark.upkeep.exports import exporter_of, exports_of, selection_of

PROGRAM = Path(__file__).parents[3] / "programs" / "dying_export.py"
pytestmark = pytest.mark.costly


@pytest.fixture(autouse=True)
def parts_of_two_captures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(part_plan, "_FEWEST", 2)


def filled(service: Service) -> None:
    texts = Texts(service.database)
    archive = Archive(service.index, texts, service.store, read_texts=read_texts, sign=service.keys.sign)
    for segment in sorted(SEGMENTS.glob("*.warc.gz")):
        archive.ingest(segment)


def done(service: Service) -> None:
    loop = BatchLoop(service)
    while loop.turn() == 0:
        pass


def check(service: Service, id_: str, form: str, directory: Path) -> None:
    """Fetch an export, and compare it with that of one process. Each part that it names is there once."""
    at = batches_of(service).get(id_).requested_at
    manifest, _ = fetch_export(service, id_, directory / f"parts-{form}")
    export_to(exports_of(service), exporter_of(service, form), selection_of(service), directory / form, now=at)
    assert (directory / f"parts-{form}").read_bytes() == (directory / form).read_bytes()
    keys = [part.key for part in manifest.parts]
    assert len(set(keys)) == len(keys) > 2
    assert set(keys) <= set(service.store.keys(EXPORTS))


def lease_over(service: Service) -> None:
    with service.database.writing() as connection:
        for row in connection.execute(batch_jobs.select().where(batch_jobs.c.until.is_not(None))).all():
            mine = (batch_jobs.c.batch == row.batch, batch_jobs.c.name == row.name)
            connection.execute(batch_jobs.update().where(*mine).values(until=row.until - timedelta(seconds=121)))


@pytest.mark.parametrize("number", figure([9], range(3, 45, 6), range(1, 60)))
def test_an_export_whose_process_is_killed_before_a_write_is_ended_by_another(tmp_path: Path, number: int) -> None:
    home = tmp_path / "home"
    with open_pressmark(load_settings({"home": home})) as service:
        filled(service)
        batch, _ = request_export(service, "wat", {}, "somebody")
    killed = subprocess.run([sys.executable, str(PROGRAM), str(home), str(number)], check=False)
    with open_pressmark(load_settings({"home": home})) as service:
        lease_over(service)
        done(service)
        check(service, batch.id, "wat", tmp_path)
        assert StoredExport(service.store, batch.id).delete() > 0
        assert not list(service.store.keys(EXPORTS))

    assert killed.returncode in (-signal.SIGKILL, 0)
    assert killed.returncode or number > 14  # the control: so early, the export is not over


@pytest.fixture
def machines(
    tmp_path: Path, postgresql: PostgresServer, bucket: S3Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[list[Service]]:
    """Provide the services of two machines with one PostgreSQL and one bucket."""
    with postgresql.database(EMPTY) as url, ExitStack() as stack:
        for name, value in {**store_in(bucket), "PRESSMARK_DATABASE": url}.items():
            monkeypatch.setenv(name, value)
        homes = (load_settings({"home": tmp_path / name}) for name in ("one", "two"))
        yield [stack.enter_context(open_pressmark(each)) for each in homes]


@pytest.mark.postgresql
@pytest.mark.s3
@pytest.mark.timeout(600)
def test_two_machines_with_one_database_and_one_bucket_make_the_file_of_one_process(
    machines: list[Service], tmp_path: Path
) -> None:
    one, two = machines
    filled(one)
    ids = {form: request_export(one, form, {}, "somebody")[0].id for form in IN_PARTS}
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(done, (one, two)))
    done(one)  # the last look of both may have come before the last job
    for form, id_ in ids.items():
        assert batches_of(two).get(id_).outcome == "done"
        check(two, id_, form, tmp_path)
