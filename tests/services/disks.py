"""Disks that refuse: small ones, read-only ones, and a process that may open no more files."""

from __future__ import annotations

import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest


@contextmanager
def small_disk(disk: Path, options: str = "size=20m") -> Iterator[Path]:
    """A file system of its own at that directory. Needs root."""
    disk.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", options, "pressmark-test", str(disk)]
    if (mounted := subprocess.run(command, capture_output=True, check=False)).returncode:
        pytest.skip(f"a small file system can't be mounted here: {mounted.stderr.decode().strip()}")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


@dataclass
class Disk:
    """A disk that keeps its files while it is not mounted."""

    at: Path
    held: Path

    def mount(self) -> None:
        subprocess.run(["mount", "--bind", str(self.held), str(self.at)], check=True)

    def unmount(self) -> None:
        subprocess.run(["umount", str(self.at)], check=True)


@contextmanager
def a_disk(at: Path) -> Iterator[Disk]:
    """A mounted file system of its own, which can be unmounted. Needs root."""
    at.mkdir(parents=True, exist_ok=True)
    with small_disk(at.with_name(f"{at.name}-disk")) as held:
        disk = Disk(at, held)
        disk.mount()
        try:
            yield disk
        finally:
            if at.is_mount():
                subprocess.run(["umount", "--lazy", str(at)], check=True)


@contextmanager
def read_only(disk: Path) -> Iterator[None]:
    """Mount the disk again, read-only; nothing may have a file open there for writing."""
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    try:
        yield
    finally:
        subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)


@contextmanager
def no_descriptors() -> Iterator[None]:
    """This process may open no file more."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


@contextmanager
def ext4_disk(disk: Path, image: Path, size: int = 8 << 20) -> Iterator[Path]:
    """An ext4 in a file, mounted at that directory: full, it still has inodes, unlike a tmpfs. Needs root."""
    disk.mkdir(parents=True, exist_ok=True)
    with image.open("wb") as file:
        file.truncate(size)
    for command in (["mkfs.ext4", "-q", "-F", "-m", "0", str(image)], ["mount", "-o", "loop", str(image), str(disk)]):
        if subprocess.run(command, check=False, capture_output=True).returncode:
            pytest.skip("a file system in a file can't be mounted here")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)
