"""`pressmark spool give-up` shows files that are lost, gives up exactly these, and has a row in the audit trail."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.settings import Settings
from pressmark.cli import main
from pressmark.service.assembly import open_pressmark


def run(home: Path, *arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["--home", str(home), "spool", "give-up", *arguments])
    return int(ended.value.code or 0)


def test_exactly_the_lost_files_that_were_shown_are_given_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "home"
    at = datetime(2026, 11, 30, tzinfo=UTC)
    with open_pressmark(Settings(home=home)) as service:
        path = home / "spool" / "gone" / "open" / "lost"
        service.index.opened("lost", collection="default", worker="gone", epoch=1, path=path, at=at)
    assert run(home) == 0
    shown = capsys.readouterr()
    assert run(home, "--json") == 0
    listed = json.loads(capsys.readouterr().out)
    code = listed["token"]
    assert run(home, "--confirm", code) == 2
    assert run(home, "--confirm", "1-00000000", "--reason", "x") != 0
    assert "nothing was given up" in capsys.readouterr().err
    assert run(home, "--confirm", code, "--reason", "the disk broke") == 0
    assert "given up: WARC files: 1, captures in them: 0" in capsys.readouterr().err
    assert run(home) == 0
    after = capsys.readouterr()
    with open_pressmark(Settings(home=home)) as service:
        rows = [one.entry for one in service.access.trail.newest(limit=9)]

    assert f"add --confirm {code} --reason REASON" in shown.err
    assert [one["segment"] for one in listed["items"]] == ["lost"]
    assert "no archived file is lost" in after.err
    [done] = [one for one in rows if "give-up" in one.action and "done" in one.outcome]
    assert (done.target, json.loads(done.after or "")) == ("the disk broke", {"files": {"lost": 0}})
