"""Recovery seals segments left open, keeps acknowledged captures, and changes nothing if it is repeated."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from specimens.exchanges import MORNING, numbered
from specimens.spools import assert_sealed, crashed, journal_beside, recovered_later

from archive.spool.recovery import inspect, recover
from archive.spool.spool import Spool
from archive.warc.journal import load


def tree(directory: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(directory)): path.read_bytes() for path in sorted(directory.rglob("*")) if path.is_file()
    }


def test_a_segment_left_open_is_sealed(tmp_path: Path) -> None:
    captures, _ = crashed(tmp_path, [numbered(n) for n in range(20)])

    recovered = recovered_later(tmp_path)

    (sealed,) = recovered.segments
    assert_sealed(sealed, captures)
    assert (recovered.quarantined, recovered.lost, recovered.captures) == ((), (), ())
    assert (sealed.collection, sealed.worker, sealed.epoch, sealed.records) == ("default", "worker-1", 7, 41)
    assert list((tmp_path / "open").iterdir()) == []


def test_recovering_again_changes_nothing(tmp_path: Path) -> None:
    _, warc = crashed(tmp_path, [numbered(n) for n in range(5)])
    with warc.open("ab") as file:
        file.write(b"\x1f\x8b torn")
    first = recovered_later(tmp_path)
    after = tree(tmp_path)

    second = recovered_later(tmp_path)

    assert tree(tmp_path) == after
    assert (second.segments, second.quarantined, second.captures) == ((), (), ())
    assert len(first.quarantined) == 1


def test_a_lost_acknowledged_capture_is_reported_until_it_is_cleared(tmp_path: Path) -> None:
    captures, warc = crashed(tmp_path, [numbered(n) for n in range(5)])
    os.truncate(warc, captures[3].location.offset + 10)

    assert list(recovered_later(tmp_path).lost) == captures[3:]
    assert list(recovered_later(tmp_path).lost) == captures[3:]
    for note in (tmp_path / "quarantine").glob("*.lost.jsonl"):
        note.unlink()
    assert recovered_later(tmp_path).lost == ()


def test_an_unreadable_segment_is_not_changed_and_does_not_stop_the_others(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    unreadable, warc = crashed(tmp_path, [numbered(n) for n in range(3)])
    kept, _ = crashed(tmp_path, [numbered(n) for n in range(3, 6)])
    set_aside = warc.rename(tmp_path / "set-aside")
    warc.mkdir()  # not even root can read a directory as a file

    recovered = recovered_later(tmp_path)

    assert_sealed(recovered.segments[0], kept)
    assert (len(recovered.segments), recovered.lost) == (1, ())
    assert f"{warc} can't be read (Is a directory)" in caplog.text
    (found,) = inspect(tmp_path)
    assert (f"{warc} can't be read" in found.sentence, found.readable) == (True, False)
    warc.rmdir()
    set_aside.rename(warc)
    assert_sealed(recovered_later(tmp_path).segments[0], unreadable)


@pytest.mark.parametrize("what", ["journal", "failed", "sealed journal", "lost"])
def test_no_unreadable_file_stops_recovery(what: str, tmp_path: Path) -> None:
    crashed(tmp_path, [numbered(n) for n in range(3)])
    kept, warc = crashed(tmp_path, [numbered(n) for n in range(3, 6)])
    other = next(path for path in (tmp_path / "open").glob("*.open") if path != warc)
    bad = {
        "journal": journal_beside(other),
        "failed": other.with_name(other.name.removesuffix(".open") + ".failed"),
        "sealed journal": tmp_path / "sealed" / "20260101T000000Z-0123456789abcdef.journal.jsonl",
        "lost": tmp_path / "quarantine" / "x.lost.jsonl",
    }[what]
    if what == "failed":
        other.unlink()
    bad.unlink(missing_ok=True)
    bad.mkdir()

    recovered = recovered_later(tmp_path)

    assert kept in [list(load(sealed.journal).captures) for sealed in recovered.segments]
    assert bad.is_dir()
    assert recovered.lost == ()


def test_a_crash_between_the_renames_of_sealing_is_repaired(tmp_path: Path) -> None:
    captures, _ = crashed(tmp_path, [numbered(n) for n in range(5)])
    (sealed,) = recovered_later(tmp_path).segments
    whole = tree(tmp_path)
    warc, lines = tmp_path / "open" / f"{sealed.name}.warc.gz.open", tmp_path / "open" / f"{sealed.name}.journal.jsonl"

    sealed.path.rename(warc)
    assert recovered_later(tmp_path).segments == (sealed,)
    sealed.journal.rename(lines)
    assert recovered_later(tmp_path).segments == (sealed,)
    assert tree(tmp_path) == whole
    sealed.journal.unlink()
    assert list(recovered_later(tmp_path).captures) == captures


def test_a_journal_without_its_warc_is_reported(tmp_path: Path) -> None:
    captures, warc = crashed(tmp_path, [numbered(n) for n in range(3)])
    warc.unlink()

    assert list(recovered_later(tmp_path).lost) == captures
    assert list(recovered_later(tmp_path).lost) == captures
    assert list((tmp_path / "open").iterdir()) == []


def test_an_unfinished_copy_is_removed(tmp_path: Path) -> None:
    captures, warc = crashed(tmp_path, [numbered(1)])
    warc.with_name(warc.name + ".tmp").write_bytes(b"half")

    assert_sealed(recovered_later(tmp_path).segments[0], captures)
    assert list((tmp_path / "open").iterdir()) == []


@pytest.mark.parametrize(("free", "stays"), [(96 << 20, True), ((96 << 20) - 1, False)])
def test_recovery_frees_the_ballast_if_a_segment_might_not_fit_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, stays: bool
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=free))
    (tmp_path / "ballast").write_bytes(b"ballast")

    recovered_later(tmp_path)

    assert (tmp_path / "ballast").exists() == stays


def test_a_segment_that_is_being_written_is_not_changed(tmp_path: Path) -> None:
    spool = Spool(tmp_path, worker="w", epoch=1, now=lambda: MORNING, ballast=0)
    segment = spool.begin("default", {})

    assert recovered_later(tmp_path).segments == ()
    assert segment.path.exists()
    assert segment.journal.exists()
    spool.close()


def test_an_inspection_changes_nothing(tmp_path: Path) -> None:
    captures, warc = crashed(tmp_path, [numbered(n) for n in range(5)])
    os.truncate(warc, captures[3].location.offset + 10)
    before = tree(tmp_path)

    (found,) = inspect(tmp_path)

    assert found.sentence.endswith(
        ": the next start keeps 3 captures; it moves 10 torn or damaged bytes to quarantine;"
        " 2 acknowledged captures are lost"
    )
    assert (found.lost, found.readable) == (2, True)
    assert tree(tmp_path) == before


def test_an_inspection_reports_what_would_be_acknowledged(tmp_path: Path) -> None:
    _, warc = crashed(tmp_path, [numbered(n) for n in range(5)])
    journal_beside(warc).unlink()

    (found,) = inspect(tmp_path)

    assert found.sentence.endswith(": the next start keeps 5 captures, 5 of them not acknowledged before")


def test_a_clock_that_was_set_back_is_reported(tmp_path: Path) -> None:
    captures, _ = crashed(tmp_path, [numbered(n) for n in range(3)])
    copy = tmp_path.with_name("copy")
    shutil.copytree(tmp_path, copy)

    late = recover(tmp_path, now=lambda: MORNING + timedelta(days=1))
    early = recover(copy, now=lambda: MORNING - timedelta(hours=3))

    assert (late.last_at, late.clock_suspect) == (MORNING + timedelta(days=1), False)  # the time of sealing
    assert (early.last_at, early.clock_suspect) == (captures[-1].at, True)
    ahead = recover(copy, now=lambda: MORNING, last=MORNING + timedelta(days=3))
    assert (ahead.last_at, ahead.clock_suspect) == (MORNING + timedelta(days=3), True)


def test_a_recovered_spool_can_be_used(tmp_path: Path) -> None:
    crashed(tmp_path, [numbered(n) for n in range(3)])
    spool = Spool(tmp_path, worker="w", epoch=8, now=lambda: MORNING - timedelta(hours=3), ballast=0)
    recovered = recover(spool.directory, now=lambda: MORNING)
    spool.now.not_before(recovered.last_at)

    segment = spool.begin("default", {})
    spool.close()

    assert recovered.last_at
    assert segment.heading.opened == recovered.last_at + timedelta(microseconds=1)
    assert replace(segment.heading, opened=MORNING).epoch == 8
