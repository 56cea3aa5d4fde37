"""Salvage: damage costs only the damaged records, and torn bytes go to quarantine."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from specimens.exchanges import exchanges, numbered
from specimens.spools import assert_sealed, crashed, journal_beside, recovered_later

from archive.spool.open_segment import FAILED, OPEN
from archive.spool.recovery import inspect
from archive.values.capture import Capture
from archive.values.urlkey import urlkey
from archive.warc import journal
from archive.warc.exchange import Exchange
from archive.warc.facts import captures_of
from archive.warc.integrity.verify import next_beginning, verify
from archive.warc.record import read


def test_a_torn_tail_goes_to_quarantine(tmp_path: Path) -> None:
    captures, warc = crashed(tmp_path, [numbered(n) for n in range(5)])
    size = warc.stat().st_size
    with warc.open("ab") as file:
        file.write(b"\x1f\x8b\x08 a member that never ended")

    recovered = recovered_later(tmp_path)

    assert_sealed(recovered.segments[0], captures)
    assert recovered.quarantined[0].name.endswith(f"-{size}.tail")
    assert recovered.quarantined[0].read_bytes() == b"\x1f\x8b\x08 a member that never ended"
    assert recovered.lost == ()


@pytest.mark.parametrize("suffix", [OPEN, FAILED, journal.SUFFIX])
def test_a_link_in_a_spool_is_left_and_the_file_elsewhere_keeps_its_bytes(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, suffix: str
) -> None:
    captures, warc = crashed(tmp_path / "spool", [numbered(n) for n in range(3)])
    if suffix == FAILED:
        warc = warc.rename(warc.with_name(warc.name.removesuffix(OPEN) + FAILED))
    link = warc.with_name(captures[0].location.segment + suffix)
    elsewhere = link.rename(tmp_path / "elsewhere")
    elsewhere.write_bytes(elsewhere.read_bytes() + b"the bytes of somebody else")
    before = elsewhere.read_bytes()
    link.symlink_to(elsewhere)
    [*told] = inspect(tmp_path / "spool")

    assert recovered_later(tmp_path / "spool").segments == ()
    assert elsewhere.read_bytes() == before
    assert link.is_symlink()
    assert f"{link} is a symbolic link" in caplog.text
    assert [one.readable for one in told] == {OPEN: [False], FAILED: [], journal.SUFFIX: [True]}[suffix]


@pytest.mark.parametrize("lines", [0, 1, 3])
def test_complete_records_without_a_journal_line_are_acknowledged(tmp_path: Path, lines: int) -> None:
    captures, warc = crashed(tmp_path, [numbered(n) for n in range(5)])
    path = journal_beside(warc)
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[: 1 + lines]) + b'{"torn')

    recovered = recovered_later(tmp_path)

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

    recovered = recovered_later(directory)

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

    recovered = recovered_later(directory)

    whole = [c for c in captures if c.location.offset + c.location.length <= size]  # its request may be missing
    kept = [c for sealed in recovered.segments for c in journal.read(sealed.journal)]
    assert [c.record_id for c in kept] == [c.record_id for c in whole]
    assert {c.record_id for c in recovered.lost} == {c.record_id for c in listed} - {c.record_id for c in whole}
    for sealed in recovered.segments:
        assert list(verify(sealed.path)) == []


def test_a_damaged_response_costs_its_capture_alone_and_moves_no_other_record(tmp_path: Path) -> None:
    captures, warc = crashed(tmp_path, [numbered(n) for n in range(5)])
    where = captures[2].location
    zero(warc, where.offset + 300, 4)

    recovered = recovered_later(tmp_path)

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

    recovered = recovered_later(tmp_path)

    (sealed,) = recovered.segments
    assert_sealed(sealed, captures)
    assert (recovered.lost, recovered.captures) == ((), ())
    with sealed.path.open("rb") as file:
        found = list(captures_of(read(file), sealed.name, sealed.collection, urlkey))
    assert found == captures  # a rebuild from the WARC alone gives the same


def test_a_request_that_was_cut_off_does_not_affect_its_response(tmp_path: Path) -> None:
    captures, warc = crashed(tmp_path, [numbered(n) for n in range(5)])
    os.truncate(warc, captures[4].location.offset + captures[4].location.length)

    recovered = recovered_later(tmp_path)

    assert_sealed(recovered.segments[0], captures)
    assert recovered.lost == ()


def test_a_damaged_warcinfo_costs_no_capture(tmp_path: Path) -> None:
    captures, warc = crashed(tmp_path, [numbered(n) for n in range(5)])
    zero(warc, 100, 4)

    assert_sealed(recovered_later(tmp_path).segments[0], captures)


def test_the_name_of_a_segment_says_its_time_and_epoch_if_nothing_else_does(tmp_path: Path) -> None:
    captures, warc = crashed(tmp_path, [numbered(n) for n in range(2)])
    zero(warc, 100, 4)
    journal_beside(warc).unlink()

    (sealed,) = recovered_later(tmp_path).segments

    assert (sealed.name, sealed.epoch, sealed.worker) == (captures[0].location.segment, 7, "unknown")
    assert sealed.collection == "default"
    assert sealed.path.name.startswith("20261124T063000Z-")


def test_a_segment_without_any_date_is_sealed_as_one_of_1970(tmp_path: Path) -> None:
    captures, warc = crashed(tmp_path, [numbered(n) for n in range(2)])
    zero(warc, 100, 4)
    journal_beside(warc).unlink()
    warc.rename(warc.with_name("renamed.warc.gz.open"))

    (sealed,) = recovered_later(tmp_path).segments

    assert sealed.path.name == f"19700101T000000Z-{sealed.sha256[:16]}.warc.gz"
    assert (sealed.name, sealed.epoch, sealed.first_at) == ("renamed", 0, captures[0].at)


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

    recovered = recovered_later(tmp_path)

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

    recovered = recovered_later(warc.parent.parent)

    kept = [captures[0], captures[2]] if acknowledged else captures[:1]
    assert_sealed(recovered.segments[0], kept)
    assert recovered.captures == ()


def test_a_warc_inside_a_damaged_page_would_be_found_by_a_search(tmp_path: Path) -> None:
    _, warc, forged = with_a_warc_inside(tmp_path)
    with warc.open("rb") as file:
        assert next_beginning(file, forged - 1000) == forged


@pytest.mark.parametrize("torn", [0, 40])
def test_a_segment_without_exchanges_is_removed(tmp_path: Path, torn: int) -> None:
    captures, warc = crashed(tmp_path, [numbered(1)])
    os.truncate(warc, captures[0].location.offset + torn)
    journal_beside(warc).unlink()

    recovered = recovered_later(tmp_path)

    assert recovered.segments == ()
    assert len(recovered.quarantined) == bool(torn)
    assert list((tmp_path / "open").iterdir()) == []


def test_a_file_with_a_failed_fsync_is_copied(tmp_path: Path) -> None:
    captures, warc = crashed(tmp_path, [numbered(n) for n in range(5)])
    failed = warc.with_name(warc.name.removesuffix(".open") + ".failed")
    warc.rename(failed)
    inode = failed.stat().st_ino
    keep = failed.open("rb")  # so that its inode number is not reused

    recovered = recovered_later(tmp_path)

    keep.close()
    assert_sealed(recovered.segments[0], captures)
    assert recovered.segments[0].path.stat().st_ino != inode
    assert not failed.exists()


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
