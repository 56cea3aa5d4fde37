"""What is said of runs, sources and alarms names start URLs without their secrets, through every door."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from services.retrieving import Retrieving
from services.source_forms import archive_with
from sqlalchemy import select

from archive.database.schema import events as rows
from pressmark.cli import main
from pressmark.notify import delivery
from pressmark.notify.webhooks.message import body_of
from pressmark.service.access.roles import Role
from pressmark.service.access.source_facts import in_text
from scheduler.events import Events
from scheduler.notices.alarms import Alarm
from scheduler.run import Outcome

SEED = "http://port.invalid/?page=2&api_key=S3CRETVALUE"
NAMED = "http://reader:S3CRETVALUE@port.invalid/?page=2"
WHY = f"the server of {SEED} can't be reached, nor that of {NAMED}"
FILES = {
    "harbour": "source: harbour\nseeds: [http://news.example/]\nwalk: site\n",
    "port": f"source: port\nseeds: ['{SEED}']\nwalk: site\n",
    "wrong": "source: wrong\nseeds: ['gopher://port.invalid/?page=2&api_key=S3CRETVALUE']\nwalk: site\n",
}
MASKED = "?page=2&api_key=[redacted]"


@pytest.mark.parametrize(
    "url",
    [
        "https://port.invalid/f?a=1&amp;key=S3CRETVALUE",
        "https://port.invalid/f;jsessionid=S3CRETVALUE",
        "https://port.invalid/f?x=1;sig=S3CRETVALUE",
        "https://port.invalid/f?口令=S3CRETVALUE",
        "https://port.invalid/f？token=S3CRETVALUE",
        "https%3A%2F%2Fport.invalid%2Ff%3Ftoken%3DS3CRETVALUE",
    ],
)
def test_a_secret_is_hidden_in_every_spelling_of_a_parameter(url: str) -> None:
    assert "S3CRETVALUE" not in in_text(f"the server of {url} can't be reached")
    assert in_text("https%3A%2F%2Fport.invalid%2Fnews%3Fpage%3D2") == "https%3A%2F%2Fport.invalid%2Fnews%3Fpage%3D2"
    assert in_text("http://port.invalid/?page=2;lang=zh") == "http://port.invalid/?page=2;lang=zh"


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Retrieving]:
    with archive_with(tmp_path, **FILES) as made:
        yield made


def failed(archive: Retrieving) -> str:
    """Let a run of the source fail, as the crawler words it, with a page that could not be fetched. Return its id."""
    service = archive.service
    queued = service.request("port")
    epoch = service.epochs.begin("main")
    run = service.runs.claim("main", epoch, only=[queued.id])
    assert run is not None
    outcome = Outcome(outcome="blocked", reason=WHY, failures=1)
    service.runs.finish(run, outcome)
    log = service.settings.home / "logs" / "runs" / f"{run.id}.jsonl"
    log.parent.mkdir(parents=True, exist_ok=True)
    entry = {"at": "2026-11-30T12:00:00Z", "event": "failure", "url": SEED, "reason": WHY}
    log.write_text(json.dumps(entry) + "\n")
    return run.id


def reader(archive: Retrieving) -> dict[str, str]:
    return {"Authorization": f"Bearer {archive.service.access.add_token('r', Role.READ)[1]}"}


def test_no_page_and_no_answer_of_the_api_names_the_secret_of_a_start_url(archive: Retrieving) -> None:
    """With its control: the rest of the reason is there."""
    run, caller = failed(archive), reader(archive)
    paths = ["/", "/sources", "/sources/port", "/runs", f"/runs/{run}", f"/runs/{run}/review", "/problems", "/readyz"]
    paths += [f"/api/v1/runs/{run}", "/api/v1/runs", f"/api/v1/runs/{run}/events", f"/api/v1/runs/{run}/review"]
    paths += ["/api/v1/sources", "/api/v1/sources/port", "/api/v1/status", "/feeds/runs", "/timetable"]
    answers = {path: archive.get(path, **caller) for path in paths}

    assert [path for path, (_, _, body) in answers.items() if b"S3CRETVALUE" in body] == []
    said = [
        path
        for path, (_, _, body) in answers.items()
        if f"of http://port.invalid/{MASKED}" in html.unescape(body.decode())
    ]
    assert {f"/runs/{run}", f"/api/v1/runs/{run}", f"/api/v1/runs/{run}/events"} <= {*said}, said
    assert f"/api/v1/runs/{run}/review" in said
    assert "/api/v1/sources/port" in said


def test_no_message_and_no_log_line_names_it(archive: Retrieving, caplog: pytest.LogCaptureFixture) -> None:
    run = failed(archive)
    service = archive.service
    with service.database.reading() as connection:
        ids = connection.execute(select(rows.c.id)).scalars().all()
    events = [event for event in Events(service.database).after(0, limit=99) if event.id in ids]
    bodies = [body_of(event) for event in events if event.kind == "run.over"]
    alarm = Alarm("port", "blocked", service.now(), WHY, run, frozenset())
    notice = delivery._notice(alarm)
    delivery._write(alarm)

    assert bodies
    for told in (*bodies, notice.text, notice.reason, *(str(record.__dict__) for record in caplog.records)):
        assert "S3CRETVALUE" not in told
    assert "api_key=[redacted]" in notice.text


@pytest.mark.parametrize(
    "command", [["runs", "list"], ["source", "list"], ["source", "check"], ["source", "check", "--json"], ["doctor"]]
)
def test_no_command_names_it(archive: Retrieving, capsys: pytest.CaptureFixture[str], command: list[str]) -> None:
    failed(archive)
    with suppress(SystemExit):
        main(["--home", str(archive.service.settings.home), *command])
    told = "".join(capsys.readouterr())

    assert "S3CRETVALUE" not in told
    assert "[redacted]" in told
