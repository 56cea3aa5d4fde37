"""Exit codes: what a script may read off the end of a command."""

from __future__ import annotations

import errno
from enum import IntEnum


class Exit(IntEnum):
    OK = 0
    """It is done; for a run also: all is as it was kept before."""
    ERROR = 1
    """What has no code of its own; for a run: it failed, or nothing was there to keep."""
    USAGE = 2
    """The command can't mean anything: an unknown option, a bad URL or time, an address that is not allowed."""
    PARTIAL = 3
    """Some of it failed: pages of a run, all but seeds leading to another site, lines of a list, records of a file."""
    CONFIG = 4
    """A setting or a source is wrong, or a secret that one names is not there."""
    NOT_FOUND = 5
    """No such source, run, capture or file is known."""
    STORE = 6
    """The store could not be reached, or answered what is no answer."""
    DISK_FULL = 7
    """The disk is full, or refused a write. Nothing that was acknowledged is lost."""
    DATABASE = 8
    """The database can't be read or written; `pressmark rebuild` makes it anew from the store."""
    BLOCKED = 9
    """The site refused us, or asked us to slow down for longer than we wait."""
    INTEGRITY = 10
    """Something kept is not what it was."""
    LOCKED = 11
    """Another process is at it: it holds the spool, the file or the port."""
    AUTH = 12
    """The login of a site, or the store, did not take our credentials."""
    SIZE_LIMIT = 14
    """A limit of pages or octets, or the quota, ended the run."""
    TIME_LIMIT = 15
    """The time limit ended the run."""
    TEMPORARY = 75
    """Nothing is wrong that time does not mend, such as a pause: try again."""
    KILLED = 137
    """SIGKILL: the command made no progress, as its last line says; what was kept is kept, and the next run goes on."""
    INTERRUPTED = 130
    """Ctrl-C; what was kept is sealed, and the next run goes on."""
    TERMINATED = 143
    """SIGTERM, likewise; `pressmark serve` ends with 0 after it, since that is how it is stopped."""


_BY_ERROR = {
    "ConfigError": Exit.CONFIG,
    "UnknownSource": Exit.NOT_FOUND,
    "UnknownCollection": Exit.NOT_FOUND,
    "UnknownWebhook": Exit.NOT_FOUND,
    "UnknownRun": Exit.NOT_FOUND,
    "CaptureNotFound": Exit.NOT_FOUND,
    "ObjectNotFound": Exit.INTEGRITY,
    "IntegrityError": Exit.INTEGRITY,
    "DamagedRecord": Exit.INTEGRITY,
    "StoreDenied": Exit.AUTH,
    "StoreError": Exit.STORE,
    "SpoolLocked": Exit.LOCKED,
    "ExportUnderWay": Exit.LOCKED,
    "ExportDamaged": Exit.INTEGRITY,
    "SpoolFull": Exit.DISK_FULL,
    "WriteFailed": Exit.DISK_FULL,
    "AddressForbidden": Exit.USAGE,
    "BadTime": Exit.USAGE,
    "BadMediaType": Exit.USAGE,
    "UnfitExport": Exit.USAGE,
    "BadUrl": Exit.USAGE,
    "UnfitUrl": Exit.USAGE,
    "DatabaseFull": Exit.DISK_FULL,
    "DatabaseUnusable": Exit.DATABASE,
    "SQLAlchemyError": Exit.DATABASE,
    "DatabaseError": Exit.DATABASE,
    "Terminated": Exit.TERMINATED,
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
_BY_REASON = {
    ("limited", "the time limit "): Exit.TIME_LIMIT,
    ("failed", "the login "): Exit.AUTH,
    ("failed", "the secret "): Exit.CONFIG,
    ("failed", "the database "): Exit.DATABASE,
    ("failed", "the disk of the database "): Exit.DISK_FULL,
}
"""What the outcome alone does not tell: an outcome, and how its reason begins."""


def exit_of(error: BaseException) -> Exit:
    """The code of the nearest class that has one; 1 when none has."""
    if _is_full(error) or _is_full(error.__cause__):
        return Exit.DISK_FULL
    for ancestor in type(error).__mro__:
        if code := _BY_ERROR.get(ancestor.__name__):
            return code
    return Exit.ERROR


def _is_full(error: BaseException | None) -> bool:
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    return getattr(getattr(error, "orig", error), "sqlite_errorname", None) == "SQLITE_FULL"


def exit_of_outcome(outcome: str, reason: str = "") -> Exit:
    """The code of a run that is over, by its outcome, and by its reason where that tells more."""
    told = (code for (ending, begin), code in _BY_REASON.items() if outcome == ending and reason.startswith(begin))
    return next(told, _BY_OUTCOME.get(outcome, Exit.ERROR))
