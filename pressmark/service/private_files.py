"""Files of a home are for its user alone: archived pages from behind a login are among them."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_OTHERS = 0o077
_UMASK_OF_USER: list[int] = []
"""The umask outside of `private_files`, while inside."""


@contextmanager
def private_files() -> Iterator[None]:
    """Create files with mode 600 and directories with mode 700, in this process and its children."""
    before = os.umask(_OTHERS)
    _UMASK_OF_USER.append(before)
    try:
        yield
    finally:
        os.umask(before)
        _UMASK_OF_USER.pop()


@contextmanager
def files_of_user() -> Iterator[None]:
    """Within `private_files`, create files as the user does elsewhere: an export is not part of the home."""
    before = os.umask(_UMASK_OF_USER[0] if _UMASK_OF_USER else _OTHERS)
    try:
        yield
    finally:
        os.umask(before)


def open_to_others(home: Path) -> list[str]:
    """Return a sentence for the home if others can enter it, and one for the readable files at its top and in it.

    Directories of segments and objects can hold millions of files: of each directory below the top only itself counts.
    """
    if not home.is_dir() or not (mode := stat.S_IMODE(home.stat().st_mode)) & _OTHERS:
        return []
    sentences = [f"others can enter {home} (mode {mode:o}); run chmod 700 {home}"]
    exposed = [entry for entry in sorted(home.iterdir()) if _is_open(entry)]
    if exposed:
        more = f" and {len(exposed) - 1} more" if len(exposed) > 1 else ""
        sentences.append(f"others can read {exposed[0]}{more}; run chmod -R go-rwx {home}")
    return sentences


def _is_open(entry: Path) -> bool:
    return not entry.is_symlink() and bool(stat.S_IMODE(entry.stat().st_mode) & _OTHERS)
