"""Where the temporary files of `make test` are: in memory, if the machine has enough of it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import psutil

MEMORY = Path("/dev/shm")
NEEDED = 8 << 30
"""Bytes: a run of all tests takes up to 3 GB at once, besides the memory of its processes."""


def in_memory(environment: Mapping[str, str], place: Path = MEMORY, needed: int = NEEDED) -> str | None:
    """Return the directory for temporary files: `place`, or None where the environment names one or it is too small.

    Tests write some ten thousand homes with databases, which wait for a disk at each commit. A file system in memory
    syncs at once; what a killed process leaves is the same there. The forms with the figures of a release use the disk.
    """
    if "TMPDIR" in environment or not os.access(place, os.W_OK | os.X_OK):
        return None
    return str(place) if min(shutil.disk_usage(place).free, psutil.virtual_memory().available) >= needed else None
