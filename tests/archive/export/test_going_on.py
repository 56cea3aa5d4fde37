"""An interrupted export leaves nothing under its name; the next one resumes or restarts, with the same bytes."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from specimens.archives import LATER, Kept, small_archive

from archive.export import EXPORTERS, export_to, file
from archive.index.selection import Selection
from archive.values.errors import ExportDamaged, ExportUnderWay

RESUMABLE = [name for name, exporter in EXPORTERS.items() if exporter.resumable]
EVERYTHING = Selection()


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    with small_archive(tmp_path / "archive") as kept:
        yield kept


@pytest.fixture(autouse=True)
def note_each_item(monkeypatch: pytest.MonkeyPatch) -> None:
    """Record progress after each item, as if each had 8 MiB."""
    monkeypatch.setattr(file, "_NOTE_EVERY", 1)


def stop_at(number: int) -> file.Progress:
    def progress(done: int, _total: int) -> None:
        if done == number:
            raise KeyboardInterrupt

    return progress


def export(kept: Kept, form: str, target: Path, **options: object) -> file.Exported:
    return export_to(kept.exports, EXPORTERS[form], EVERYTHING, target, **{"now": LATER, **options})  # type: ignore[arg-type]


def test_some_formats_are_resumable() -> None:
    assert RESUMABLE == ["warc", "wet", "wat", "jsonl"]


@pytest.mark.parametrize("form", [name for name in EXPORTERS if name not in ("cdxj", "zipnum")])
def test_an_interrupted_export_leaves_nothing_under_its_name(kept: Kept, tmp_path: Path, form: str) -> None:
    target = tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        export(kept, form, target, progress=stop_at(3))

    assert not target.exists()
    assert export(kept, form, target).resumed == (form in RESUMABLE)
    assert [path.name for path in tmp_path.iterdir() if path.name != "archive"] == ["out"]


@pytest.mark.parametrize("form", RESUMABLE)
@pytest.mark.parametrize("number", range(1, 8))
def test_a_resumed_export_equals_an_uninterrupted_one(kept: Kept, tmp_path: Path, form: str, number: int) -> None:
    whole, target = tmp_path / "whole", tmp_path / "out"
    export(kept, form, whole)

    with pytest.raises(KeyboardInterrupt):
        export(kept, form, target, progress=stop_at(number))
    exported = export(kept, form, target, now=LATER + timedelta(hours=1))

    assert target.read_bytes() == whole.read_bytes()
    assert exported.size == whole.stat().st_size


def test_an_error_in_the_plan_loses_no_written_bytes(kept: Kept, tmp_path: Path) -> None:
    def fails(_done: int, _total: int) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    target = tmp_path / "out"
    for progress, error in ((stop_at(3), KeyboardInterrupt), (fails, sqlite3.OperationalError)):
        with pytest.raises(error):
            export(kept, "warc", target, progress=progress)

    assert export(kept, "warc", target).resumed


def test_bytes_that_were_not_recorded_are_dropped(kept: Kept, tmp_path: Path) -> None:
    target = tmp_path / "out"
    export(kept, "warc", tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        export(kept, "warc", target, progress=stop_at(3))
    with (tmp_path / ".out.exporting" / "out").open("ab") as torn:
        torn.write(b"half a record")

    assert export(kept, "warc", target).resumed
    assert target.read_bytes() == (tmp_path / "whole").read_bytes()


def test_another_selection_does_not_resume(kept: Kept, tmp_path: Path) -> None:
    target = tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        export(kept, "warc", target, progress=stop_at(3))

    exported = export_to(kept.exports, EXPORTERS["warc"], Selection(source="forum"), target, now=LATER)

    assert (exported.resumed, exported.totals.captures) == (False, 1)


@pytest.mark.parametrize("harm", [b"", b"no database at all, nor any of its pages"])
def test_an_incomplete_plan_is_made_again(kept: Kept, tmp_path: Path, harm: bytes) -> None:
    target = tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        export(kept, "warc", target, progress=stop_at(3))
    (tmp_path / ".out.exporting" / "plan.db").write_bytes(harm)

    assert not export(kept, "warc", target).resumed


KILLED = """
import os, signal, sys
from pathlib import Path
from specimens.archives import LATER, small_archive
from archive.export import EXPORTERS, export_to, file
from archive.index.selection import Selection

file._NOTE_EVERY = 1
directory = Path(sys.argv[1])
with small_archive(directory / "archive-of-the-killed") as kept:
    export_to(kept.exports, EXPORTERS["warc"], Selection(), directory / "out", now=LATER,
              progress=lambda done, total: done == 4 and os.kill(os.getpid(), signal.SIGKILL))
"""


def test_a_killed_export_is_resumed(kept: Kept, tmp_path: Path) -> None:
    root = Path(__file__).parents[3]
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, tmp_path],
        check=False,
        env={"PYTHONPATH": f"{root}:{root / 'tests'}"},
        timeout=60,
    )
    assert killed.returncode == -9
    assert not (tmp_path / "out").exists()

    exported = export(kept, "warc", tmp_path / "out")

    export(kept, "warc", tmp_path / "whole")
    assert exported.resumed
    assert (tmp_path / "out").read_bytes() == (tmp_path / "whole").read_bytes()


def test_two_exports_cannot_write_the_same_file(kept: Kept, tmp_path: Path) -> None:
    def meanwhile(_done: int, _total: int) -> None:
        with pytest.raises(ExportUnderWay, match="another process is exporting to"):
            export(kept, "warc", tmp_path / "out")

    export(kept, "warc", tmp_path / "out", progress=meanwhile)


class Liar(type(EXPORTERS["warc"])):  # type: ignore[misc]
    """Changes bytes like a faulty disk."""

    def verify(self, path: Path) -> Iterator[object]:
        octets = bytearray(path.read_bytes())
        octets[1000] ^= 1
        path.write_bytes(octets)
        return super().verify(path)  # type: ignore[no-any-return]


def test_an_export_that_fails_verification_does_not_get_its_name(kept: Kept, tmp_path: Path) -> None:
    target = tmp_path / "out"
    target.write_bytes(b"what was there before")

    with pytest.raises(ExportDamaged, match="does not match what was written"):
        export_to(kept.exports, Liar(), EVERYTHING, target, now=LATER)

    assert target.read_bytes() == b"what was there before"
