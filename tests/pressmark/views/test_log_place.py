"""What failed in a run is read from its log; a machine without the log says where it is, not that nothing failed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from services.postgresql import PostgresServer
from services.two_machines import two_machines

from config.settings import Settings
from crawler.policy.order import Outcome
from pressmark.api.runs import run_failures
from pressmark.cli import main
from pressmark.service.assembly import open_pressmark
from pressmark.service.service import Service
from pressmark.views.log_place import failed_by_reason, log_missing
from scheduler.run import Run

URL = "https://news.example/a"
ENTRY = {"at": "2026-11-30T12:00:00Z", "event": "failure", "url": URL, "reason": "status 500"}


@pytest.fixture
def machines(
    tmp_path: Path, postgresql: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Service, Service]]:
    with two_machines(tmp_path, postgresql, monkeypatch) as services:
        yield services


def crawled(service: Service, failures: int) -> Run:
    """Let the worker of this machine end a run, and keep its log."""
    service.request_url(URL)
    run = service.runs.claim("w", service.epochs.begin("w", host="first", spool="s"))
    assert run is not None
    log = service.settings.home / "logs" / "runs" / f"{run.id}.jsonl"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text((json.dumps(ENTRY) + "\n") * failures)
    return service.runs.finish(run, Outcome(outcome="partial", failures=failures))


@pytest.mark.postgresql
def test_another_machine_says_who_has_the_log(
    machines: tuple[Service, Service], capsys: pytest.CaptureFixture[str]
) -> None:
    one, two = machines
    run = crawled(one, failures=3)

    assert failed_by_reason(one, run) == {"failed_by_reason": {"status 500": 3}, "log_on": None}
    assert log_missing(one, run) is None
    assert failed_by_reason(two, run) == {"failed_by_reason": None, "log_on": {"worker": "w", "host": "first"}}
    told = "the log of this run is not on this machine: the worker w on the machine first has it"
    assert log_missing(two, run) == told
    shown, noted = look(two, capsys, "runs", "show", run.id, "--json")
    assert (json.loads(shown)["failed"], told in noted) == (None, True)
    assert told in look(two, capsys, "runs", "logs", run.id)[1]
    assert json.loads(look(one, capsys, "runs", "show", run.id, "--json")[0])["failed"][0]["url"] == URL


@pytest.mark.postgresql
def test_a_run_without_failures_has_none_on_any_machine(machines: tuple[Service, Service]) -> None:
    one, two = machines
    run = crawled(one, failures=0)

    assert failed_by_reason(two, run) == {"failed_by_reason": {}, "log_on": None}


def test_a_log_that_was_deleted_is_on_no_machine(tmp_path: Path) -> None:
    with open_pressmark(Settings(home=tmp_path)) as service:
        run = crawled(service, failures=1)
        (tmp_path / "logs" / "runs" / f"{run.id}.jsonl").unlink()

        assert failed_by_reason(service, run) == {"failed_by_reason": None, "log_on": None}
        assert log_missing(service, run) == "the log of this run is not on this machine any more"


def look(service: Service, capsys: pytest.CaptureFixture[str], *command: str) -> tuple[str, str]:
    """Return what a command wrote to standard output and to standard error."""
    with pytest.raises(SystemExit) as ended:
        main(["--home", str(service.settings.home), *command])
    assert not ended.value.code
    return capsys.readouterr()


@pytest.mark.postgresql
def test_the_list_of_failures_is_not_empty_without_a_reason(machines: tuple[Service, Service]) -> None:
    one, two = machines
    run = crawled(one, failures=3)

    assert (len(run_failures(run.id, one).items), run_failures(run.id, one).log_missing) == (3, None)
    assert run_failures(run.id, two).items == []
    assert run_failures(run.id, two).log_missing == log_missing(two, run)


@pytest.mark.postgresql
def test_a_run_without_failures_misses_no_log(machines: tuple[Service, Service]) -> None:
    one, two = machines
    assert run_failures(crawled(one, failures=0).id, two).log_missing is None
