"""Write small files atomically."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def write_text(file: Path, text: str, *, mode: int = 0o600) -> None:
    """Replace a file atomically: a reader sees the old or the new text, and so does a start after a power cut.

    A new file gets this mode.
    """
    write_bytes(file, text.encode(), mode=mode)


def write_bytes(file: Path, content: bytes, *, mode: int = 0o600) -> None:
    """Replace a file atomically, as `write_text` does."""
    descriptor, name = tempfile.mkstemp(prefix=f".{file.name}.", suffix=".new", dir=file.parent)
    new = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as writing:
            writing.write(content)
            writing.flush()
            os.fchmod(writing.fileno(), _mode(file, mode))
            os.fsync(writing.fileno())
        new.replace(file)
    except BaseException:
        new.unlink(missing_ok=True)
        raise
    sync_directory(file.parent)


def sync_directory(directory: Path) -> None:
    """Make the entries of a directory durable."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _mode(file: Path, new: int) -> int:
    return file.stat().st_mode & 0o777 if file.exists() else new
