"""Where the temporary files of `make test` are: in memory, if the machine has enough of it."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Mapping
from getpass import getuser
from pathlib import Path
from tempfile import mkdtemp

import psutil

MEMORY = Path("/dev/shm")
NEEDED = 8 << 30
"""Bytes: a run of all tests takes up to 3 GB at once, besides the memory of its processes."""


_PREFIX = "pm-"
"""Short: the path of a socket has 107 bytes (unix(7))."""


def in_memory(environment: Mapping[str, str], place: Path = MEMORY, needed: int = NEEDED) -> Path | None:
    """Make a directory for temporary files in `place`, and remove those that former runs left for their failed tests.

    Return None where the environment names a directory, or where `place` is missing or too small. The directory is
    locked until this process ends, however it ends, so that no other run takes it for one that is left over.

    Tests write some ten thousand homes with databases, which wait for a disk at each commit. A file system in memory
    syncs at once; what a killed process leaves is the same there. The forms with the figures of a release use the disk.
    """
    if "TMPDIR" in environment or not os.access(place, os.W_OK | os.X_OK):
        return None
    for former in place.glob(f"{_PREFIX}*"):
        _remove_if_left(former)
    if min(shutil.disk_usage(place).free, psutil.virtual_memory().available) < needed:
        return None
    while True:
        made = Path(mkdtemp(prefix=_PREFIX, dir=place))
        lock = os.open(made, os.O_RDONLY | os.O_DIRECTORY)  # open as long as the process: its end frees the lock
        if _locked(lock) and _is_at(lock, made):
            made.chmod(0o711)  # PostgreSQL runs as a user of its own
            return made
        os.close(lock)  # another run found it before it was locked, and removes it


def _remove_if_left(directory: Path) -> None:
    """Remove a directory of this user that no process has locked."""
    try:
        if directory.owner() != getuser():
            return
        lock = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except (OSError, KeyError):  # removed meanwhile; a user without a name
        return
    try:
        if _locked(lock):
            shutil.rmtree(directory, ignore_errors=True)
    finally:
        os.close(lock)


def _locked(lock: int) -> bool:
    """Lock an open directory, and return whether no other process has the lock."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_at(lock: int, path: Path) -> bool:
    """Return whether an open directory is still what a path leads to."""
    try:
        return os.path.samestat(os.fstat(lock), path.stat())
    except FileNotFoundError:
        return False
