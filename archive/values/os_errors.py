"""What an error of the operating system means. Every part that treats some of them differently asks here."""

from __future__ import annotations

import errno
from enum import Enum, auto

from archive.values.errors import ArchiveError, DatabaseFull, DatabaseReadOnly, DatabaseUnreachable, DatabaseUnusable


class Meaning(Enum):
    """Why the operating system refuses. None of these is cured by another file name or another try at once."""

    FULL = auto()
    """The disk or the quota is full, or the file system has no inodes left."""
    READ_ONLY = auto()
    """The file system is mounted read-only."""
    DENIED = auto()
    """This user may not do it, or the file has an attribute that forbids it."""
    NO_FILES = auto()
    """The process, or the system, may open no more files."""
    BROKEN = auto()
    """The disk can't read or write its data, or a checksum of the file system does not match."""


_MEANINGS = {
    errno.ENOSPC: Meaning.FULL,
    errno.EDQUOT: Meaning.FULL,
    errno.EROFS: Meaning.READ_ONLY,
    errno.EACCES: Meaning.DENIED,
    errno.EPERM: Meaning.DENIED,
    errno.EMFILE: Meaning.NO_FILES,
    errno.ENFILE: Meaning.NO_FILES,
    errno.EIO: Meaning.BROKEN,
    errno.EBADMSG: Meaning.BROKEN,
    errno.EUCLEAN: Meaning.BROKEN,
}
_FULL_OF_SQLITE = ("SQLITE_FULL", "SQLITE_IOERR_SHMSIZE")
"""It can't extend its file of shared memory for want of space."""


def meaning_of(error: BaseException | None) -> Meaning | None:
    """Return what an OSError means; None for other errors, and for those that concern one file: it is missing, …."""
    return _MEANINGS.get(error.errno or 0) if isinstance(error, OSError) else None


def is_full(error: BaseException | None) -> bool:
    """Return whether an error of the system, the database or SQLite means that a disk or a quota is full."""
    if isinstance(error, DatabaseFull) or meaning_of(error) is Meaning.FULL:
        return True
    return getattr(getattr(error, "orig", error), "sqlite_errorname", None) in _FULL_OF_SQLITE


def is_refusal(error: BaseException | None) -> bool:
    """Return whether an error means that a disk or the database accepts nothing, whatever is to be written."""
    if isinstance(error, DatabaseReadOnly | DatabaseUnreachable) or is_full(error):
        return True
    return meaning_of(error) in (Meaning.READ_ONLY, Meaning.NO_FILES)


def may_meet_all(error: BaseException) -> bool:
    """Return whether an error may be one of the database, a disk or the program, and not of what is being written."""
    return isinstance(error, DatabaseUnusable) or not isinstance(error, ArchiveError)
