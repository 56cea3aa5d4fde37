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
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, cast

from archive.database.database_name import file_of
from archive.store import ObjectStore, open_store
from archive.store.confirm import confirm
from archive.values.digest import Sha256, sha256, sha256_file
from archive.values.errors import DatabaseMissing
from archive.values.os_errors import Meaning, is_full, meaning_of
from archive.warc.exchange_records import software
from archive.warc.journal import SUFFIX as JOURNAL
from config.errors import ConfigError
from config.files.document import read_file
from config.settings import Settings
from config.without_secrets import without_secrets
from pressmark.service.keys import keys_of
from pressmark.upkeep.backup_index import File, Index, Progress, last_files, object_key
from pressmark.upkeep.backup_store import StoreCopy, Target

_DATABASE, _SETTINGS = "pressmark.db", "pressmark.yaml"
_PLAIN = ("sources/*.yaml", "sources/*.yml", "spiders/**/*", "logs/runs/*")
_APPENDED = ("items/*/*.jsonl",)
_SQLITE = ("frontiers/*.db", "frontiers/*.spider/ledger.db", "sources/.good/versions.db")
_SPOOLED = ("spool/*/chain.json", "spool/*/quarantine/*")
_NEVER = ("secrets", "crawler-keys", ".env")
"""What is secret, and stays out also with `--with-secrets`."""
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
    unreadable: tuple[str, ...]
    """What is damaged or can't be read, as sentences. Everything else was copied."""


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
        self._settings, self._home, self._target = settings, settings.home, Target(target)
        self._now, self._secrets, self._progress = now, secrets, progress
        self._files: dict[str, File] = {}
        self._left_out: list[str] = []
        self._unreadable: list[str] = []
        self._done = self._all = self._objects = 0

    def make(self) -> BackedUp:
        """Copy everything that can be read, then put the index.

        Raises DatabaseMissing, StoreError, OSError, sqlite3.Error.
        """
        at, target = self._now(), self._target.store
        self._copy_database()
        self._copy_settings()
        self._left_out += [f"{name}: copy it yourself" for name in _NEVER if (self._home / name).exists()]
        for pattern in _PLAIN:
            self._copy_all(self._found(pattern))
        for pattern in _SQLITE:
            self._copy_all(self._found(pattern), self._sqlite)
        self._copy_all([file for pattern in _APPENDED for file in self._found(pattern)])
        self._copy_spool()
        has_store = self._copy_store()
        left_out, unreadable = tuple(self._left_out), tuple(dict.fromkeys(self._unreadable))
        index = Index(at, software(), tuple(self._files.values()), (*left_out, *unreadable), has_store)
        content = index.to_bytes()
        stored = target.put(index.key, BytesIO(content), sha256(content))
        confirm(target, index.key, stored, "get")
        return BackedUp(at, len(self._files), self._objects, self._target.bytes, left_out, unreadable)

    def _found(self, pattern: str) -> list[Path]:
        return sorted(path for path in self._home.glob(pattern) if path.is_file() and not path.name.startswith("."))

    def _copy_database(self) -> None:
        file = file_of(self._settings.database_url)
        if file is None:
            self._left_out.append(
                "the PostgreSQL database: copy it with pg_dump; without it, pressmark rebuild fills a new one"
            )
            return
        try:
            self._copy_file(file, _DATABASE, self._sqlite)
        except FileNotFoundError as error:
            raise DatabaseMissing(str(file)) from error

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
        self._add(_SETTINGS, BytesIO(text.encode()))

    def _copy_all(self, files: Iterable[Path], copied: Callable[[Path], BinaryIO] | None = None) -> None:
        some = list(files)
        self._all += len(some)
        for file in some:
            with suppress(FileNotFoundError):  # it is over and was deleted
                self._copy_file(file, file.relative_to(self._home).as_posix(), copied or _copied)
            self._count()

    def _copy_file(self, file: Path, path: str, copied: Callable[[Path], BinaryIO]) -> None:
        copy = None
        with _naming(path, self._unreadable):
            copy = copied(file)
        if copy is None:
            self._keep(path)
            return
        with copy:
            self._add(path, copy)

    def _keep(self, path: str, beside: str | None = None) -> None:
        """Name the last good copy of what can't be read now, and with `beside` all files whose paths begin so."""
        kept = {name: file for name, file in self._last.items() if name == path or (beside and name.startswith(beside))}
        has = self._target.store.size
        if path in kept and all(has(object_key(file.sha256)) == file.size for file in kept.values()):
            self._files |= kept
            self._unreadable[-1] += "; the copy of the backup before stays"

    @cached_property
    def _last(self) -> dict[str, File]:
        return last_files(self._target.store)

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
            path, copy = file.relative_to(self._home).as_posix(), None
            try:
                with _naming(path, self._unreadable):
                    copy = _copied(file)
            except FileNotFoundError:
                if file.parent.name == "open" and not last:
                    raise _Torn from None
                return  # it was released: the store has it
            if copy is None:  # a journal without its WARC says that all of it is lost
                self._keep(path, f"{path.rpartition('/')[0]}/{file.name.partition('.')[0]}.")
                return
            with copy:
                copied[path] = self._put(path, copy)
        self._files |= copied

    def _copy_store(self) -> bool:
        """Copy the objects of a local store that the target does not have; return whether the store is local."""
        if self._settings.store_path is None:
            return False
        with closing(open_store(self._settings.store_path)) as store:
            copying = StoreCopy(store, self._target, keys_of(self._settings.signing).trust)
            copying.copy(self._expect, self._count)
            self._objects = copying.objects
            self._unreadable += copying.unreadable
        return True

    def _sqlite(self, file: Path) -> BinaryIO:
        """Copy an SQLite database by its backup interface, which sees it at one time."""
        copy = tempfile.NamedTemporaryFile(prefix="pressmark-backup-", suffix=".db")  # noqa: SIM115 - the caller closes it
        try:
            source = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)
            with closing(source), closing(sqlite3.connect(copy.name)) as target:
                source.backup(target)
                target.execute("PRAGMA journal_mode = DELETE")
        except sqlite3.Error:
            copy.close()
            if not file.exists():
                raise FileNotFoundError(file) from None
            raise
        return cast("BinaryIO", copy)

    def _add(self, path: str, copy: BinaryIO) -> None:
        self._files[path] = self._put(path, copy)

    def _put(self, path: str, copy: BinaryIO) -> File:
        digest = _digest_of(copy)
        size = copy.seek(0, os.SEEK_END)
        key = object_key(digest)
        if self._target.store.size(key) != size:
            self._target.put(key, copy, digest)
        return File(path, size, digest)

    def _expect(self, more: int) -> None:
        self._all += more

    def _count(self) -> None:
        self._done += 1
        self._progress(self._done, self._all)


@contextmanager
def _naming(path: str, unreadable: list[str]) -> Iterator[None]:
    """Name a file that the disk or SQLite can't read, and continue without it. Encloses no access to the target."""
    try:
        yield
    except (OSError, sqlite3.DatabaseError) as error:
        if isinstance(error, OSError) and meaning_of(error) not in (Meaning.BROKEN, Meaning.DENIED):
            raise
        if is_full(error):  # the disk of the copies
            raise
        unreadable.append(f"{path}: it can't be read: {getattr(error, 'strerror', None) or error}")


def _copied(file: Path) -> BinaryIO:
    """Copy a file that may grow meanwhile."""
    with file.open("rb") as reading:
        copy = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - the caller closes it
        try:
            shutil.copyfileobj(reading, copy, _BLOCK)
        except BaseException:
            copy.close()
            raise
    return cast("BinaryIO", copy)


def _digest_of(copy: BinaryIO) -> Sha256:
    copy.seek(0)
    return sha256_file(copy)
