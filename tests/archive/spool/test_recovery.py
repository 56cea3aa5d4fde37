"""Recovery keeps acknowledged captures, acknowledges complete records, and quarantines torn ones.

Repeating it is harmless.
"""

from __future__ import annotations

import os
import random
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from specimens.exchanges import MORNING, exchanges, numbered
from specimens.spools import crashed, journal_beside

from archive.spool.recovery import Recovered, inspect, recover
from archive.spool.spool import Sealed, Spool
from archive.values.capture import Capture
from archive.values.urlkey import urlkey
from archive.warc import journal
from archive.warc.exchange import Exchange
from archive.warc.facts import captures_of
from archive.warc.integrity.verify import next_beginning, verify
from archive.warc.journal import load
from archive.warc.record import read


def again(directory: Path) -> Recovered:
    return recover(directory, now=lambda: MORNING + timedelta(hours=1))


def tree(directory: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(directory)): path.read_bytes() for path in sorted(directory.rglob("*")) if path.is_file()
    }


def assert_sealed(sealed: Sealed, captures: list[Capture]) -> None:
    assert list(load(sealed.journal).captures) == captures
    assert list(verify(sealed.path, sha256=sealed.sha256)) == []


def test_a_segment_left_open_is_sealed(tmp_path: Path) -> None:
    captures, _ = crashed(tmp_path, [numbered(n) for n in range(20)])

    recovered = again(tmp_path)

    (sealed,) = recovered.segments
    assert_sealed(sealed, captures)
    assert (recovered.quarantined, recovered.lost, recovered.captures) == ((), (), ())
    assert (sealed.collection, sealed.worker, sealed.epoch, sealed.records) == ("default", "worker-1", 7, 41)
    assert list((tmp_path / "open").iterdir()) == []


def test_recovering_again_changes_nothing(tmp_path: Path) -> None:
    _, warc = crashed(tmp_path, [numbered(n) for n in range(5)])
    with warc.open("ab") as file:
        file.write(b"\x1f\x8b torn")
    first = again(tmp_path)
    after = tree(tmp_path)

    second = again(tmp_path)

    assert tree(tmp_path) == after
    assert (second.segments, second.quarantined, second.captures) == ((), (), ())
    assert len(first.quarantined) == 1


def test_a_torn_tail_goes_to_quarantine(tmp_path: Path) -> None:
    captures, warc = crashed(tmp_path, [numbered(n) for n in range(5)])
    size = warc.stat().st_size
    with warc.open("ab") as file:
        file.write(b"\x1f\x8b\x08 a member that never ended")

    recovered = again(tmp_path)

    assert_sealed(recovered.segments[0], captures)
    assert recovered.quarantined[0].name.endswith(f"-{size}.tail")
    assert recovered.quarantined[0].read_bytes() == b"\x1f\x8b\x08 a member that never ended"
    assert recovered.lost == ()


@pytest.mark.parametrize("lines", [0, 1, 3])
def test_complete_records_without_a_journal_line_are_acknowledged(tmp_path: Path, lines: int) -> None:
    captures, warc = crashed(tmp_path, [numbered(n) for n in range(5)])
    path = journal_beside(warc)
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[: 1 + lines]) + b'{"torn')

    recovered = again(tmp_path)

    assert list(recovered.captures) == captures[lines:]
    assert_sealed(recovered.segments[0], captures)


@settings(max_examples=20)
@given(made=st.lists(exchanges(), min_size=1, max_size=4))
def test_the_warc_alone_has_everything_that_the_journal_has(
    made: list[Exchange], tmp_path_factory: pytest.TempPathFactory
) -> None:
    directory = tmp_path_factory.mktemp("spool")
    captures, warc = crashed(directory, made)
    journal_beside(warc).unlink()

    recovered = again(directory)

    assert list(recovered.captures) == captures
    assert_sealed(recovered.segments[0], captures)
    assert recovered.segments[0].epoch == 7


@settings(max_examples=30)
@given(where=st.floats(0, 1), lines=st.floats(0, 1))
def test_no_complete_capture_is_lost_unnoticed_wherever_files_are_cut(
    where: float, lines: float, tmp_path_factory: pytest.TempPathFactory
) -> None:
    directory = tmp_path_factory.mktemp("spool")
    captures, warc = crashed(directory, [numbered(n, size=100) for n in range(6)])
    path = journal_beside(warc)
    os.truncate(warc, int(warc.stat().st_size * where))
    os.truncate(path, int(path.stat().st_size * lines))
    listed = list(journal.read(path))
    size = warc.stat().st_size

    recovered = again(directory)

    whole = [c for c in captures if c.location.offset + c.location.length <= size]  # its request may be missing
    kept = [c for sealed in recovered.segments for c in journal.read(sealed.journal)]
    assert [c.record_id for c in kept] == [c.record_id for c in whole]
    assert {c.record_id for c in recovered.lost} == {c.record_id for c in listed} - {c.record_id for c in whole}
    for sealed in recovered.segments:
        assert list(verify(sealed.path)) == []


