"""Write files atomically, also with regard to power cuts."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from archive.values.errors import IntegrityError
from archive.values.os_errors import is_full


def fsync_directory(directory: Path) -> None:
    """Make the names in a directory durable: files that were created, renamed or unlinked stay so."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_whole(path: Path, content: bytes) -> None:
    """Write or replace a file: at any instant, either the old or the complete new file exists."""
    with writing_whole(path) as file:
        file.write(content)


@contextmanager
def writing_whole(path: Path) -> Iterator[BinaryIO]:
    """Open a file to write, which is then as with `write_whole`: after an error, the old one is there."""
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        with unfinished.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except BaseException:
        with suppress(FileNotFoundError):
            unfinished.unlink()
        raise
    fsync_directory(path.parent)


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Raise IntegrityError, which names the file and the way out, if the disk can't read it.

    FileNotFoundError and the OSError of a full disk pass unchanged.
    """
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        if is_full(error):
            raise
        raise IntegrityError(
            f"{path} can't be read ({error.strerror}) and is left as it is; copy what the disk still gives of it to a"
            " new file (ddrescue does that), put that in its place, and start again: what is intact in it is kept"
        ) from error
