"""Restore a home from a backup."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, cast

from archive.store import ObjectStore, open_store
from archive.store.object_reader import opened
from archive.values.atomic_files import fsync_directory
from archive.values.digest import sha256_file
from archive.values.errors import IntegrityError
from archive.warc.keys import MANIFESTS, sha256_of_key
from config.settings import Settings
from pressmark.upkeep.backup_index import (
    BACKUPS,
    File,
    HomeNotEmpty,
    Index,
    NoBackup,
    Progress,
    is_inside,
    newest_index,
    object_key,
)

_UNFINISHED = ".restore-"
_HARMLESS = ("lost+found",)
_BLOCK = 1 << 20
_IN_MEMORY = 8 << 20


@dataclass(frozen=True, slots=True)
class RestoredHome:
    """What was restored."""

    at: datetime
    """When the backup was made."""
    files: int
    objects: int
    left_out: tuple[str, ...]
    """What the backup did not have."""


def restore_home(
    settings: Settings, backup: ObjectStore, *, progress: Progress = lambda _done, _all: None
) -> RestoredHome:
    """Fill an empty home from the newest backup, whose digests are checked.

    Files are written beside their place, and moved there at the end: a restore that is interrupted can be repeated.
    Raises HomeNotEmpty, NoBackup, IntegrityError, StoreError, OSError.
    """
    home = settings.home
    _check_empty(home)
    index = newest_index(backup)
    if index is None:
        raise NoBackup("no complete backup is there")
    for file in index.files:
        if not is_inside(file.path):
            raise IntegrityError(f"the backup names the file {file.path!r}, which is not inside the home")
    objects = _objects_of(settings, backup, index)
    total, done = len(index.files) + len(objects), 0
    home.mkdir(parents=True, exist_ok=True)
    unfinished = home / f"{_UNFINISHED}{secrets.token_hex(4)}"
    unfinished.mkdir()
    for old in set(home.glob(f"{_UNFINISHED}*")) - {unfinished}:
        shutil.rmtree(old)
    for file in index.files:
        _write(backup, file, unfinished / file.path)
        done += 1
        progress(done, total)
    if settings.store_path is not None and objects:
        with closing(open_store(settings.store_path)) as store:
            for key in objects:
                _copy_object(backup, store, key)
                done += 1
                progress(done, total)
    _move(unfinished, home)
    return RestoredHome(index.at, len(index.files), len(objects), index.left_out)


def _check_empty(home: Path) -> None:
    """Raise HomeNotEmpty if the home has anything but the rest of an interrupted restore."""
    there = [path.name for path in home.iterdir()] if home.is_dir() else []
    begun = any(name.startswith(_UNFINISHED) for name in there)
    usual = (*_HARMLESS, "store") if begun else _HARMLESS
    strange = sorted(name for name in there if not name.startswith(_UNFINISHED) and name not in usual)
    if strange:
        raise HomeNotEmpty(f"{home} is not empty: it has {', '.join(strange[:5])}")


def _objects_of(settings: Settings, backup: ObjectStore, index: Index) -> list[str]:
    """Return the keys of the objects of a local store, manifests last."""
    if not index.has_store:
        return []
    if settings.store_path is None:
        raise NoBackup("the backup has the objects of a local store, but the setting store is s3: set it to local")
    keys = [key for key in backup.keys("") if not key.startswith(BACKUPS)]
    return sorted(keys, key=lambda key: (key.startswith(MANIFESTS), key))


def _write(backup: ObjectStore, file: File, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    key = object_key(file.sha256)
    with closing(opened(backup, key)) as reading, path.open("xb") as writing:
        shutil.copyfileobj(reading, writing, _BLOCK)
        writing.flush()
        os.fsync(writing.fileno())
    with path.open("rb") as written:
        found = sha256_file(written)
    if found != file.sha256:
        raise IntegrityError(f"{key}, the copy of {file.path}, has the SHA-256 {found}")


def _copy_object(backup: ObjectStore, store: ObjectStore, key: str) -> None:
    if store.size(key) == backup.size(key):
        return
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as copy:
        with closing(opened(backup, key)) as reading:
            shutil.copyfileobj(reading, copy, _BLOCK)
        copy.seek(0)
        digest = sha256_file(cast("BinaryIO", copy))
        if sha256_of_key(key) not in (None, digest):
            raise IntegrityError(f"{key} is damaged in the backup: its SHA-256 is {digest}")
        copy.seek(0)
        store.put(key, cast("BinaryIO", copy), digest, replace=True)


def _move(unfinished: Path, home: Path) -> None:
    """Move everything to its place, the database last."""
    for path in sorted(unfinished.iterdir(), key=lambda path: (path.name.startswith("pressmark.db"), path.name)):
        path.rename(home / path.name)
    unfinished.rmdir()
    fsync_directory(home)
