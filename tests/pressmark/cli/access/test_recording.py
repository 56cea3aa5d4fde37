"""Every command that changes something is in the audit trail."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from specimens.segments import SegmentFile, answered

from config.settings import Settings
from pressmark.cli import main
from pressmark.cli.app import app
from pressmark.service.assembly import open_pressmark

ROW = {
    *("add", "archive", "audit", "extract", "ingest", "login", "pause", "rebuild", "resume", "run", "runs cancel"),
    *(
        "hold add",
        "hold lift",
        "purge",
        "qa",
        "retention",
        "runs mark",
        "snapshot note",
        "watches assistant",
        "watches unsubscribe",
    ),
    *("watches add", "watches change", "watches pause", "watches remove", "watches resume", "watches test"),
    "watches undo",
    *("exports delete", "jobs cancel", "spool adopt", "spool give-up"),
    *("months attach", "months delete", "months detach", "months write"),
    *("source apply", "source import", "source pause", "source remove", "source resume"),
    *("takedown add", "takedown lift"),
    *("token add", "token revoke", "user add", "user password", "user rebind", "user remove", "user role"),
    *("webhooks add", "webhooks change", "webhooks enable", "webhooks remove", "webhooks test", "webhooks undo"),
}
"""Commands with a row."""
NO_ROW = {
    *("exports get", "exports list", "jobs list", "jobs show", "jobs wait", "months list"),
    *("article", "captures", "config show", "diff", "doctor", "feed", "runs items", "runs list", "runs logs"),
    *(
        "runs pages",
        "runs review",
        "runs show",
        "runs text",
        "search",
        "shell",
        "similar",
        "snapshot cite",
        *("runs marks", "snapshot get", "snapshot notes"),
    ),
    *(
        "source check",
        "source export",
        "source list",
        "source pull",
        "source show",
        "source versions",
        "thread",
        "timetable next",
        "token list",
    ),
    *(
        "hold list",
        "takedown list",
        "trail",
        "user list",
        "verify",
        "watches hits",
        "watches list",
        "watches subscriptions",
        "watches try",
    ),
    *("webhooks list", "webhooks messages", "why"),
    *("backup", "export"),  # they write elsewhere
    "restore",  # it brings the trail with it
    "upgrade",  # as the start of any command does
    "webhooks secret",  # it prints a random value
    *("answer", "mcp", "serve", "work"),  # their callers have rows
}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PRESSMARK_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def commands(group: Any, words: tuple[str, ...] = ()) -> Iterator[str]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*words, name))
        else:
            yield " ".join((*words, name))


def trail(home: Path) -> list[tuple[str, str, str]]:
    with open_pressmark(Settings(home=home)) as service:
        entries = [row.entry for row in service.access.trail.newest(limit=9)]
    return [(one.action.partition(" ")[2], one.target, one.outcome) for one in reversed(entries)]


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    return int(ended.value.code or 0)


def test_it_is_said_of_every_command_whether_it_has_a_row() -> None:
    assert set(commands(typer.main.get_command(app))) == ROW | NO_ROW
    assert not ROW & NO_ROW


def test_an_import_of_captures_is_in_the_trail(home: Path, tmp_path: Path) -> None:
    segment = SegmentFile(tmp_path, "20260131T120000Z-1-0-abcd")
    segment.write(answered("http://a.example/", b"<p>words"))

    assert run("ingest", str(segment.path), "--collection", "news") == 0
    assert trail(home) == [("ingest", str(segment.path), "done")]


def test_each_source_of_an_imported_list_is_in_the_trail(home: Path, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("source,seeds\none,https://a.example/\ntwo,https://b.example/\n")

    assert run("source", "import", "list.csv", "--dry-run") == 0
    assert trail(home) == []
    assert run("source", "import", "list.csv") == run("source", "import", "list.csv") == 0
    assert trail(home) == [("source import", "one", "done"), ("source import", "two", "done")]


def test_each_source_file_that_is_applied_is_in_the_trail_unless_it_says_what_it_said(
    home: Path, tmp_path: Path
) -> None:
    (tmp_path / "one.yaml").write_text("source: one\nseeds: https://a.example/\n")

    assert run("source", "apply", ".") == run("source", "apply", ".") == 0
    assert trail(home) == [("source apply", "one.yaml", "done")]


def test_extractions_repairs_and_rebuilds_are_in_the_trail(home: Path) -> None:
    assert run("extract", "--dry-run") == run("extract", "--again", "--url", "https://a.example/") == 0
    assert run("audit") == run("audit", "--share", "1/1", "--repair") == 0
    assert run("rebuild") == 0

    assert trail(home) == [("extract", "https://a.example/", "done"), ("audit", "1/1", "done"), ("rebuild", "", "done")]


def test_a_test_message_is_in_the_trail_with_its_outcome(home: Path) -> None:
    home.mkdir()
    hook = {"url": "http://127.0.0.1:9/", "secret": "whsec_" + "A" * 32}
    (home / "pressmark.yaml").write_text(json.dumps({"webhooks": {"team": hook}}))

    assert run("webhooks", "test", "team") == 1
    assert trail(home) == [("webhooks test", "team", "failed")]
