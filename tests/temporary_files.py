"""Where the temporary files of `make test` are: in memory, if the machine has enough of it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from getpass import getuser
from pathlib import Path

import psutil

MEMORY = Path("/dev/shm")
NEEDED = 8 << 30
"""Bytes: a run of all tests takes up to 3 GB at once, besides the memory of its processes."""


def in_memory(environment: Mapping[str, str], place: Path = MEMORY, needed: int = NEEDED) -> Path | None:
    """Make a directory for temporary files in `place`, and remove those that former runs left for their failed tests.

    Return None where the environment names a directory, or where `place` is missing or too small.

    Tests write some ten thousand homes with databases, which wait for a disk at each commit. A file system in memory
    syncs at once; what a killed process leaves is the same there. The forms with the figures of a release use the disk.
    """
    if "TMPDIR" in environment or not os.access(place, os.W_OK | os.X_OK):
        return None
    for former in place.glob("t-*"):  # short: the path of a socket has 107 bytes (unix(7))
        number = former.name.removeprefix("t-")
        if number.isdecimal() and former.owner() == getuser() and not psutil.pid_exists(int(number)):
            shutil.rmtree(former, ignore_errors=True)
    if min(shutil.disk_usage(place).free, psutil.virtual_memory().available) < needed:
        return None
    made = place / f"t-{os.getpid()}"
    made.mkdir(exist_ok=True)
    made.chmod(0o711)  # PostgreSQL runs as a user of its own
    return made
