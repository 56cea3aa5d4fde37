"""A store in a local directory: each object is a file, which is complete or does not exist."""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from archive.store.protocol import Stat, Stored
from archive.store.streams import window
from archive.values.atomic_files import fsync_directory
from archive.values.digest import Sha256, sha256_file
from archive.values.disk import given_back
from archive.values.errors import IntegrityError, ObjectNotFound, StoreDenied, StoreUnreachable
from archive.values.os_errors import Meaning, meaning_of
from archive.warc.keys import check_key, is_key

_BLOCK = 1 << 20
_UNFINISHED = ".unfinished"
"""The directory of unfinished files. No key can name it: no part of a key begins with a dot."""


class LocalStore:
    """Objects as files below `root`, which is created with the first object.

    A file is written next to its final path, fsynced, and linked to that path; then the directory is fsynced. A reader
    finds the complete object or none, also after a power cut.
    """

    def __init__(self, root: Path) -> None:
        self._root = root.absolute()
        self.before_writing: Callable[[], None] = _nothing
        """Called before an object is written or deleted. Raises StoreError where neither may be done."""

    @property
    def root(self) -> Path:
        """The directory."""
        return self._root

    def put(self, key: str, body: BinaryIO, digest: Sha256, *, replace: bool = False) -> Stored:
        path = self._path(key)
        self.before_writing()
        with self._clear_errors():
            unfinished = self._write(key, body, digest)
            try:
                size = unfinished.stat().st_size
                if replace or not self._link(unfinished, path):
                    self._resolve_existing(key, unfinished, path, digest, replace)
                fsync_directory(path.parent)
            finally:
                unfinished.unlink(missing_ok=True)
        return Stored(size, digest)

    def get(self, key: str, offset: int = 0, length: int | None = None) -> BinaryIO:
        with self._clear_errors():
            try:
                file = self._path(key).open("rb")
            except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
                raise ObjectNotFound(key) from None
        return window(file, offset, length, f"{key} in {self._root}")

    def stat(self, key: str) -> Stat | None:
        with self._clear_errors():
            path = self._path(key)
            if not path.is_file():
                return None
            facts = path.stat()
        return Stat(facts.st_size, at=datetime.fromtimestamp(facts.st_mtime, UTC))

    def size(self, key: str) -> int | None:
        stat = self.stat(key)
        return None if stat is None else stat.size

    def keys(self, prefix: str = "") -> Iterator[str]:
        with self._clear_errors():
            yield from _walk(self._root, "", prefix)

    def delete(self, key: str) -> None:
        path = self._path(key)
        self.before_writing()
        with self._clear_errors(), suppress(FileNotFoundError):
            path.unlink()
            fsync_directory(path.parent)

    def abort_unfinished(self, before: datetime) -> int:
        swept = 0
        with self._clear_errors():
            for file in (self._root / _UNFINISHED).glob("*"):
                with suppress(FileNotFoundError):  # its writer finished in the meantime
                    if file.stat().st_mtime < before.timestamp():
                        file.unlink()
                        swept += 1
        return swept

    def silence(self, now: datetime) -> str | None:
        return None

    def close(self) -> None:
        """Do nothing: no resource is open."""

    def _path(self, key: str) -> Path:
        return self._root / check_key(key)

    def _write(self, key: str, body: BinaryIO, digest: Sha256) -> Path:
        """Write all of `body` durably to a new file. Raises IntegrityError."""
        directory = self._root / _UNFINISHED
        directory.mkdir(parents=True, exist_ok=True)
        path = directory / secrets.token_hex(16)
        whole = hashlib.sha256()
        try:
            with path.open("xb") as file:
                while block := body.read(_BLOCK):
                    whole.update(block)
                    file.write(block)
                file.flush()
                os.fsync(file.fileno())
            if whole.hexdigest() != digest:
                raise IntegrityError(f"the bytes for {key} have the SHA-256 {whole.hexdigest()}, not {digest}")
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return path

    def _link(self, unfinished: Path, path: Path) -> bool:
        """Give the file its name, unless that is taken. This is atomic: one of several writers succeeds."""
        self._make_directory(path.parent)
        try:
            path.hardlink_to(unfinished)
        except FileExistsError:
            return False
        except OSError as error:
            if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP) or path.exists():
                raise
            unfinished.replace(path)  # a file system without hard links
        return True

    def _resolve_existing(self, key: str, unfinished: Path, path: Path, digest: Sha256, replace: bool) -> None:
        """Handle a name that is taken: the same bytes are fine, others only with `replace`."""
        if path.is_file() and _digest(path, key) == digest:
            return
        if not replace:
            raise IntegrityError(f"the store holds other bytes under {key}, in {path}")
        self._make_directory(path.parent)
        unfinished.replace(path)

    def _make_directory(self, directory: Path) -> None:
        """Create the directory and its parents durably: fsync each parent that gets a new name."""
        if directory.is_dir():
            return
        self._make_directory(directory.parent)
        with suppress(FileExistsError):
            directory.mkdir()
        fsync_directory(directory.parent)

    @contextmanager
    def _clear_errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            facts = f"the store in {self._root}: {error.strerror or error}"
            meaning = meaning_of(error)
            if meaning in (Meaning.DENIED, Meaning.READ_ONLY):
                raise StoreDenied(f"{facts}; user {os.geteuid()} must be able to write there") from error
            if meaning is Meaning.FULL:
                raise StoreUnreachable(f"{facts}; free some space there") from error
            raise StoreUnreachable(facts) from error


def _nothing() -> None:
    pass


def _digest(path: Path, key: str) -> Sha256 | None:
    """Return the digest of a file; None if the disk can't read it."""
    with suppress(IntegrityError), given_back(key), path.open("rb") as held:
        return sha256_file(held)
    return None


def _walk(directory: Path, base: str, prefix: str) -> Iterator[str]:
    """Yield the keys below a directory in sorted order: a directory sorts as its name and a slash."""
    try:
        with os.scandir(directory) as found:
            entries = [(entry.name + "/" * entry.is_dir(), entry.path) for entry in found]
    except (FileNotFoundError, NotADirectoryError):
        return
    for name, path in sorted(entries):
        key = base + name
        if name.endswith("/"):
            if is_key(key[:-1]) and (key.startswith(prefix) or prefix.startswith(key)):
                yield from _walk(Path(path), key, prefix)
        elif key.startswith(prefix) and is_key(key):
            yield key
