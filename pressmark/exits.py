"""Exit codes: what a script may read off the end of a command."""

from __future__ import annotations

import errno
from enum import IntEnum


class Exit(IntEnum):
    OK = 0
    ERROR = 1
    USAGE = 2
    PARTIAL = 3
    """Some pages of the run failed."""
    CONFIG = 4
    NOT_FOUND = 5
    STORE = 6
    """The store could not be reached, or refused."""
    DISK_FULL = 7
    DATABASE = 8
    BLOCKED = 9
    """The site refused us, or asked us to slow down for longer than we wait."""
    INTEGRITY = 10
    """Something kept is not what it was."""
    LOCKED = 11
    AUTH = 12
    SIZE_LIMIT = 14
    TIME_LIMIT = 15
    TEMPORARY = 75
    """Nothing is wrong that time does not mend: try again."""
    INTERRUPTED = 130
    TERMINATED = 143


_BY_ERROR = {
    "ConfigError": Exit.CONFIG,
    "UnknownSource": Exit.NOT_FOUND,
    "UnknownFeed": Exit.NOT_FOUND,
    "UnknownWebhook": Exit.NOT_FOUND,
    "UnknownRun": Exit.NOT_FOUND,
    "CaptureNotFound": Exit.NOT_FOUND,
    "ObjectNotFound": Exit.INTEGRITY,
    "IntegrityError": Exit.INTEGRITY,
    "DamagedRecord": Exit.INTEGRITY,
    "StoreError": Exit.STORE,
    "SpoolLocked": Exit.LOCKED,
    "ExportUnderWay": Exit.LOCKED,
    "ExportDamaged": Exit.INTEGRITY,
    "SpoolFull": Exit.DISK_FULL,
    "WriteFailed": Exit.DISK_FULL,
    "AddressForbidden": Exit.USAGE,
    "BadTime": Exit.USAGE,
    "BadUrl": Exit.USAGE,
    "UnfitUrl": Exit.USAGE,
    "SQLAlchemyError": Exit.DATABASE,
    "KeyboardInterrupt": Exit.INTERRUPTED,
}
"""By the name of the class, so that to know an error is not to import the package it comes from."""

_BY_OUTCOME = {
    "done": Exit.OK,
    "unchanged": Exit.OK,
    "partial": Exit.PARTIAL,
    "empty": Exit.ERROR,
    "failed": Exit.ERROR,
    "blocked": Exit.BLOCKED,
    "limited": Exit.SIZE_LIMIT,
    "cancelled": Exit.TEMPORARY,
    "interrupted": Exit.TEMPORARY,
}


def exit_of(error: BaseException) -> Exit:
    """The code of the nearest class that has one; 1 when none has."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Exit.DISK_FULL
    for ancestor in type(error).__mro__:
        if code := _BY_ERROR.get(ancestor.__name__):
            return code
    return Exit.ERROR


def exit_of_outcome(outcome: str, reason: str = "") -> Exit:
    """The code of a run that is over, by its outcome; a time limit is told from the others by the run's reason."""
    if outcome == "limited" and "time" in reason:
        return Exit.TIME_LIMIT
    return _BY_OUTCOME.get(outcome, Exit.ERROR)
