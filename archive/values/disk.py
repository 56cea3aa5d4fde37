"""Report disk errors while reading as damage, and try whether a directory accepts files."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from archive.values.errors import IntegrityError
from archive.values.os_errors import Meaning, meaning_of

_UNOPENED = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY)
"""What SQLite says when it can't make or lock a file beside the database, whatever the reason."""

_TRIAL = bytes(64 << 10)
"""More than a page of a database, and more than a file system stores beside the name of a file."""


def refusal_of(directory: Path) -> OSError | None:
    """Return why a directory accepts no files; None if it does.

    A file without a name is written there for a moment: a full disk may have inodes. `statvfs` does not know of a disk
    that the kernel has stopped writing to after an error, nor of quotas and rights.
    """
    try:
        file = os.open(directory, os.O_TMPFILE | os.O_WRONLY, 0o600)
        try:
            if os.write(file, _TRIAL) < len(_TRIAL):
                os.write(file, _TRIAL)  # the disk writes what has space, and refuses only the next bytes
        finally:
            os.close(file)
    except OSError as error:  # of other errors: a file system that makes no such files, or no such directory
        return error if meaning_of(error) is not None else None
    return None


def no_more_files() -> OSError | None:
    """Return why this process can open no more files; None if it can."""
    try:
        os.close(os.open("/", os.O_RDONLY | os.O_DIRECTORY))
    except OSError as error:
        return error if meaning_of(error) is Meaning.NO_FILES else None
    return None


def refusal_behind(error: sqlite3.Error, file: Path) -> OSError | None:
    """Return why the directory of a database accepts no files, if that may be what SQLite failed of; otherwise None."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # higher bits hold details that are not needed
    return refusal_of(file.parent) if code in _UNOPENED else None


@contextmanager
def given_back(what: str) -> Iterator[None]:
    """Raise IntegrityError if the disk can't read what was written: that is damage like any other."""
    try:
        yield
    except OSError as error:
        if meaning_of(error) is not Meaning.BROKEN:
            raise
        raise IntegrityError(f"{what} can't be read from the disk: {error.strerror}") from error
