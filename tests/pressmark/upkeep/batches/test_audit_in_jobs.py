"""An audit in jobs finds what `pressmark verify --all` finds, and says nothing of what was not looked at."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from specimens.archives import SEGMENTS
from specimens.segments import SegmentFile, answered

from archive.values.errors import StoreUnreachable
from config.settings import load_settings
from pressmark.cli import main
from pressmark.processes.reading.batches import BatchLoop
from pressmark.service.assembly import open_pressmark
from pressmark.service.readers import batches_of
from pressmark.service.service import Service
from pressmark.upkeep.audit import audit
from pressmark.upkeep.batches.kinds import JobHalted, wrong_in
from pressmark.upkeep.batches.work import do_job
from pressmark.upkeep.last_audit import last_damage, last_full
from scheduler.ledger.batches import SUMMARY, Batches, BatchJob


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """Provide the service of an archive with two files in the store."""
    with open_pressmark(load_settings({"home": tmp_path / "home"})) as service:
        for segment in sorted(SEGMENTS.glob("*.warc.gz")):
            service.archive.ingest(segment)
        yield service


def warcs(service: Service) -> list[Path]:
    return sorted((service.settings.home / "store" / "warc").rglob("*.warc.gz"))


def cut(path: Path) -> None:
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-9])


def done(service: Service) -> Batches:
    """Do what is waiting, as a service with the role read does."""
    loop = BatchLoop(service)
    while loop.turn() == 0:
        pass
    return batches_of(service)


def taken(service: Service, name: Callable[[str], bool]) -> BatchJob:
    """Do jobs until the next one is of this name; return it."""
    batches = batches_of(service)
    while (job := batches.claim("one")) is not None and not name(job.name):
        do_job(service, batches, job, lambda: False)
    assert job is not None
    return job


@pytest.mark.parametrize(
    "harm",
    [lambda path: None, cut, Path.unlink, pytest.param(lambda path: path.rename(f"{path}x"), marks=pytest.mark.costly)],
)
def test_an_audit_in_jobs_finds_what_an_audit_in_one_process_finds(
    service: Service, harm: Callable[[Path], object]
) -> None:
    harm(warcs(service)[0])
    alone = list(audit(service))
    batch, _ = batches_of(service).request("audit", {}, "somebody")
    batches = done(service)
    result = batches.get(batch.id).result
    found = wrong_in(batches.results(batch.id))

    assert {one.name: one.findings for one in found} == {one.name: one.findings for one in alone if one.findings}
    assert result is not None
    assert (result["checked"], result["wrong"]) == (len(alone), len(found))
    assert (result["segments"], result["later"], result["in_spools"]) == (2, 0, 0)
    damage = last_damage(service.database)
    assert (damage.count if damage else 0, last_full(service.database) is not None) == (len(found), True)


def test_a_file_that_was_uploaded_since_the_jobs_were_listed_is_counted_and_not_called_verified(
    service: Service, tmp_path: Path
) -> None:
    batch, _ = batches_of(service).request("audit", {}, "somebody")
    summary = taken(service, lambda name: name == SUMMARY)
    segment = SegmentFile(tmp_path, "20260131T120000Z-1-0-abcd")
    segment.write(answered("http://a.example/", b"<p>words"))
    service.archive.ingest(segment.path)
    do_job(service, batches_of(service), summary, lambda: False)
    result = batches_of(service).get(batch.id).result

    assert result is not None
    assert (result["segments"], result["later"]) == (2, 1)


def test_a_process_that_is_stopped_gives_its_job_to_another_and_the_audit_is_not_over(service: Service) -> None:
    batch, _ = batches_of(service).request("audit", {}, "somebody")
    job = taken(service, lambda name: name.startswith("manifest/"))
    with pytest.raises(JobHalted):
        do_job(service, batches_of(service), job, lambda: True)
    batches_of(service).give_back(job)
    assert (batches_of(service).get(batch.id).outcome, last_full(service.database)) == (None, None)
    batches = done(service)

    assert (batches.get(batch.id).outcome, batches.progress(batch.id).done) == ("done", 4)


def test_a_store_that_can_not_be_read_now_keeps_the_audit_open(service: Service) -> None:
    batch, _ = batches_of(service).request("audit", {}, "somebody")
    batches_of(service).give_back(taken(service, lambda name: name == SUMMARY))
    first = min((service.settings.home / "store" / "manifest").rglob("*.json"))
    octets = first.read_bytes()
    first.unlink()
    first.symlink_to(first.name)  # a loop, which the system refuses to follow
    with pytest.raises(StoreUnreachable):
        BatchLoop(service).turn()
    first.unlink()
    first.write_bytes(octets)
    assert batches_of(service).get(batch.id).outcome is None
    batches = done(service)

    assert (batches.get(batch.id).outcome, wrong_in(batches.results(batch.id))) == ("done", [])


def test_the_command_waits_for_services_and_says_so_when_there_are_none(
    service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["--home", str(service.settings.home), "verify", "--all", "--queue"]
    assert run(command) == 75
    assert "no running service has the role read" in capsys.readouterr().err
    cut(warcs(service)[0])
    done(service)
    [batch] = batches_of(service).newest()
    assert run(["--home", str(service.settings.home), "jobs", "show", batch.id, "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["state"], shown["left_jobs"], len(shown["findings"]) > 0) == ("done", 0, True)
    assert run(["--home", str(service.settings.home), "jobs", "cancel", batch.id]) == 2
    assert "is over" in capsys.readouterr().err


def run(command: list[str]) -> int:
    with pytest.raises(SystemExit) as ended:
        main(command)
    return int(ended.value.code or 0)
