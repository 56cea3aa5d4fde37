"""Change the files of sources one after the other, and keep the text that each had before."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.errors import ConfigError, Problem
from config.files.atomic_write import write_text

_OURS = ".good"
"""The directory of files about the files of sources, below theirs."""


class ChangedElsewhere(ConfigError):
    """A file of sources does not say any more what a new text was made of."""

    def __init__(self, file: str) -> None:
        told = f"{file} was changed on another machine meanwhile"
        super().__init__(Problem(told, suggestion="look at the latest version, and repeat your changes"))


@contextmanager
def editing(directory: Path) -> Iterator[None]:
    """Wait for other changes of the files in a directory, in all processes of this machine, and hold them off.

    Makes the directory. Raises OSError if nothing can be written there.
    """
    file = directory / _OURS / "lock"
    file.parent.mkdir(parents=True, exist_ok=True)
    lock = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def former_of(file: Path) -> Path:
    """Return the file with the text of a file before its last change in the pages."""
    return file.parent / _OURS / "former" / file.name


def kept_of(file: Path, content: bytes) -> Path:
    """Return the file for a content of a file that is to stay whatever replaces it: its name tells contents apart."""
    return former_of(file).with_name(f"{file.name}.{hashlib.sha256(content).hexdigest()[:16]}")


def replace_text(file: Path, before: str, text: str) -> None:
    """Write a new text of a file, and keep the one before. If that fails, both files stay. Raises OSError."""
    former = former_of(file)
    former.parent.mkdir(parents=True, exist_ok=True)
    kept = former.with_name(f".{former.name}.before")
    try:
        write_text(kept, before)
        write_text(file, text)
        kept.replace(former)
    finally:
        kept.unlink(missing_ok=True)
