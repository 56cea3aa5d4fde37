"""A full disk for a frontier."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def full_disk(path: Path) -> Iterator[None]:
    """Limit files to the size of the frontier's log, which a transaction is written to when it is committed."""
    with no_file_may_grow(Path(f"{path}-wal").stat().st_size):
        yield


@contextmanager
def no_file_may_grow(octets: int) -> Iterator[None]:
    """Let no file of this process grow beyond that size."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (octets, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
