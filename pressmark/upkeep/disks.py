"""The disks that a service writes to: each directory, and its free space and inodes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from archive.database.database_name import file_of
from archive.values.disk import refusal_of
from archive.values.os_errors import is_full
from config.settings import Settings

SPOOL = "spool"
_LEAST_FREE, _LEAST_PART = 1 << 30, 0.05
"""A disk is nearly full with less than 1 GiB free, or less than this share of it if that is smaller."""
_LEAST_INODES, _LEAST_INODES_PART = 1000, 0.01


@dataclass(frozen=True, slots=True)
class Disk:
    """A file system, and which of our directories are on it."""

    path: Path
    """The first of them, or its nearest existing parent."""
    uses: tuple[str, ...]
    free: int
    """Bytes."""
    is_full: bool
    """Or nearly."""
    inodes: int
    """Those that are free."""
    lacks_inodes: bool
    is_read_only: bool


def directories_of(settings: Settings) -> dict[str, Path]:
    """Return the directories that a service writes to, by purpose. The store and the database may not be on a disk."""
    home = settings.home
    found = {"home": home, SPOOL: settings.spool_path, "frontiers": home / "frontiers"}
    found |= {"logs": home / "logs", "items": home / "items"}
    if (file := file_of(settings.database_url)) is not None:
        found["database"] = file.parent
    if settings.store_path is not None:
        found["store"] = settings.store_path
    return found


def refusals_of(settings: Settings) -> Iterator[tuple[str, Path, OSError]]:
    """Return the directories that take no files: what they are for, and why they don't.

    For a directory that does not exist yet, it is the nearest existing parent, unless that is named already. A disk
    that is full by its own figures is left out: `disks_of` has it. A quota is not in these figures.
    """
    named = set[Path]()
    for use, directory in directories_of(settings).items():
        exists = _is_directory(directory)
        place = directory if exists else _nearest(directory)
        error = refusal_of(place) if exists or place not in named else None
        if error is not None and not (is_full(error) and _is_known_as_full(place)):
            named.add(place)
            yield use, place, error


def _is_directory(path: Path) -> bool:
    with suppress(OSError):
        return path.is_dir()
    return True  # what can't be looked at refuses


def _is_known_as_full(directory: Path) -> bool:
    disk = _disk(directory, ())
    return disk.is_full or disk.lacks_inodes


def disks_of(settings: Settings) -> Iterator[Disk]:
    """Check each file system once."""
    uses: dict[int, list[str]] = {}
    paths: dict[int, Path] = {}
    for use, directory in directories_of(settings).items():
        path = _nearest(directory)
        device = path.stat().st_dev
        uses.setdefault(device, []).append(use)
        paths.setdefault(device, path)
    for device, path in paths.items():
        yield _disk(path, tuple(uses[device]))


def _disk(path: Path, uses: tuple[str, ...]) -> Disk:
    at = os.statvfs(path)
    free, size = at.f_bavail * at.f_frsize, at.f_blocks * at.f_frsize
    return Disk(
        path=path,
        uses=uses,
        free=free,
        is_full=size > 0 and free < min(_LEAST_FREE, size * _LEAST_PART),
        inodes=at.f_favail,
        lacks_inodes=at.f_files > 0 and at.f_favail < min(_LEAST_INODES, at.f_files * _LEAST_INODES_PART),
        is_read_only=is_read_only(path),
    )


def is_read_only(path: Path) -> bool:
    """Return whether the file system of a path refuses writes."""
    return bool(os.statvfs(path).f_flag & os.ST_RDONLY)


def _nearest(directory: Path) -> Path:
    """Return the directory itself, or its nearest existing parent."""
    path = directory.absolute()
    while not path.exists():
        path = path.parent
    return path
