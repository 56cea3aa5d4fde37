"""An archive whose database has rows of everything gets one that has rows of recent months alone: see the how-to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from specimens.archives import FORUM, NEWS, SEGMENTS
from specimens.segments import SegmentFile, answered

from config.settings import load_settings
from pressmark.cli import main
from pressmark.service.assembly import open_pressmark

LATE = "https://example.org/late"


def run(capsys: pytest.CaptureFixture[str], home: Path, *words: str) -> Any:
    with pytest.raises(SystemExit) as ended:
        main(["--home", str(home), *words, "--json"])
    out = capsys.readouterr().out
    assert not ended.value.code, (words, out)
    return json.loads(out) if out.startswith("{") else out


def answers(home: Path, *urls: str) -> tuple[Any, int]:
    """Return what the captures of some pages have, and the number of WARC files with rows."""
    with open_pressmark(load_settings({"home": home})) as service:
        bodies = []
        for one in (one for url in urls for one in service.archive.captures(url)):
            with service.archive.open(one) as snapshot:
                bodies.append((one.url, one.at, snapshot.payload().body))
        return bodies, len(service.index.segments())


def late_page(directory: Path) -> Path:
    directory.mkdir()
    segment = SegmentFile(directory, "20260131T235900Z-1-7-abcd")
    segment.write(answered(LATE, b"late", minute=60 * 24 * 40))  # in March
    return segment.path


def moved(old: Path, new: Path) -> None:
    for file in old.parent.glob(f"{old.name}*"):
        file.rename(new.with_name(file.name.replace(old.name, new.name)))


def test_a_database_of_recent_months_takes_the_place_of_one_with_all_rows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    home, beside = tmp_path / "home", tmp_path / "beside"
    with open_pressmark(load_settings({"home": home})) as service:
        for segment in sorted(SEGMENTS.glob("*.warc.gz")):
            service.archive.ingest(segment)
    before = answers(home, NEWS, FORUM)

    run(capsys, home, "months", "write", "--before", "2026-03")
    with monkeypatch.context() as beside_it:
        beside_it.setenv("PRESSMARK_STORE", str(home / "store"))
        run(capsys, beside, "months", "attach", "2026-01", "2026-02")
        run(capsys, beside, "rebuild")
    assert answers(home, NEWS, FORUM) == before  # meanwhile, the former database answers

    run(capsys, home, "ingest", str(late_page(tmp_path / "late")))  # and gets captures
    with monkeypatch.context() as beside_it:
        beside_it.setenv("PRESSMARK_STORE", str(home / "store"))
        run(capsys, beside, "rebuild")
        run(capsys, beside, "verify", "--all")
    whole = answers(home, NEWS, FORUM, LATE)
    moved(home / "pressmark.db", home / "former.db")
    moved(beside / "pressmark.db", home / "pressmark.db")
    found = answers(home, NEWS, FORUM, LATE)

    assert (before[1], whole[1], found[1]) == (2, 3, 1)
    assert found[0] == whole[0] and len(found[0]) == len(before[0]) + 1
    assert {one["state"] for one in run(capsys, home, "months", "list")["items"]} == {"attached", "rows"}

    moved(home / "pressmark.db", home / "recent.db")
    moved(home / "former.db", home / "pressmark.db")
    assert answers(home, NEWS, FORUM, LATE) == whole  # the way back
