"""The power fails at any instant: what is on disk then contains everything acknowledged.

The spool is on ext4, on a loop device, on a file in btrfs. A reflink copy of that file is the disk as a power cut would
leave it: it lacks what the file system still held in memory.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import pytest
from conftest import figure
from faults.spool_checker import Checker
from faults.test_kill import CHILD, ENVIRONMENT, PATIENCE
from services.waiting import eventually

from archive.spool.recovery import recover

ROUNDS = figure(1, 10, 100)
CUTS = figure(6, 10, 10)

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to mount images"),
    pytest.mark.skipif(not all(map(shutil.which, ["mkfs.btrfs", "mkfs.ext4", "losetup"])), reason="needs btrfs-progs"),
]


def sh(*command: str | Path) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise OSError(f"{command[0]}: {done.stderr.strip()}")


def make_disk(image: Path, kind: str, size: int) -> None:
    image.touch()
    os.truncate(image, size)
    sh(f"mkfs.{kind}", "-q", image)


@contextmanager
def mounted(image: Path, at: Path) -> Iterator[Path]:
    at.mkdir(exist_ok=True)
    sh("mount", "-o", "loop", image, at)
    try:
        yield at
    finally:
        sh("umount", "--lazy", at)


@pytest.fixture
def outer(tmp_path: Path) -> Iterator[Path]:
    try:
        make_disk(tmp_path / "outer.img", "btrfs", 2 << 30)
        with mounted(tmp_path / "outer.img", tmp_path / "outer") as outer:
            make_disk(outer / "disk.img", "ext4", 256 << 20)
            yield outer
    except OSError as error:
        pytest.skip(f"loop devices can't be had here: {error}")


class Child:
    """A recording child, and the lines that it has written so far."""

    def __init__(self, spool: Path, *options: str) -> None:
        command = [sys.executable, str(CHILD), str(spool), "0", "0", *options]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, env=ENVIRONMENT)
        self.said: list[str] = []
        self._thread = Thread(target=self._listen)
        self._thread.start()

    def _listen(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            self.said.append(line.decode().strip())

    def kept(self) -> set[str]:
        return {line.split()[1] for line in list(self.said) if line.startswith("kept")}

    def keep(self, count: int) -> None:
        """Wait until it has acknowledged so many."""
        deadline = time.monotonic() + PATIENCE
        while len(self.kept()) < count:
            assert time.monotonic() < deadline, f"it did not acknowledge {count} exchanges within {PATIENCE} s"
            time.sleep(0.002)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        self._thread.join()
        assert self._process.stdout
        self._process.stdout.close()


def cuts(outer: Path, base: Path, chance: random.Random, *options: str) -> Generator[tuple[int, list[str]], None, None]:
    """Record, and cut the power repeatedly.

    Return the number of acknowledged exchanges, and the problems of the disk.
    """
    with mounted(outer / "disk.img", base / "inner") as inner:
        child = Child(inner / "spool", *options)
        try:
            eventually(lambda: child.said)
            for number in range(CUTS):
                if number % 2:
                    time.sleep(chance.random() * 0.4)
                else:  # after work, so that a slow machine does some too
                    child.keep(len(child.kept()) + chance.randint(10, 60))
                kept, image = child.kept(), outer / f"cut-{number}.img"
                sh("cp", "--reflink=always", outer / "disk.img", image)
                yield len(kept), problems(image, base / "cut", kept)
                image.unlink()
        finally:
            child.kill()
            shutil.rmtree(inner / "spool")


def problems(image: Path, at: Path, kept: set[str]) -> list[str]:
    with mounted(image, at) as disk:
        if not (disk / "spool").exists():
            return [f"lost: {url}" for url in kept]
        recover(disk / "spool", now=lambda: datetime.now(UTC))
        return Checker(disk / "spool").problems(kept)


@pytest.mark.timeout(figure(900, 3600, 18_000))
def test_a_power_cut_loses_nothing_acknowledged(outer: Path, tmp_path: Path) -> None:
    seed = random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    counts = []
    for _ in range(ROUNDS):
        for count, found in cuts(outer, tmp_path, chance):
            assert found == [], f"seed {seed}"
            counts.append(count)

    assert sum(counts) > 50


def test_a_recorder_that_does_not_fsync_loses_data_in_a_power_cut(outer: Path, tmp_path: Path) -> None:
    with closing(cuts(outer, tmp_path, random.Random(1), "unsynced")) as all_cuts:
        assert any(problem.startswith("lost") for _, found in all_cuts for problem in found)
