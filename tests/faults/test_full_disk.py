"""A disk that is really full: nothing is acknowledged falsely, and when there is room again what stopped goes on."""

from __future__ import annotations

import errno
import os
import subprocess
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from services.waiting import eventually
from specimens.archives import LATER, small_archive
from specimens.exchanges import context, numbered

from archive import journal
from archive.capture import Capture
from archive.errors import SpoolFull
from archive.export import EXPORTERS, export_to, file
from archive.recorder import Receipt, Recorder
from archive.recovery import recover
from archive.selection import Selection
from archive.spool import Spool
from archive.verify import verify

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to mount a small file system"),
]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    options = ["mount", "-t", "tmpfs", "-o", "size=6m", "pressmark-test", str(disk)]
    mounted = subprocess.run(options, capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip(f"a small file system can't be mounted here: {mounted.stderr.decode().strip()}")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


def now() -> datetime:
    return datetime.now(UTC)


@pytest.mark.parametrize("filled_by", ["us", "another"])
def test_a_full_disk_stops_the_recorder_until_there_is_room(filled_by: str, small_disk: Path) -> None:
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


def test_an_export_that_is_begun_again_on_a_full_disk_keeps_what_it_has_written(
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
