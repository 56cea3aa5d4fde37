"""Tell whether a file has changed without opening it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

Stamp = tuple[int, int, int, int]
"""What changes when a file does: its modification time and size, inode, and change time, in nanoseconds and bytes."""


_SIGNED = (1 << 63) - 1


def stamps(directory: Path, suffixes: tuple[str, ...]) -> Iterator[tuple[str, Stamp]]:
    """Return the stamps of the files of a directory that end so, by their names; hidden files are left out."""
    try:
        entries = os.scandir(directory)
    except (FileNotFoundError, NotADirectoryError):
        return
    with entries:
        for entry in entries:
            if entry.name.endswith(suffixes) and not entry.name.startswith(".") and entry.is_file():
                with suppress(FileNotFoundError):  # removed meanwhile
                    yield entry.name, stamp_of(entry.stat())


def stamp(path: str | Path) -> Stamp | None:
    """Return the stamp of a file or directory; None when it is not there."""
    try:
        return stamp_of(os.stat(path))  # noqa: PTH116 (a Path for each of many files costs as much as the call)
    except OSError:
        return None


def stamp_of(stat: os.stat_result) -> Stamp:
    """Return a stamp of integers that fit into 64 bits with a sign: inodes of some file systems do not."""
    return (stat.st_mtime_ns, stat.st_size, stat.st_ino & _SIGNED, stat.st_ctime_ns)
