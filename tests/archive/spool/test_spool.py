"""The spool: one writer, unique segment names, and correct limits of space."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from crawling.disks import no_file_may_grow
from specimens.exchanges import MORNING, context, numbered

from archive.spool.open_segment import AppendOnlyFile, OpenSegment, failure
from archive.spool.space import Space
from archive.spool.spool import Spool, holder_of
from archive.values.capture import Capture, Kind
from archive.values.digest import digest_payload
from archive.values.errors import ArchiveError, SpoolFull, SpoolLocked, SpoolRefuses, WriteFailed
from archive.values.monotonic_clock import MonotonicClock
from archive.warc.exchange_records import records
from archive.warc.facts import capture_of
from archive.warc.journal import Heading


class Hand:
    """A clock in seconds that a test sets."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


def keep(segment: OpenSegment, number: int, kind: Kind = "response") -> Capture:
    exchange, offset = numbered(number), segment.size
    assert exchange.response
    payload = digest_payload(exchange.response.body)
    written = records(exchange, context(), segment.write, payload=payload)
    place = (segment.name, offset)
    capture = capture_of(exchange, context(), written, place, urlkey=str, payload=payload, revisit=None)
    capture = capture._replace(kind=kind)
    segment.commit([capture], written.records)
    return capture


def test_a_spool_has_one_writer(tmp_path: Path) -> None:
    spool = Spool(tmp_path, worker="worker-1", epoch=1, now=lambda: MORNING)

    with pytest.raises(SpoolLocked, match=f"another Pressmark process .*: worker-1 .process {os.getpid()}"):
        Spool(tmp_path, worker="worker-2", epoch=2, now=lambda: MORNING)

    assert holder_of(tmp_path) == f"worker-1 (process {os.getpid()})"
    spool.close()
    assert holder_of(tmp_path) is None
    Spool(tmp_path, worker="worker-2", epoch=2, now=lambda: MORNING).close()


def test_names_are_unique_and_ordered_if_the_clock_stands_still(tmp_path: Path) -> None:
    spool = Spool(tmp_path, worker="w", epoch=3, now=lambda: MORNING)

    names = [spool.begin(f"c{n}", {}).name for n in range(12)]
    spool.close()

    assert len(set(names)) == 12
    assert all(name.startswith(f"20261124T063000Z-3-{n}-") for n, name in enumerate(names))


def test_a_segment_gets_old_whatever_it_contains(tmp_path: Path) -> None:
    hand = Hand()
    spool = Spool(tmp_path, worker="w", epoch=1, now=lambda: MORNING, seal_after=timedelta(minutes=5), monotonic=hand)
    keep(spool.begin("news", {}), 1)
    keep(spool.begin("unchanged", {}), 2, "not-modified")
    keep(spool.begin("same", {}), 3, "revisit")
    assert spool.next_due() == 1300.0
    assert spool.due() == []

    hand.at += 299
    assert spool.due() == []
    hand.at += 1
    assert spool.due() == ["news", "unchanged", "same"]
    for collection in spool.due():
        assert spool.seal(collection)
    assert (spool.due(), spool.next_due()) == ([], None)
    spool.close()


def test_bytes_that_changed_behind_the_writer_are_not_sealed(tmp_path: Path) -> None:
    spool = Spool(tmp_path, worker="w", epoch=1, now=lambda: MORNING)
    segment = spool.begin("default", {})
    keep(segment, 1)
    with segment.path.open("r+b") as file:
        file.seek(700)
        file.write(b"\0")

    with pytest.raises(WriteFailed, match="has the SHA-256"):
        spool.seal("default")
    spool.close()

    assert segment.path.exists()
    assert spool.sealed() == []


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.ENOSPC, SpoolFull),
        (errno.EDQUOT, SpoolFull),
        *((number, SpoolRefuses) for number in (errno.EROFS, errno.EACCES, errno.EPERM, errno.EMFILE, errno.ENFILE)),
        (errno.EIO, WriteFailed),
    ],
)
def test_disk_errors_are_classified_by_the_needed_reaction(number: int, kind: type[ArchiveError]) -> None:
    found = failure(OSError(number, os.strerror(number)), "x could not be written")

    assert type(found) is kind
    assert str(found) == f"x could not be written: {os.strerror(number)}"


def test_a_write_that_the_disk_cuts_short_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    file = AppendOnlyFile(tmp_path / "x")
    with no_file_may_grow(1000):
        with pytest.raises(WriteFailed, match=f"^x: 1000 of {1 << 18} bytes were written$"):
            file.append(bytes(1 << 18))
        with pytest.raises(WriteFailed, match=r"^x could not be written: File too large$"):
            file.append(b"more")
    file.close()


def test_a_file_that_another_process_writes_to_is_not_acknowledged(tmp_path: Path) -> None:
    file = AppendOnlyFile(tmp_path / "x")
    file.append(b"mine")
    with (tmp_path / "x").open("ab") as other:
        other.write(b"theirs")

    with pytest.raises(WriteFailed, match=r"^x has 10 bytes after 4 were written$"):
        file.sync()
    file.close()


