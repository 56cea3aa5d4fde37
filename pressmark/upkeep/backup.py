"""Back up a home, while its service runs: database, sources, settings, spool, and the store if it is local.

The order makes the copy consistent: the database first, then the frontiers, the items and the spool. So the spool has
all bytes of the captures that the database lists, or the store has them. Of the store, the manifests are copied last.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, cast

from archive.database.database_name import file_of
from archive.store import ObjectStore, open_store
from archive.store.confirm import confirm
from archive.values.digest import Sha256, sha256, sha256_file
from archive.warc.exchange_records import software
from archive.warc.journal import SUFFIX as JOURNAL
from archive.warc.keys import MANIFESTS, RUNS, sha256_of_key
from config.document import read_file
from config.errors import ConfigError
from config.settings import Settings
from config.without_secrets import without_secrets
from pressmark.upkeep.backup_index import BACKUPS, File, Index, Progress, object_key

_DATABASE, _SETTINGS = "pressmark.db", "pressmark.yaml"
_PLAIN = ("sources/*.yaml", "sources/*.yml", "spiders/**/*", "logs/runs/*")
_APPENDED = ("items/*/*.jsonl",)
_SQLITE = ("frontiers/*.db", "sources/.good/versions.db")
_SPOOLED = ("spool/*/chain.json", "spool/*/quarantine/*")
_LOOKS = 3
"""How often the spool is read again when a segment was moved meanwhile."""
_MOVED_WITHIN = 0.5
"""Seconds in which a segment is moved as a whole."""
_IN_MEMORY = 8 << 20
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class BackedUp:
    """What a backup has."""

    at: datetime
    files: int
    objects: int
    """Objects of the store that were copied now; those that the target had are not counted."""
    bytes: int
    """The bytes that were copied now."""
    left_out: tuple[str, ...]


class _Torn(Exception):
    """A segment was moved while the spool was read."""


class Backup:
    """One backup of a home into a target."""

    def __init__(
        self,
        settings: Settings,
        target: ObjectStore,
        *,
        now: Callable[[], datetime],
        secrets: bool = False,
        progress: Progress = lambda _done, _all: None,
    ) -> None:
        self._settings, self._home, self._target = settings, settings.home, target
        self._now, self._secrets, self._progress = now, secrets, progress
        self._files: dict[str, File] = {}
        self._left_out: list[str] = []
        self._done = self._all = self._bytes = self._objects = 0

    def make(self) -> BackedUp:
        """Copy everything, then put the index. Raises StoreError, OSError, sqlite3.Error."""
        at = self._now()
        self._copy_database()
        self._copy_settings()
        for pattern in _PLAIN:
            self._copy_all(self._found(pattern))
        for pattern in _SQLITE:
            self._copy_all(self._found(pattern), self._sqlite)
        self._copy_all([file for pattern in _APPENDED for file in self._found(pattern)])
        self._copy_spool()
        has_store = self._copy_store()
        index = Index(at, software(), tuple(self._files.values()), tuple(self._left_out), has_store)
        content = index.to_bytes()
        stored = self._target.put(index.key, BytesIO(content), sha256(content))
        confirm(self._target, index.key, stored, "get")
        return BackedUp(at, len(self._files), self._objects, self._bytes, tuple(self._left_out))

    def _found(self, pattern: str) -> list[Path]:
        return sorted(path for path in self._home.glob(pattern) if path.is_file() and not path.name.startswith("."))

    def _copy_database(self) -> None:
        file = file_of(self._settings.database_url)
        if file is None:
            self._left_out.append(
                "the PostgreSQL database: copy it with pg_dump; without it, pressmark rebuild fills a new one"
            )
        elif file.is_file():
            with self._sqlite(file) as copy:
                self._copy_file(_DATABASE, copy)

    def _copy_settings(self) -> None:
        file = self._home / _SETTINGS
        if not file.is_file():
            return
        if self._secrets:
            self._copy_all([file])
            return
        try:
            told = without_secrets(read_file(file))
        except ConfigError:
            told = None
        if told is None:
            self._left_out.append(f"{_SETTINGS}: it is not valid, and may have secrets")
            return
        text, left = told
        self._left_out += [f"{_SETTINGS}: {key}" for key in left]
        self._copy_file(_SETTINGS, BytesIO(text.encode()))

    def _copy_all(self, files: Iterable[Path], copied: Callable[[Path], BinaryIO] | None = None) -> None:
        some = list(files)
        self._all += len(some)
        for file in some:
            with suppress(FileNotFoundError), (copied or _copied)(file) as copy:  # it is over and was deleted
                self._copy_file(file.relative_to(self._home).as_posix(), copy)
            self._count()

    def _copy_spool(self) -> None:
        """Copy the segments that are complete in one place, each with its journal first."""
        self._copy_all(file for pattern in _SPOOLED for file in self._found(pattern))
        for look in range(_LOOKS):
            before = dict(self._files)
            try:
                for stage in ("open", "sealed"):
                    for segment in self._segments(stage):
                        self._copy_segment(segment, last=look == _LOOKS - 1)
            except _Torn:
                self._files = before
                time.sleep(_MOVED_WITHIN)
            else:
                return

    def _segments(self, stage: str) -> Iterator[list[Path]]:
        """Yield the files of each segment, the journal first: a journal must not know more than the WARC has."""
        groups = dict[tuple[Path, str], list[Path]]()
        for file in self._found(f"spool/*/{stage}/*"):
            groups.setdefault((file.parent, file.name.partition(".")[0]), []).append(file)
        for group in groups.values():
            yield sorted(group, key=lambda file: (not file.name.endswith(JOURNAL), ".warc.gz" in file.name, file.name))

    def _copy_segment(self, files: list[Path], *, last: bool) -> None:
        names = [file.name for file in files]
        whole = any(name.endswith(JOURNAL) for name in names) and any(".warc.gz" in name for name in names)
        if not whole and not last:
            raise _Torn
        copied = dict[str, File]()
        for file in files:
            try:
                with _copied(file) as copy:
                    path = file.relative_to(self._home).as_posix()
                    copied[path] = self._put(path, copy)
            except FileNotFoundError:
                if file.parent.name == "open" and not last:
                    raise _Torn from None
                return  # it was released: the store has it
        self._files |= copied

    def _copy_store(self) -> bool:
        """Copy the objects of a local store that the target does not have; return whether the store is local."""
        if self._settings.store_path is None:
            return False
        store = open_store(self._settings.store_path)
        with closing(store):
            manifests = list(store.keys(MANIFESTS))
            others = [key for key in store.keys("") if not key.startswith((MANIFESTS, BACKUPS))]
            self._all += len(others) + len(manifests)
            for key in (*others, *manifests):
                self._copy_object(store, key)
                self._count()
        return True

    def _copy_object(self, store: ObjectStore, key: str) -> None:
        size = store.size(key)
        if size is None or (not key.startswith(RUNS) and self._target.size(key) == size):
            return
        with closing(store.get(key)) as file, tempfile.SpooledTemporaryFile(_IN_MEMORY) as copy:
            shutil.copyfileobj(file, copy, _BLOCK)
            digest = _digest_of(cast("BinaryIO", copy))
            named = sha256_of_key(key)
            if named is not None and named != digest:
                self._left_out.append(f"{key}: it is damaged in the store, see pressmark verify --all")
                return
            self._put_object(key, cast("BinaryIO", copy), digest, size, replace=key.startswith(RUNS))
            self._objects += 1

    def _sqlite(self, file: Path) -> BinaryIO:
        """Copy an SQLite database by its backup interface, which sees it at one time."""
        copy = tempfile.NamedTemporaryFile(prefix="pressmark-backup-", suffix=".db")  # noqa: SIM115 - the caller closes it
        try:
            source = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)
            with closing(source), closing(sqlite3.connect(copy.name)) as target:
                source.backup(target)
                target.execute("PRAGMA journal_mode = DELETE")
        except sqlite3.OperationalError:
            copy.close()
            if not file.exists():
                raise FileNotFoundError(file) from None
            raise
        return cast("BinaryIO", copy)

    def _copy_file(self, path: str, copy: BinaryIO) -> None:
        self._files[path] = self._put(path, copy)

    def _put(self, path: str, copy: BinaryIO) -> File:
        digest = _digest_of(copy)
        size = copy.seek(0, os.SEEK_END)
        key = object_key(digest)
        if self._target.size(key) != size:
            self._put_object(key, copy, digest, size, replace=True)
        return File(path, size, digest)

    def _put_object(self, key: str, copy: BinaryIO, digest: Sha256, size: int, *, replace: bool) -> None:
        copy.seek(0)
        stored = self._target.put(key, copy, digest, replace=replace)
        confirm(self._target, key, stored)
        self._bytes += size

    def _count(self) -> None:
        self._done += 1
        self._progress(self._done, self._all)


def _copied(file: Path) -> BinaryIO:
    """Copy a file that may grow meanwhile."""
    with file.open("rb") as reading:
        copy = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - the caller closes it
        shutil.copyfileobj(reading, copy, _BLOCK)
    return cast("BinaryIO", copy)


def _digest_of(copy: BinaryIO) -> Sha256:
    copy.seek(0)
    return sha256_file(copy)
