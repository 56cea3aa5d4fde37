"""Check the file of an SQLite database for damage, within limits."""

from __future__ import annotations

import time
from pathlib import Path

from archive.database.damaged_file import damage
from archive.database.database_name import file_of

_SECONDS = 3.0
_SHARE = 20
"""A check is repeated only after this multiple of its duration, so that it takes a twentieth of the time at most."""

_Stamp = tuple[int, int, int]


class QuickCheck:
    """Checks a database, and caches the result until its file changes."""

    def __init__(self, url: str) -> None:
        self._file = file_of(url)
        self._stamp: _Stamp | None = None
        self._not_before = 0.0
        self._problem: str | None = None

    def problem(self) -> str | None:
        """Return what is damaged; None if nothing was found, and for PostgreSQL, which checks its pages itself."""
        if self._file is None:
            return None
        stamp = _stamp_of(self._file)
        if stamp != self._stamp and time.monotonic() >= self._not_before:
            began = time.monotonic()
            self._problem = damage(self._file, within=_SECONDS)
            self._stamp, self._not_before = stamp, time.monotonic() + _SHARE * (time.monotonic() - began)
        return self._problem


def _stamp_of(file: Path) -> _Stamp | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size
