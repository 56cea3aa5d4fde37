"""Report disk errors while reading as damage, and try whether a directory accepts files."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from archive.values.errors import IntegrityError

_LOST = frozenset({errno.EIO, errno.EBADMSG, errno.EUCLEAN})
"""Errors of a disk that can't read its data, and of a file system with a checksum mismatch."""

_REFUSES = frozenset(
    {errno.EROFS, errno.EACCES, errno.EPERM, errno.EMFILE, errno.ENFILE, errno.ENOSPC, errno.EDQUOT, errno.EIO}
)


def refusal_of(directory: Path) -> OSError | None:
    """Return why a directory accepts no files; None if it does. A file without a name is made there for a moment.

    `statvfs` does not know of a disk that the kernel has stopped writing to after an error, nor of quotas and rights.
    """
    try:
        os.close(os.open(directory, os.O_TMPFILE | os.O_WRONLY, 0o600))
    except OSError as error:  # of other errors: a file system that makes no such files, or no such directory
        return error if error.errno in _REFUSES else None
    return None


@contextmanager
def given_back(what: str) -> Iterator[None]:
    """Raise IntegrityError if the disk can't read what was written: that is damage like any other."""
    try:
        yield
    except OSError as error:
        if error.errno not in _LOST:
            raise
        raise IntegrityError(f"{what} can't be read from the disk: {error.strerror}") from error
