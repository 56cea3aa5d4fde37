"""Report disk errors while reading as damage."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from archive.values.errors import IntegrityError

_LOST = frozenset({errno.EIO, errno.EBADMSG, errno.EUCLEAN})
"""A disk that can't give back what it took, and a file system whose own sums say that it did not."""


@contextmanager
def given_back(what: str) -> Iterator[None]:
    """Raise IntegrityError if the disk can't read what was written: that is damage like any other."""
    try:
        yield
    except OSError as error:
        if error.errno not in _LOST:
            raise
        raise IntegrityError(f"{what} can't be read from the disk: {error.strerror}") from error
