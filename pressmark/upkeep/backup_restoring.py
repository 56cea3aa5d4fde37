"""Restore a home from a backup."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from archive.store import ObjectStore, open_store
from archive.store.object_reader import copied, octets_of, opened
from archive.values.atomic_files import fsync_directory, write_whole
from archive.values.digest import sha256, sha256_file
from archive.values.errors import IntegrityError
from archive.warc.keys import MANIFESTS, RUNS, sha256_of_key
from config.errors import ConfigError, Problem
from config.files.document import read_document
from config.settings import Settings, origins
from config.values.settings_values import check_store
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

_UNFINISHED, _COMPLETE = ".restore-", ".restored"
"""Directories in the home: one that is being written, and one whose files only have to be moved to their places."""
_FILES, _INDEX = "files", "index.json"
_IN_PLACE = ("lost+found", "secrets", "crawler-keys", ".env")
"""What a home may have before: no backup has any of these."""
_SETTINGS, _DATABASE = "pressmark.yaml", "pressmark.db"
_LAST = (_SETTINGS, _DATABASE)
_BLOCK = 1 << 20


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
    """Fill an empty home from the newest backup, whose digests are checked, and the local store that its settings name.

    Files are written beside their place. When all are there, they are moved: a restore that is interrupted can be
    repeated at any time. Raises HomeNotEmpty, NoBackup, ConfigError, IntegrityError, StoreError, OSError.
    """
    home = settings.home
    if not (home / _COMPLETE).is_dir():
        _restore(settings, backup, progress)
    return _move(settings, backup)


def _restore(settings: Settings, backup: ObjectStore, progress: Progress) -> None:
    """Write everything, and the files of the home into a directory of their own."""
    home = settings.home
    _check_empty(home)
    index = newest_index(backup)
    if index is None:
        raise NoBackup("no complete backup is there")
    for file in index.files:
        if not is_inside(file.path):
            raise IntegrityError(f"the backup names the file {file.path!r}, which is not inside the home")
    path = _store_path(settings, backup, index)
    objects = _objects_of(path, backup, index)
    _check_same_archive(path, objects)
    total, done = len(index.files) + len(objects), 0
    home.mkdir(parents=True, exist_ok=True)
    unfinished = home / f"{_UNFINISHED}{secrets.token_hex(4)}"
    unfinished.mkdir()
    for old in set(home.glob(f"{_UNFINISHED}*")) - {unfinished}:
        shutil.rmtree(old)
    (unfinished / _FILES).mkdir()
    for file in index.files:
        _write(backup, file, unfinished / _FILES / file.path)
        done += 1
        progress(done, total)
    if path is not None and objects:
        with closing(open_store(path)) as store:
            for key in objects:
                _copy_object(backup, store, key)
                done += 1
                progress(done, total)
    write_whole(unfinished / _INDEX, index.to_bytes())
    _sync_directories(unfinished)
    unfinished.rename(home / _COMPLETE)
    fsync_directory(home)


def _check_empty(home: Path) -> None:
    """Raise HomeNotEmpty if the home has anything but secrets and the rest of an interrupted restore."""
    there = [path.name for path in home.iterdir()] if home.is_dir() else []
    begun = any(name.startswith(_UNFINISHED) for name in there)
    usual = (*_IN_PLACE, "store") if begun else _IN_PLACE
    strange = sorted(name for name in there if not name.startswith(_UNFINISHED) and name not in usual)
    if strange:
        raise _not_empty(home, strange)


def _not_empty(home: Path, strange: list[str]) -> HomeNotEmpty:
    return HomeNotEmpty(f"{home} is not empty: it has {', '.join(strange[:5])}")


def _store_path(settings: Settings, backup: ObjectStore, index: Index) -> Path | None:
    """Return the directory of the store as the restored settings name it; this machine's settings come first."""
    named = next((file for file in index.files if file.path == _SETTINGS), None)
    if named is None or origins(settings)["store"].kind != "default":
        return settings.store_path
    content = octets_of(backup, key := object_key(named.sha256))
    if (found := sha256(content)) != named.sha256:
        raise IntegrityError(f"{key}, the copy of {_SETTINGS}, has the SHA-256 {found}")
    try:
        data = read_document(content.decode()).data
        store = check_store(str(data.get("store", settings.store) if isinstance(data, Mapping) else settings.store))
    except ValueError as error:
        raise ConfigError(Problem(str(error), "store", file=Path(_SETTINGS))) from None
    return settings.model_copy(update={"store": store}).store_path


def _objects_of(path: Path | None, backup: ObjectStore, index: Index) -> list[str]:
    """Return the keys of the objects of a local store, manifests last."""
    if not index.has_store:
        return []
    if path is None:
        raise NoBackup("the backup has the objects of a local store, but the setting store is s3: set it to local")
    keys = [key for key in backup.keys("") if not key.startswith(BACKUPS)]
    return sorted(keys, key=lambda key: (key.startswith(MANIFESTS), key))


def _check_same_archive(path: Path | None, objects: list[str]) -> None:
    """Raise HomeNotEmpty if the store has manifests, and none of those in the backup."""
    if path is None or not objects:
        return
    with closing(open_store(path)) as store:
        there = list(store.keys(MANIFESTS))
    if there and not set(there) & set(objects):
        raise HomeNotEmpty(f"the store in {path} has another archive: its manifests are not in the backup")


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
    """Copy an object, unless the store has it. What is replaced in the course of time is never older in the store."""
    size = store.size(key)
    if size is not None and (key.startswith(RUNS) or size == backup.size(key)):
        return
    with copied(opened(backup, key)) as copy:
        digest = sha256_file(copy)
        if sha256_of_key(key) not in (None, digest):
            raise IntegrityError(f"{key} is damaged in the backup: its SHA-256 is {digest}")
        copy.seek(0)
        store.put(key, copy, digest, replace=True)


def _sync_directories(root: Path) -> None:
    for directory, _, _ in os.walk(root):
        fsync_directory(Path(directory))


def _move(settings: Settings, backup: ObjectStore) -> RestoredHome:
    """Move the files that are complete to their places, settings and database last; return what was restored.

    Raises HomeNotEmpty if a file is in the place of one of them.
    """
    home, complete = settings.home, settings.home / _COMPLETE
    index = _index_of(complete, backup)
    paths = sorted((complete / _FILES).glob("*"), key=lambda path: (path.name in _LAST, path.name == _DATABASE))
    if taken := [path.name for path in paths if (home / path.name).exists()]:
        raise _not_empty(home, taken)
    objects = _objects_of(_store_path(settings, backup, index), backup, index)
    for path in paths:
        path.rename(home / path.name)
    fsync_directory(home)
    if (complete / _FILES).is_dir():
        shutil.rmtree(complete / _FILES)
    shutil.rmtree(complete)  # the index last
    fsync_directory(home)
    return RestoredHome(index.at, len(index.files), len(objects), index.left_out)


def _index_of(complete: Path, backup: ObjectStore) -> Index:
    """Return the index of what was restored. If it is gone, all was moved, and the newest backup is reported."""
    if (complete / _INDEX).exists():
        return Index.of((complete / _INDEX).read_bytes())
    if (index := newest_index(backup)) is None:
        raise NoBackup("no complete backup is there")
    return index
