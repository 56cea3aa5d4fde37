"""Write small files atomically."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

_FEW = 20
"""Files whose bytes are synced one by one. A sync of all waits for what others of the machine write, too."""


def write_text(file: Path, text: str, *, mode: int = 0o600) -> None:
    """Replace a file atomically: a reader sees the old or the new text, and so does a start after a power cut.

    A new file gets this mode.
    """
    write_bytes(file, text.encode(), mode=mode)


def write_bytes(file: Path, content: bytes, *, mode: int = 0o600) -> None:
    """Replace a file atomically, as `write_text` does."""
    new = _written_beside(file, content, mode, sync=True)
    try:
        new.replace(file)
    except BaseException:
        new.unlink(missing_ok=True)
        raise
    sync_directory(file.parent)


def write_texts(directory: Path, texts: Mapping[str, str], *, mode: int = 0o600) -> None:
    """Replace many files of a directory, by name, each atomically as `write_text` does.

    Of more than a few, the disk is asked once for all. Raises OSError: then some of them are replaced, and the others
    are as before.
    """
    new, each = dict[Path, Path](), len(texts) <= _FEW
    try:
        for name, text in texts.items():
            new[directory / name] = _written_beside(directory / name, text.encode(), mode, sync=each)
        if not each:
            os.sync()
        for file, written in new.items():
            written.replace(file)
    except BaseException:
        for written in new.values():
            written.unlink(missing_ok=True)
        raise
    sync_directory(directory)


def _written_beside(file: Path, content: bytes, mode: int, *, sync: bool) -> Path:
    """Return a new file with this content, which can replace `file`."""
    descriptor, name = tempfile.mkstemp(prefix=f".{file.name}.", suffix=".new", dir=file.parent)
    try:
        with os.fdopen(descriptor, "wb") as writing:
            writing.write(content)
            writing.flush()
            os.fchmod(writing.fileno(), _mode(file, mode))
            if sync:
                os.fsync(writing.fileno())
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return Path(name)


def sync_directory(directory: Path) -> None:
    """Make the entries of a directory durable."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _mode(file: Path, new: int) -> int:
    return file.stat().st_mode & 0o777 if file.exists() else new
