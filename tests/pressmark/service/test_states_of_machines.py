"""What a service reports of the other machines on its database: a dead one's captures, and runs of its sources."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from services.postgresql import EMPTY, PostgresServer
from specimens.captures import capture_of
from sqlalchemy import event, update

from archive.database.schema import epochs, runs, segments
from archive.values.capture import Capture, Location
from archive.values.errors import ObjectNotFound
from config.settings import load_settings
from pressmark.cli import main
from pressmark.service.assembly import open_pressmark
from pressmark.service.service import Service
from pressmark.service.source_editing import remove_source
from pressmark.upkeep.audit import audit
from pressmark.upkeep.conditions import conditions
from pressmark.upkeep.last_audit import last_full
from scheduler.pauses import EVERYTHING

pytestmark = pytest.mark.postgresql
SEGMENT = "20261124T120000Z-1-0-abcdef12"


@pytest.fixture
def service(tmp_path: Path, postgresql: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    with postgresql.database(EMPTY) as url:
        monkeypatch.setenv("PRESSMARK_DATABASE", url)
        with open_pressmark(load_settings({"home": tmp_path / "home"})) as service:
            yield service


def capture_elsewhere(service: Service) -> Capture:
    """Index a capture that the worker of another machine has in its spool."""
    epoch = service.epochs.begin("second", host="attic", spool="2b")
    there = Path("/nowhere/spool/second/open") / f"{SEGMENT}.warc.gz.open"
    service.index.opened(SEGMENT, collection="default", worker="second", epoch=epoch, path=there, at=service.now())
    capture = capture_of(location=Location(SEGMENT, 500, 300))
    service.index.add([capture])
    return capture


def die(service: Service) -> None:
    """Let the lease of every worker end."""
    with service.database.writing() as connection:
        connection.execute(update(epochs).values(seen_at=service.now() - 2 * service.epochs.lease))


def reported(service: Service) -> dict[str | None, str]:
    return {one.state: one.sentence for one in conditions(service)}


def test_captures_that_only_a_dead_machine_has_are_reported_with_its_name(service: Service) -> None:
    capture_elsewhere(service)
    assert "captures-elsewhere" not in reported(service)
    die(service)

    told = reported(service)["captures-elsewhere"]
    assert told.startswith(
        "the machine attic has captures that are not in the store yet: 1; its crawling process second "
    )


def test_captures_of_a_machine_that_was_replaced_by_another_of_its_name_are_reported(service: Service) -> None:
    capture_elsewhere(service)
    die(service)
    service.epochs.begin("second", host="attic", spool="3c")
    assert "captures-elsewhere" in reported(service)
    assert any(one.findings for one in audit(service))

    service.epochs.end(service.epochs.begin("second", host="attic", spool="3c"))
    service.epochs.begin("second", host="attic", spool="2b")
    assert "captures-elsewhere" not in reported(service)


def test_captures_of_a_worker_of_an_earlier_version_are_reported_by_its_name(service: Service) -> None:
    capture_elsewhere(service)
    with service.database.writing() as connection:
        connection.execute(update(epochs).values(spool=None, host=None))
    die(service)
    assert "captures-elsewhere" in reported(service)

    service.epochs.begin("second", host="attic", spool="3c")
    assert "captures-elsewhere" not in reported(service)


def test_removing_a_source_here_leaves_its_pause_for_the_other_machines(service: Service) -> None:
    service.settings.sources.mkdir(parents=True)
    (service.settings.sources / "both.yaml").write_text("source: both\nseeds: https://example.org/\n")
    service.sources.reload()
    service.pauses.pause("both")

    remove_source(service, "both", "somebody")
    assert "both" in service.pauses.all()


def test_verify_names_the_segments_that_only_a_dead_machine_has(service: Service) -> None:
    capture_elsewhere(service)
    assert [one for one in audit(service) if one.findings] == []
    die(service)

    [wrong] = [one for one in audit(service) if one.findings]
    assert wrong.name == SEGMENT
    assert [(one.kind, one.sentence) for one in wrong.findings] == [
        ("elsewhere", "1 captures are only in the spool of the worker second on the machine attic")
    ]


def test_verify_names_sealed_files_of_other_machines_as_not_verified_and_does_not_count_as_full(
    service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    capture_elsewhere(service)
    verify = ["--home", str(service.settings.home), "verify", "--all"]
    assert (ended(*verify), "not verified" in capsys.readouterr().out) == (0, False)
    full = last_full(service.database)
    assert full is not None
    with service.database.writing() as connection:
        connection.execute(update(segments).values(state="sealed"))

    assert ended(*verify) == 0
    said = capsys.readouterr().out
    assert "not verified, as they are only on other machines: 1 WARC file\n" in said
    assert f"  {SEGMENT}: the worker second on the machine attic\n" in said
    assert ended(*verify, "--json") == 0
    named = [{"segment": SEGMENT, "worker": "second", "host": "attic"}]
    assert json.loads(capsys.readouterr().out)["not_verified"] == named
    assert last_full(service.database) == full


def ended(*command: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main([*command])
    return int(ended.value.code or 0)


def test_a_capture_of_another_machine_that_is_not_shipped_says_where_it_is(service: Service) -> None:
    capture = capture_elsewhere(service)

    with pytest.raises(ObjectNotFound, match="in the spool of the worker second on the machine attic, and not in the"):
        service.archive.open(capture)


def requested_long_ago(service: Service) -> None:
    with service.database.writing() as connection:
        connection.execute(update(runs).values(requested_at=service.now() - timedelta(minutes=11)))


def test_a_run_of_a_source_that_this_machine_does_not_have_is_left_and_reported_after_a_time(service: Service) -> None:
    epoch = service.epochs.begin("main")
    service.epochs.begin("second", host="attic", spool="2b")
    run = service.runs.request("theirs")
    assert run is not None

    assert service.runs.claim("main", epoch, known=service.own_sources) is None
    assert "runs-without-source" not in reported(service)
    requested_long_ago(service)
    told = reported(service)["runs-without-source"]
    assert "the first is of the source theirs and waits since " in told
    assert "(no source named 'theirs')" in told


def test_a_run_that_no_other_worker_can_take_is_reported_at_once_with_the_reason(service: Service) -> None:
    service.settings.sources.mkdir(parents=True)
    (service.settings.sources / "inner.yaml").write_text(
        "source: inner\nseeds: https://example.org/\naddresses: [10.0.0.0/8]\n"
    )
    epoch = service.epochs.begin("main")
    service.runs.request("inner")

    assert service.runs.claim("main", epoch, known=service.own_sources) is None
    assert "the private network 10.0.0.0/8 is" in reported(service)["runs-without-source"]
    second = service.epochs.begin("second", host="attic", spool="2b")
    assert "runs-without-source" not in reported(service)
    service.epochs.end(second)
    assert "runs-without-source" in reported(service)


def test_a_run_of_a_source_whose_file_is_invalid_here_is_reported_with_the_mistake(service: Service) -> None:
    service.settings.sources.mkdir(parents=True)
    (service.settings.sources / "theirs.yaml").write_text("source: theirs\nseeds: https://example.org/\nwalk: moon\n")
    service.runs.request("theirs")

    told = reported(service)
    assert "unknown value 'moon'" in told["runs-without-source"]
    assert None not in told


def test_a_worker_of_the_same_name_on_another_machine_may_take_a_run(service: Service) -> None:
    """A service without workers has the name of a worker, too."""
    service.epochs.begin("main", host="attic", spool="2b")
    service.runs.request("theirs")
    assert "runs-without-source" not in reported(service)

    (service.settings.spool_path).mkdir(parents=True, exist_ok=True)
    (service.settings.spool_path / "ID").write_text("2b")
    assert "runs-without-source" in reported(service)


def test_a_waiting_run_of_a_paused_source_of_another_machine_is_not_reported(service: Service) -> None:
    service.runs.request("theirs")
    with service.database.writing() as connection:
        connection.execute(update(runs).values(requested_at=service.now() - timedelta(minutes=11)))
    assert "runs-without-source" in reported(service)

    service.pauses.pause("theirs")
    assert "runs-without-source" not in reported(service)
    service.pauses.resume("theirs")
    service.pauses.pause(EVERYTHING)
    assert "runs-without-source" not in reported(service)


def test_a_run_of_a_source_that_this_machine_has_is_taken_before_older_ones_of_others(service: Service) -> None:
    service.settings.sources.mkdir(parents=True)
    epoch = service.epochs.begin("main")
    service.runs.request("theirs")
    (service.settings.sources / "ours.yaml").write_text("source: ours\nseeds: https://example.org/\n")
    ours = service.runs.request("ours")

    taken = service.runs.claim("main", epoch, known=service.own_sources)
    assert ours is not None
    assert taken is not None
    assert taken.id == ours.id


def statements_of_a_look(service: Service, epoch: int) -> int:
    """Return how many statements an idle worker sends to look for a run."""
    sent: list[object] = []

    def note(*facts: object) -> None:
        sent.append(facts)

    event.listen(service.database.engine, "before_cursor_execute", note)
    assert service.runs.claim("main", epoch, known=service.own_sources) is None
    event.remove(service.database.engine, "before_cursor_execute", note)
    return len(sent)


def test_a_look_for_a_run_costs_the_same_however_many_sources_of_others_are_queued(service: Service) -> None:
    epoch = service.epochs.begin("main")
    service.sources.reload()
    statements = []
    for number in range(1, 51):
        service.runs.request(f"theirs-{number}")
        if number in (5, 50):
            statements.append(statements_of_a_look(service, epoch))

    assert max(statements) <= 4  # once a second, one of them asks for new versions of sources
