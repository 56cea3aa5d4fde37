"""The barrier between the recorders of a home and its purges.

A recorder is inside from the look-up of its originals until the captures that refer to them are in its journal. A
purge first marks what goes, and then waits until each recorder has been outside once. A recorder that comes in later
sees the marks; what was written before is in a journal.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from archive.spool.spool import BARRIER, holder_of
from archive.values.errors import PurgeUnderWay

_WAIT = 0.01


def wait_for_recorders(spools: Iterable[Path], seconds: float) -> None:
    """Return when the recorder of each spool has been outside once. Raises PurgeUnderWay if that takes longer."""
    end = time.monotonic() + seconds
    for spool in spools:
        if not spool.is_dir():
            continue
        try:
            with _opened(spool / BARRIER) as file:
                while not _is_outside(file):
                    if time.monotonic() >= end:
                        raise PurgeUnderWay(
                            f"nothing was deleted: the recorder of the spool {spool} is writing, for longer than "
                            f"{seconds:g} s; look at its disk, and try again"
                        )
                    time.sleep(_WAIT)
        except FileNotFoundError:  # one that begins now sees the marks
            if (holder := holder_of(spool)) is not None:
                raise PurgeUnderWay(
                    f"nothing was deleted: the spool {spool} belongs to {holder}, which is of an earlier version of "
                    "Pressmark; restart it"
                ) from None
        except OSError as error:
            raise PurgeUnderWay(f"nothing was deleted: {spool / BARRIER} can't be locked: {error.strerror}") from error


def _is_outside(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    fcntl.flock(file, fcntl.LOCK_UN)
    return True


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        yield file
    finally:
        os.close(file)
