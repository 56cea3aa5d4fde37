"""An audit in jobs finds what `pressmark verify --all` finds, and says nothing of what was not looked at."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from specimens.archives import SEGMENTS
from specimens.segments import SegmentFile, answered

from archive.database.schema import batch_jobs, segments
from archive.values.errors import StoreUnreachable
from config.settings import load_settings
from pressmark.cli import main
from pressmark.processes.reading.batches import BatchLoop
from pressmark.service.assembly import open_pressmark
from pressmark.service.readers import batches_of
from pressmark.service.service import Service
from pressmark.service.threads import in_thread
from pressmark.upkeep.audit import audit
from pressmark.upkeep.batches.kinds import JobHalted, wrong_in
from pressmark.upkeep.batches.shapes import followed
from pressmark.upkeep.batches.work import do_job
from pressmark.upkeep.last_audit import last_damage, last_full, note_damage
from scheduler.ledger.batch_values import BatchJob
from scheduler.ledger.batches import SUMMARY, Batches


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


def test_an_audit_that_was_interrupted_says_how_old_it_is_and_forgets_no_newer_damage(service: Service) -> None:
    """Its jobs were done before the file was damaged: only the last one was left."""
    batch, _ = batches_of(service).request("audit", {}, "somebody")
    batches_of(service).give_back(taken(service, lambda name: name == SUMMARY))
    oldest = batches_of(service).oldest(batch.id)
    cut(warcs(service)[0])
    newer = [one for one in audit(service) if one.findings]
    full = last_full(service.database)
    batches = done(service)
    result = batches.get(batch.id).result

    assert result is not None and oldest is not None and full is not None
    assert (result["wrong"], result["since"]) == (0, oldest.isoformat())
    assert last_full(service.database) == full > oldest
    damage = last_damage(service.database)
    assert damage is not None and damage.count == len(newer) > 0


def test_a_new_command_verifies_again_what_an_interrupted_audit_has_verified_before(
    service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    batches_of(service).give_back(_interrupted(service))
    cut(warcs(service)[0])
    command = ["--home", str(service.settings.home), "verify", "--all", "--queue", "--json"]
    assert run(command) == 75  # no service has the role read: its audit waits
    capsys.readouterr()
    done(service)
    newest, older = batches_of(service).newest()

    assert (newest.result or {})["wrong"] > (older.result or {})["wrong"] == 0
    assert last_damage(service.database) is not None
    assert run(["--home", str(service.settings.home), "jobs", "wait", newest.id]) == 10


def _interrupted(service: Service) -> BatchJob:
    """Request an audit, and do all of it but the last job."""
    batches_of(service).request("audit", {}, "somebody")
    return taken(service, lambda name: name == SUMMARY)


@pytest.mark.parametrize("known", [False, True])
def test_damage_on_this_disk_is_noted_and_known_damage_stays_known(
    service: Service, tmp_path: Path, *, known: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    """A service answers at once here: the role is noted, and a thread does the jobs."""
    sealed = service.settings.home / "spool" / "main" / "sealed"
    sealed.mkdir(parents=True)
    segment = SegmentFile(tmp_path, "20260131T120000Z-1-0-abcd")
    segment.write(answered("http://a.example/", b"<p>words"))
    torn = sealed / segment.path.name
    torn.write_bytes(segment.path.read_bytes()[:-9])
    if known:
        note_damage(service.database, ["warc/v1/known"])
    service.index.opened(
        segment.path.name.removesuffix(".warc.gz"),
        collection="default",
        worker="w",
        epoch=1,
        path=torn,
        at=service.now(),
    )
    service.roles_seen.note({"read"})
    loop = BatchLoop(service)
    with in_thread("jobs", loop.run, loop.stop, ends_within=20):
        assert run(["--home", str(service.settings.home), "verify", "--all", "--queue"]) == 10
    said = capsys.readouterr().out
    damage = last_damage(service.database)

    assert f"{torn}: 1 problem" in said
    assert "not in the store yet" not in said
    assert damage is not None
    assert str(torn) in damage.names


def test_an_audit_that_leaves_sealed_files_out_does_not_count_as_full_and_forgets_no_damage(
    service: Service, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name, epoch = "20260131T120000Z-1-0-abcd", service.epochs.begin("w", host="first", spool="s")
    service.index.opened(name, collection="default", worker="w", epoch=epoch, path=tmp_path / "x", at=service.now())
    with service.database.writing() as connection:
        elsewhere = segments.c.name == name
        connection.execute(segments.update().where(elsewhere).values(state="sealed"))
    note_damage(service.database, ["warc/v1/known"])
    batch, _ = batches_of(service).request("audit", {}, "somebody")
    result = done(service).get(batch.id).result or {}
    damage = last_damage(service.database)

    named = [{"segment": name, "worker": "w", "host": "first"}]

    assert (result["in_spools"], result["not_verified"], last_full(service.database)) == (1, named, None)
    assert damage is not None and "warc/v1/known" in damage.names
    service.roles_seen.note({"read"})
    loop = BatchLoop(service)
    with in_thread("jobs", loop.run, loop.stop, ends_within=20):
        assert run(["--home", str(service.settings.home), "verify", "--all", "--queue"]) == 0
    said = capsys.readouterr().out
    assert (
        f"not verified, as they are not in the store yet: 1 WARC file\n  {name}: the worker w on the machine first\n"
        in said
    )


def test_the_wait_for_an_audit_ends_when_a_part_fails_again_and_again(service: Service) -> None:
    batch, _ = batches_of(service).request("audit", {}, "somebody")
    batches = batches_of(service)
    job = taken(service, lambda name: name.startswith("manifest/"))
    batches.give_back(job)
    with service.database.writing() as connection:
        connection.execute(batch_jobs.update().where(batch_jobs.c.stage == 1).values(failures=3, problem="no answer"))
    *_, last = followed(service, batch.id, lambda: pytest.fail("it waits"))

    assert (last.state, last.is_stuck, last.failing_jobs, last.left_jobs) == ("open", True, 2, 3)


def run(command: list[str]) -> int:
    with pytest.raises(SystemExit) as ended:
        main(command)
    return int(ended.value.code or 0)