def test_a_lost_acknowledged_capture_is_reported_until_it_is_cleared(tmp_path: Path) -> None:
    captures, warc = crashed(tmp_path, [numbered(n) for n in range(5)])
    os.truncate(warc, captures[3].location.offset + 10)

    assert list(again(tmp_path).lost) == captures[3:]
    assert list(again(tmp_path).lost) == captures[3:]
    for note in (tmp_path / "quarantine").glob("*.lost.jsonl"):
        note.unlink()
    assert again(tmp_path).lost == ()


def test_a_damaged_response_costs_its_capture_alone_and_moves_no_other_record(tmp_path: Path) -> None:
    captures, warc = crashed(tmp_path, [numbered(n) for n in range(5)])
    where = captures[2].location
    zero(warc, where.offset + 300, 4)

    recovered = again(tmp_path)

    assert_sealed(recovered.segments[0], [*captures[:2], *captures[3:]])
    assert list(recovered.lost) == [captures[2]]
    (aside,) = recovered.quarantined
    assert aside.name == f"{where.segment}-{where.offset}-{where.offset + where.length}.damaged"
    assert aside.stat().st_size == where.length
    assert recovered.segments[0].records == 11


@pytest.mark.parametrize("which", [2, 4])
def test_a_damaged_request_does_not_affect_its_response(which: int, tmp_path: Path) -> None:
    captures, warc = crashed(tmp_path, [numbered(n) for n in range(5)])
    zero(warc, captures[which].location.offset + captures[which].location.length + 100, 4)

    recovered = again(tmp_path)

    (sealed,) = recovered.segments
    assert_sealed(sealed, captures)
    assert (recovered.lost, recovered.captures) == ((), ())
    with sealed.path.open("rb") as file:
        found = list(captures_of(read(file), sealed.name, sealed.collection, urlkey))
    assert found == captures  # a rebuild from the WARC alone gives the same


def test_a_request_that_was_cut_off_does_not_affect_its_response(tmp_path: Path) -> None:
    captures, warc = crashed(tmp_path, [numbered(n) for n in range(5)])
    os.truncate(warc, captures[4].location.offset + captures[4].location.length)

    recovered = again(tmp_path)

    assert_sealed(recovered.segments[0], captures)
    assert recovered.lost == ()


def test_a_damaged_warcinfo_costs_no_capture(tmp_path: Path) -> None:
    captures, warc = crashed(tmp_path, [numbered(n) for n in range(5)])
    zero(warc, 100, 4)

    assert_sealed(again(tmp_path).segments[0], captures)


@pytest.mark.parametrize("lost", ["all of it", "the heading", "a line", "the lines of the second half"])
def test_captures_missing_in_a_damaged_journal_are_found_behind_a_damaged_record(lost: str, tmp_path: Path) -> None:
    captures, warc = crashed(tmp_path, [numbered(n) for n in range(8)])
    zero(warc, captures[5].location.offset + 200, 4)
    path = journal_beside(warc)
    lines = path.read_bytes().splitlines(keepends=True)
    wrong = {"all of it": range(9), "the heading": [0], "a line": [6], "the lines of the second half": range(4, 9)}[
        lost
    ]
    path.write_bytes(b"".join(b"wrong" + line if number in wrong else line for number, line in enumerate(lines)))

    recovered = again(tmp_path)

    kept = [*captures[:5], *captures[6:]]
    assert_sealed(recovered.segments[0], kept)
    assert {c.record_id for c in recovered.captures} == {
        c.record_id for n, c in enumerate(captures) if n + 1 in wrong and n != 5
    }


@pytest.mark.parametrize("acknowledged", [True, False])
def test_a_warc_inside_a_damaged_page_gives_no_captures(acknowledged: bool, tmp_path: Path) -> None:
    """A site that serves a WARC must not be able to forge captures of other sites."""
    captures, warc, forged = with_a_warc_inside(tmp_path)
    if not acknowledged:
        path = journal_beside(warc)
        path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:2]))
    zero(warc, forged - 1000, 4)

    recovered = again(warc.parent.parent)

    kept = [captures[0], captures[2]] if acknowledged else captures[:1]
    assert_sealed(recovered.segments[0], kept)
    assert recovered.captures == ()


def test_a_warc_inside_a_damaged_page_would_be_found_by_a_search(tmp_path: Path) -> None:
    _, warc, forged = with_a_warc_inside(tmp_path)
    with warc.open("rb") as file:
        assert next_beginning(file, forged - 1000) == forged


