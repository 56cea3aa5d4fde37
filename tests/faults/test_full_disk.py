"""A disk that is really full: nothing is acknowledged falsely, and work resumes when there is space again."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from services.disks import no_descriptors, read_only
from services.disks import small_disk as mounted
from services.waiting import eventually
from specimens.archives import LATER, small_archive
from specimens.exchanges import context, numbered
from specimens.spools import crashed

from archive.export import EXPORTERS, export_to, file
from archive.index.selection import Selection
from archive.spool.recorder import Receipt, Recorder
from archive.spool.recovery import recover
from archive.spool.space import Space
from archive.spool.spool import Spool
from archive.values.capture import Capture
from archive.values.errors import SpoolFull, SpoolRefuses
from archive.warc import journal
from archive.warc.integrity.verify import verify

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to mount a small file system"),
]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    with mounted(tmp_path / "disk", "size=6m,nr_inodes=200") as disk:
        yield disk


def now() -> datetime:
    return datetime.now(UTC)


@pytest.mark.parametrize("filled_by", ["us", "another"])
def test_a_full_disk_stops_the_recorder_until_there_is_space(filled_by: str, small_disk: Path) -> None:
    receipts: list[Receipt] = []

    def acknowledged(some: Sequence[Receipt]) -> None:
        receipts.extend(some)

    spool = Spool(
        small_disk / "spool", worker="w", epoch=1, now=now, seal_bytes=400_000, budget=1 << 30, ballast=1 << 20
    )
    recorder = Recorder(spool, originals=lambda *_: {}, acknowledged=acknowledged, wait=0.001)
    try:
        fill_and_go_on(filled_by, small_disk / "another", spool, recorder, receipts)
    finally:
        recorder.close()
        spool.close()


def test_recovery_gets_the_ballast_on_a_full_disk(small_disk: Path) -> None:
    spool = small_disk / "spool"
    captures, warc = crashed(spool, [numbered(n, size=200_000) for n in range(3)])
    with warc.open("r+b") as file:  # damage, so that the segment is written again
        file.seek(captures[1].location.offset + 300)
        file.write(bytes(100))
    (spool / "ballast").write_bytes(bytes(1 << 20))
    fill(small_disk / "another")

    recovered = recover(spool, now=now)

    assert not (spool / "ballast").exists()
    assert recovered.lost == (captures[1],)
    [sealed] = recovered.segments
    assert list(verify(sealed.path)) == []


def test_recovery_leaves_the_ballast_where_there_is_space(tmp_path: Path) -> None:
    crashed(tmp_path, [numbered(1)])
    (tmp_path / "ballast").write_bytes(bytes(1 << 10))

    recover(tmp_path, now=now)

    assert (tmp_path / "ballast").exists()


def test_an_export_restarted_on_a_full_disk_keeps_what_it_has_written(
    small_disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(done: int, _total: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(file, "_NOTE_EVERY", 1)
    target, another = small_disk / "out.jsonl", small_disk / "another"
    with small_archive(tmp_path / "archive") as kept:
        export = partial(export_to, kept.exports, EXPORTERS["jsonl"], Selection(), target, now=LATER)
        with pytest.raises(KeyboardInterrupt):
            export(progress=stop)
        fill(another)
        with pytest.raises(OSError, match=r"out\.jsonl") as full:
            export()
        another.unlink()

        assert full.value.errno == errno.ENOSPC
        assert export().resumed


def fill(path: Path) -> None:
    with path.open("wb", buffering=0) as another, pytest.raises(OSError, match="No space left"):
        while True:
            another.write(b"x" * 4096)


def fill_and_go_on(filled_by: str, another: Path, spool: Spool, recorder: Recorder, receipts: list[Receipt]) -> None:
    assert spool.state() == "ok"
    if filled_by == "another":
        another.write_bytes(b"x" * (4 << 20))
    number = 0
    while not any(receipt.error for receipt in receipts):
        recorder.record(numbered(number, size=9000), context(), number)
        number += 1
        if number % 16 == 0:
            recorder.flush()

    assert {type(receipt.error) for receipt in receipts if receipt.error} == {SpoolFull}
    assert spool.state() == "stop"
    kept = [receipt.capture for receipt in receipts if receipt.capture]
    assert len(kept) > 20

    shipped = spool.sealed()[:6] if filled_by == "us" else []
    gone = {capture.record_id for sealed in shipped for capture in journal.read(sealed.journal)}
    for sealed in shipped:
        sealed.journal.unlink()
        sealed.path.unlink()
    another.unlink(missing_ok=True)
    eventually(lambda: spool.state() != "stop")
    recorder.record(numbered(number, size=9000), context(), "after")
    recorder.close()

    assert receipts[-1].token == "after"
    assert receipts[-1].capture
    assert_kept(
        spool.directory, [capture for capture in [*kept, receipts[-1].capture] if capture.record_id not in gone]
    )


def assert_kept(directory: Path, captures: list[Capture]) -> None:
    assert recover(directory, now=now).lost == ()
    sealed = sorted((directory / "sealed").glob("*.warc.gz"))
    held = [c for warc in sealed for c in journal.read(warc.with_name(warc.name[:-8] + journal.SUFFIX))]
    assert {capture.record_id for capture in captures} <= {capture.record_id for capture in held}
    assert [finding for warc in sealed for finding in verify(warc)] == []


@contextmanager
def no_inodes(disk: Path) -> Iterator[None]:
    """Take every inode of the disk."""
    taken = disk / "taken"
    taken.mkdir()
    with pytest.raises(OSError, match="No space left"):
        for number in range(10_000):
            (taken / str(number)).touch()
    yield
    for one in taken.iterdir():
        one.unlink()


REFUSALS = {"no inodes": no_inodes, "no descriptors": lambda _: no_descriptors()}


@pytest.mark.parametrize("refusal", REFUSALS.values(), ids=REFUSALS)
@pytest.mark.parametrize("ballast", [0, pytest.param(1 << 20, marks=pytest.mark.costly)])
def test_a_disk_that_refuses_files_stops_the_recorder_until_it_accepts_them(
    refusal: Callable[[Path], AbstractContextManager[None]], ballast: int, small_disk: Path
) -> None:
    receipts: list[Receipt] = []
    spool = Spool(small_disk / "spool", worker="w", epoch=1, now=now, seal_bytes=20_000, ballast=ballast)
    with Recorder(spool, originals=lambda *_: {}, acknowledged=receipts.extend, wait=0.001) as recorder:
        assert spool.state() == "ok"
        with refusal(small_disk):
            number = fill_until_refused(recorder, receipts)
            spool.space.check()
            stays, why = spool.state(), spool.pressure()
        eventually(lambda: spool.state() == "ok")
        recorder.record(numbered(number, size=9000), context(), "after")

    assert stays == "stop"
    assert "the disk of the spool refuses files" in why
    assert {receipt.error.__class__ for receipt in receipts if receipt.error} <= {SpoolFull, SpoolRefuses}
    assert receipts[-1].token == "after"
    assert receipts[-1].capture
    kept = [receipt.capture for receipt in receipts if receipt.capture]
    spool.close()
    assert_kept(spool.directory, kept)


def test_a_read_only_disk_is_a_reason_to_stop_and_not_an_error(small_disk: Path) -> None:
    space = Space(small_disk, budget=1 << 30, ballast=0)
    with read_only(small_disk):
        first, why = space.state(), space.pressure()
        space.check()
        second = space.state()
    space.check()

    assert (first, second, space.state()) == ("stop", "stop", "ok")
    assert why == f"the disk of the spool refuses files: {small_disk}/ballast: Read-only file system"


def fill_until_refused(recorder: Recorder, receipts: list[Receipt]) -> int:
    number = 0
    while not any(receipt.error for receipt in receipts):
        recorder.record(numbered(number, size=9000), context(), number)
        number += 1
        if number % 4 == 0:
            recorder.flush()
    return number