def test_a_segment_whose_journal_cannot_be_created_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "a.journal.jsonl").mkdir()
    with pytest.raises(WriteFailed, match=r"a\.journal\.jsonl could not be created: File exists"):
        OpenSegment(tmp_path, Heading("a", "default", "w", 1, MORNING), b"")

    assert [path.name for path in tmp_path.iterdir()] == ["a.journal.jsonl"]


def test_a_segment_whose_first_record_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    with (
        no_file_may_grow(1000),
        pytest.raises(WriteFailed, match=r"^a\.warc\.gz\.open: 1000 of 2000 bytes were written$"),
    ):
        OpenSegment(tmp_path, Heading("a", "default", "w", 1, MORNING), bytes(2000))

    assert list(tmp_path.iterdir()) == []


def test_a_sealed_segment_with_an_unreadable_journal_hides_no_other(tmp_path: Path) -> None:
    spool = Spool(tmp_path, worker="w", epoch=1, now=lambda: MORNING)
    for number in (1, 2):
        keep(spool.begin("default", {}), number)
        assert spool.seal("default")
    first, second = spool.sealed()
    first.journal.unlink()
    first.journal.mkdir()  # not readable as a file

    assert spool.sealed() == [second]
    spool.close()


def test_a_condemned_segment_keeps_committed_bytes_and_is_closed(tmp_path: Path) -> None:
    spool = Spool(tmp_path, worker="w", epoch=1, now=lambda: MORNING)
    segment = spool.begin("default", {})
    keep(segment, 1)
    whole, lines = segment.path.read_bytes(), segment.journal.read_bytes()
    segment.write(b"x" * (1 << 19))  # more than the buffer: it is in the file, and does not count
    segment._journal.append(b"x" * (1 << 19))

    segment.abandon()

    [failed] = (tmp_path / "open").glob("*.failed")
    assert failed.read_bytes() == whole
    assert segment.journal.read_bytes() == lines
    for path in (failed, segment.journal):
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    spool.close()


def test_both_files_of_a_segment_go_back_to_the_last_commit(tmp_path: Path) -> None:
    spool = Spool(tmp_path, worker="w", epoch=1, now=lambda: MORNING)
    segment = spool.begin("default", {})
    keep(segment, 1)
    whole, lines, digest = segment.path.read_bytes(), segment.journal.read_bytes(), segment.sha256
    segment.write(b"x" * (1 << 19))

    segment.back()

    assert (segment.path.read_bytes(), segment.journal.read_bytes()) == (whole, lines)
    assert segment.sha256 == digest == hashlib.sha256(whole).hexdigest()
    assert segment.size == len(whole)
    keep(segment, 2)
    assert segment.path.read_bytes().startswith(whole)
    assert spool.seal("default")
    spool.close()


@pytest.mark.parametrize(
    ("used", "state"), [(0, "ok"), (70, "ok"), (71, "no-new-runs"), (86, "pause"), (96, "stop"), (300, "stop")]
)
def test_the_state_of_the_spool_follows_its_thresholds(tmp_path: Path, used: int, state: str) -> None:
    spool = Spool(tmp_path, worker="w", epoch=1, now=lambda: MORNING, budget=100_000, ballast=0)
    (tmp_path / "quarantine" / "x").write_bytes(b"x" * used * 1000)

    assert spool.state() == state
    assert spool.fraction() == used / 100
    spool.close()


def test_the_ballast_takes_space_and_is_freed_on_a_full_disk(tmp_path: Path) -> None:
    hand = Hand()
    space = Space(tmp_path, budget=1 << 30, ballast=1 << 20, monotonic=hand)
    assert space.state() == "ok"
    assert (tmp_path / "ballast").stat().st_blocks * 512 >= 1 << 20

    space.filled()
    assert not (tmp_path / "ballast").exists()
    assert space.state() == "stop"

    hand.at += 2
    assert space.state() == "ok"
    assert (tmp_path / "ballast").exists()


def test_after_a_failure_the_disk_is_tried_again_later(tmp_path: Path) -> None:
    hand = Hand()
    space = Space(tmp_path, budget=1 << 30, ballast=0, monotonic=hand)

    space.failed()
    assert space.state() == "stop"

    hand.at += 11
    assert space.state() == "ok"


def test_times_ascend_if_the_clock_is_set_back() -> None:
    said = [MORNING, MORNING - timedelta(hours=3), MORNING, MORNING + timedelta(seconds=1)]
    steady = MonotonicClock(lambda: said.pop(0))

    micro = timedelta(microseconds=1)
    moments = [steady() for _ in range(4)]

    assert moments == [MORNING, MORNING + micro, MORNING + 2 * micro, MORNING + timedelta(seconds=1)]


def test_times_after_a_restart_are_later_than_those_before() -> None:
    steady = MonotonicClock(lambda: datetime(2020, 1, 1, tzinfo=UTC))
    steady.not_before(MORNING)
    steady.not_before(None)
    steady.not_before(MORNING - timedelta(days=1))

    assert steady() == MORNING + timedelta(microseconds=1)