def with_a_warc_inside(directory: Path) -> tuple[list[Capture], Path, int]:
    """Make a segment whose second page is a WARC, stored uncompressed; return captures, path, and the offset of that
    WARC.
    """
    _, inner = crashed(directory / "inner", [numbered(9, size=50)])
    for size in range(100_000, 200_000, 5_000):  # the compressor stores only some incompressible data
        body = random.Random(1).randbytes(size) + inner.read_bytes()
        captures, warc = crashed(directory / str(size), [numbered(0), numbered(1, body=body), numbered(2)])
        if (at := warc.read_bytes().find(inner.read_bytes())) > 0:
            return captures, warc, at
    raise AssertionError("no page is stored as it is")


def zero(warc: Path, at: int, count: int) -> None:
    with warc.open("r+b") as file:
        file.seek(at)
        file.write(bytes(count))


def test_an_unreadable_segment_is_not_changed_and_does_not_stop_the_others(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    unreadable, warc = crashed(tmp_path, [numbered(n) for n in range(3)])
    kept, _ = crashed(tmp_path, [numbered(n) for n in range(3, 6)])
    set_aside = warc.rename(tmp_path / "set-aside")
    warc.mkdir()  # not even root can read a directory as a file

    recovered = again(tmp_path)

    assert_sealed(recovered.segments[0], kept)
    assert (len(recovered.segments), recovered.lost) == (1, ())
    assert f"{warc} can't be read (Is a directory)" in caplog.text
    (found,) = inspect(tmp_path)
    assert (f"{warc} can't be read" in found.sentence, found.readable) == (True, False)
    warc.rmdir()
    set_aside.rename(warc)
    assert_sealed(again(tmp_path).segments[0], unreadable)


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

    recovered = again(tmp_path)

    assert kept in [list(load(sealed.journal).captures) for sealed in recovered.segments]
    assert bad.is_dir()
    assert recovered.lost == ()


@pytest.mark.parametrize("torn", [0, 40])
def test_a_segment_without_exchanges_is_removed(tmp_path: Path, torn: int) -> None:
    captures, warc = crashed(tmp_path, [numbered(1)])
    os.truncate(warc, captures[0].location.offset + torn)
    journal_beside(warc).unlink()

    recovered = again(tmp_path)

    assert recovered.segments == ()
    assert len(recovered.quarantined) == bool(torn)
    assert list((tmp_path / "open").iterdir()) == []


def test_a_crash_between_the_renames_of_sealing_is_repaired(tmp_path: Path) -> None:
    captures, _ = crashed(tmp_path, [numbered(n) for n in range(5)])
    (sealed,) = again(tmp_path).segments
    whole = tree(tmp_path)
    warc, lines = tmp_path / "open" / f"{sealed.name}.warc.gz.open", tmp_path / "open" / f"{sealed.name}.journal.jsonl"

    sealed.path.rename(warc)
    assert again(tmp_path).segments == (sealed,)
    sealed.journal.rename(lines)
    assert again(tmp_path).segments == (sealed,)
    assert tree(tmp_path) == whole
    sealed.journal.unlink()
    assert list(again(tmp_path).captures) == captures


def test_a_journal_without_its_warc_is_reported(tmp_path: Path) -> None:
    captures, warc = crashed(tmp_path, [numbered(n) for n in range(3)])
    warc.unlink()

    assert list(again(tmp_path).lost) == captures
    assert list(again(tmp_path).lost) == captures
    assert list((tmp_path / "open").iterdir()) == []


def test_a_file_with_a_failed_fsync_is_copied(tmp_path: Path) -> None:
    captures, warc = crashed(tmp_path, [numbered(n) for n in range(5)])
    failed = warc.with_name(warc.name.removesuffix(".open") + ".failed")
    warc.rename(failed)
    inode = failed.stat().st_ino
    keep = failed.open("rb")  # so that its inode number is not reused

    recovered = again(tmp_path)

    keep.close()
    assert_sealed(recovered.segments[0], captures)
    assert recovered.segments[0].path.stat().st_ino != inode
    assert not failed.exists()


def test_an_unfinished_copy_is_removed(tmp_path: Path) -> None:
    captures, warc = crashed(tmp_path, [numbered(1)])
    warc.with_name(warc.name + ".tmp").write_bytes(b"half")

    assert_sealed(again(tmp_path).segments[0], captures)
    assert list((tmp_path / "open").iterdir()) == []


def test_a_segment_that_is_being_written_is_not_changed(tmp_path: Path) -> None:
    spool = Spool(tmp_path, worker="w", epoch=1, now=lambda: MORNING, ballast=0)
    segment = spool.begin("default", {})

    assert again(tmp_path).segments == ()
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
