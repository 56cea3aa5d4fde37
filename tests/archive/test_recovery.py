"""Recovery: what was acknowledged stays, what is whole is taken, what is torn is set aside; twice is once."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from specimens.exchanges import MORNING, context, exchanges, numbered

from archive import journal
from archive.capture import Capture
from archive.exchange import Exchange
from archive.journal import load
from archive.recorder import Recorder
from archive.recovery import Recovered, inspect, recover
from archive.spool import Sealed, Spool
from archive.verify import verify


def crashed(directory: Path, made: list[Exchange]) -> tuple[list[Capture], Path]:
    """A spool that was left while open: what was acknowledged, and the open WARC."""
    spool = Spool(directory, worker="worker-1", epoch=7, now=lambda: MORNING, ballast=0)
    captures: list[Capture] = []
    opened: list[Path] = []
    recorder = Recorder(
        spool,
        originals=lambda *_: {},
        acknowledged=lambda receipts: captures.extend(r.capture for r in receipts if r.capture),
        opened=lambda _name, path, _collection: opened.append(path),
    )
    for exchange in made:
        recorder.record(exchange, context())
    recorder.flush()
    spool.close()
    recorder._commit.seal_all = lambda: None  # type: ignore[method-assign]  # a crash seals nothing
    recorder.close()
    return captures, opened[0]


def again(directory: Path) -> Recovered:
    return recover(directory, now=lambda: MORNING + timedelta(hours=1))


def tree(directory: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(directory)): path.read_bytes() for path in sorted(directory.rglob("*")) if path.is_file()
    }


def journal_beside(warc: Path) -> Path:
    return warc.with_name(warc.name.removesuffix(".warc.gz.open") + ".journal.jsonl")


def assert_sealed(sealed: Sealed, captures: list[Capture]) -> None:
    assert list(load(sealed.journal).captures) == captures
    assert list(verify(sealed.path, sha256=sealed.sha256)) == []


def test_a_segment_left_open_is_sealed(tmp_path: Path) -> None:
    captures, _ = crashed(tmp_path, [numbered(n) for n in range(20)])

    recovered = again(tmp_path)

    (sealed,) = recovered.segments
    assert_sealed(sealed, captures)
    assert (recovered.tails, recovered.lost, recovered.captures) == ((), (), ())
    assert (sealed.collection, sealed.worker, sealed.epoch, sealed.records) == ("default", "worker-1", 7, 41)
    assert list((tmp_path / "open").iterdir()) == []


def test_twice_is_once(tmp_path: Path) -> None:
    _, warc = crashed(tmp_path, [numbered(n) for n in range(5)])
    with warc.open("ab") as file:
        file.write(b"\x1f\x8b torn")
    first = again(tmp_path)
    after = tree(tmp_path)

    second = again(tmp_path)

    assert tree(tmp_path) == after
    assert (second.segments, second.tails, second.captures) == ((), (), ())
    assert len(first.tails) == 1


def test_a_torn_tail_goes_to_quarantine(tmp_path: Path) -> None:
    captures, warc = crashed(tmp_path, [numbered(n) for n in range(5)])
    size = warc.stat().st_size
    with warc.open("ab") as file:
        file.write(b"\x1f\x8b\x08 a member that never ended")

    recovered = again(tmp_path)

    assert_sealed(recovered.segments[0], captures)
    assert recovered.tails[0].name.endswith(f"-{size}.tail")
    assert recovered.tails[0].read_bytes() == b"\x1f\x8b\x08 a member that never ended"
    assert recovered.lost == ()


@pytest.mark.parametrize("lines", [0, 1, 3])
def test_whole_records_without_a_line_are_acknowledged_now(tmp_path: Path, lines: int) -> None:
    captures, warc = crashed(tmp_path, [numbered(n) for n in range(5)])
    path = journal_beside(warc)
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[: 1 + lines]) + b'{"torn')

    recovered = again(tmp_path)

    assert list(recovered.captures) == captures[lines:]
    assert_sealed(recovered.segments[0], captures)


@settings(max_examples=20)
@given(made=st.lists(exchanges(), min_size=1, max_size=4))
def test_the_warc_alone_tells_all_that_the_journal_said(
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
def test_whatever_is_cut_where_nothing_whole_goes_missing_unseen(
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

    whole = [c for c in captures if c.location.offset + c.span <= size]
    kept = [c for sealed in recovered.segments for c in journal.read(sealed.journal)]
    assert [c.record_id for c in kept[: len(whole)]] == [c.record_id for c in whole]
    assert len(kept) <= len(whole) + 1  # the last may have its response and not its request
    assert {c.record_id for c in recovered.lost} == {c.record_id for c in listed} - {c.record_id for c in whole}
    for sealed in recovered.segments:
        assert list(verify(sealed.path)) == []


def test_an_acknowledged_capture_that_is_gone_is_an_alarm_until_it_is_cleared(tmp_path: Path) -> None:
    captures, warc = crashed(tmp_path, [numbered(n) for n in range(5)])
    os.truncate(warc, captures[3].location.offset + 10)

    assert list(again(tmp_path).lost) == captures[3:]
    assert list(again(tmp_path).lost) == captures[3:]
    for note in (tmp_path / "quarantine").glob("*.lost.jsonl"):
        note.unlink()
    assert again(tmp_path).lost == ()


def test_a_damaged_record_ends_what_is_kept(tmp_path: Path) -> None:
    captures, warc = crashed(tmp_path, [numbered(n) for n in range(5)])
    with warc.open("r+b") as file:
        file.seek(captures[2].location.offset + 300)
        file.write(b"\0\0\0\0")

    recovered = again(tmp_path)

    assert_sealed(recovered.segments[0], captures[:2])
    assert list(recovered.lost) == captures[2:]
    assert len(recovered.tails) == 1


@pytest.mark.parametrize("torn", [0, 40])
def test_a_segment_without_exchanges_is_removed(tmp_path: Path, torn: int) -> None:
    captures, warc = crashed(tmp_path, [numbered(1)])
    os.truncate(warc, captures[0].location.offset + torn)
    journal_beside(warc).unlink()

    recovered = again(tmp_path)

    assert recovered.segments == ()
    assert len(recovered.tails) == bool(torn)
    assert list((tmp_path / "open").iterdir()) == []


def test_a_crash_between_the_renames_of_sealing_is_mended(tmp_path: Path) -> None:
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


def test_a_journal_without_its_warc_is_an_alarm(tmp_path: Path) -> None:
    captures, warc = crashed(tmp_path, [numbered(n) for n in range(3)])
    warc.unlink()

    assert list(again(tmp_path).lost) == captures
    assert list(again(tmp_path).lost) == captures
    assert list((tmp_path / "open").iterdir()) == []


def test_a_file_that_failed_an_fsync_is_written_anew(tmp_path: Path) -> None:
    captures, warc = crashed(tmp_path, [numbered(n) for n in range(5)])
    failed = warc.with_name(warc.name.removesuffix(".open") + ".failed")
    warc.rename(failed)
    inode = failed.stat().st_ino
    keep = failed.open("rb")  # so that its number is not given to another file

    recovered = again(tmp_path)

    keep.close()
    assert_sealed(recovered.segments[0], captures)
    assert recovered.segments[0].path.stat().st_ino != inode
    assert not failed.exists()


def test_a_copy_that_was_never_finished_is_swept_away(tmp_path: Path) -> None:
    captures, warc = crashed(tmp_path, [numbered(1)])
    warc.with_name(warc.name + ".tmp").write_bytes(b"half")

    assert_sealed(again(tmp_path).segments[0], captures)
    assert list((tmp_path / "open").iterdir()) == []


def test_what_is_being_written_is_left_alone(tmp_path: Path) -> None:
    spool = Spool(tmp_path, worker="w", epoch=1, now=lambda: MORNING, ballast=0)
    segment = spool.begin("default", {})

    assert again(tmp_path).segments == ()
    assert segment.path.exists()
    assert segment.journal.exists()
    spool.close()


def test_an_inspection_tells_and_changes_nothing(tmp_path: Path) -> None:
    captures, warc = crashed(tmp_path, [numbered(n) for n in range(5)])
    os.truncate(warc, captures[3].location.offset + 10)
    before = tree(tmp_path)

    (sentence,) = inspect(tmp_path)

    assert sentence.endswith(
        ": 3 captures are whole, 0 of them without a journal line; 10 octets would go to quarantine,"
        " 2 acknowledged captures are lost"
    )
    assert tree(tmp_path) == before


def test_a_clock_that_was_set_back_is_suspect(tmp_path: Path) -> None:
    captures, _ = crashed(tmp_path, [numbered(n) for n in range(3)])
    copy = tmp_path.with_name("copy")
    shutil.copytree(tmp_path, copy)

    late = recover(tmp_path, now=lambda: MORNING + timedelta(days=1))
    early = recover(copy, now=lambda: MORNING - timedelta(hours=3))

    assert (late.last_at, late.clock_suspect) == (MORNING + timedelta(days=1), False)  # it was sealed then
    assert (early.last_at, early.clock_suspect) == (captures[-1].at, True)
    ahead = recover(copy, now=lambda: MORNING, last=MORNING + timedelta(days=3))
    assert (ahead.last_at, ahead.clock_suspect) == (MORNING + timedelta(days=3), True)


def test_a_recovered_spool_goes_on(tmp_path: Path) -> None:
    crashed(tmp_path, [numbered(n) for n in range(3)])
    spool = Spool(tmp_path, worker="w", epoch=8, now=lambda: MORNING - timedelta(hours=3), ballast=0)
    recovered = recover(spool.directory, now=lambda: MORNING)
    spool.now.not_before(recovered.last_at)

    segment = spool.begin("default", {})
    spool.close()

    assert recovered.last_at
    assert segment.heading.opened == recovered.last_at + timedelta(microseconds=1)
    assert replace(segment.heading, opened=MORNING).epoch == 8
