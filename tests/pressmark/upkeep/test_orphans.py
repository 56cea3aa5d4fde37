"""The doctor reports a WARC in the store that no manifest names, and adopts it on request."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from specimens.archives import NEWS, SEGMENTS

from archive.intake.rebuild import Rebuild
from config.settings import load_settings
from pressmark.cli import main
from pressmark.service.assembly import open_pressmark


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home that lost the manifest of one of its two segments three days ago, and whose database was then rebuilt."""
    home = tmp_path / "home"
    with open_pressmark(load_settings({"home": home})) as service:
        for segment in sorted(SEGMENTS.glob("*.warc.gz")):
            service.archive.ingest(segment)
    for database in home.glob("pressmark.db*"):
        database.unlink()
    [manifest] = (home / "store" / "manifest").rglob("*aaaaaaaa.json")
    manifest.unlink()
    with open_pressmark(load_settings({"home": home})) as service:
        Rebuild(service.store, service.index).run()
    past = (datetime.now(UTC) - timedelta(days=3)).timestamp()
    for path in (home / "store").rglob("*"):
        if path.is_file():
            os.utime(path, (past, past))
    return home


def doctor(home: Path, capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, list[dict[str, object]]]:
    with pytest.raises(SystemExit) as ended:
        main(["--home", str(home), "doctor", *options, "--json"])
    items = json.loads(capsys.readouterr().out)["items"]
    return int(ended.value.code or 0), [item for item in items if item["part"] == "orphans"]


def test_an_orphan_is_reported_and_adopted(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert doctor(home, capsys) == (0, [])
    code, told = doctor(home, capsys, "--store")
    assert code == 10
    assert sorted(
        (str(item["sentence"]).partition("stored file ")[2].partition("/")[0], item["code"]) for item in told
    ) == [
        ("cdxj", 0),
        ("warc", 10),
    ]

    code, adopted = doctor(home, capsys, "--adopt")
    assert code == 0
    assert any("was imported" in str(item["sentence"]) for item in adopted)

    code, rest = doctor(home, capsys, "--store")
    assert (code, [item["code"] for item in rest]) == (0, [0])
    with open_pressmark(load_settings({"home": home})) as service:
        assert [capture.url for capture in service.archive.captures(NEWS)] == [NEWS] * 3


def test_a_damaged_orphan_stays_where_it_is(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    named = {path.name for path in (home / "store" / "warc").rglob("*.warc.gz")}
    for path in (home / "store" / "warc").rglob("*.warc.gz"):
        stamp = path.stat().st_mtime
        path.write_bytes(path.read_bytes()[:-1] + b"?")
        os.utime(path, (stamp, stamp))

    code, told = doctor(home, capsys, "--adopt")

    assert code == 10
    assert any("it is damaged, and no manifest lists it" in str(item["sentence"]) for item in told)
    assert {path.name for path in (home / "store" / "warc").rglob("*.warc.gz")} == named


def test_a_young_object_is_not_an_orphan(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path in (home / "store").rglob("*"):
        os.utime(path)

    code, told = doctor(home, capsys, "--store")

    assert (code, len(told)) == (0, 1)
    assert "is listed in a manifest" in str(told[0]["sentence"])
