"""Exit codes: what a script may read off the end of a command."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    OK = 0
    """Success. For a run: done, or nothing changed."""
    ERROR = 1
    """Any other error. For a run: it failed, or found no page to archive."""
    USAGE = 2
    """Invalid command: an unknown option, an invalid URL or time, an address that is not allowed."""
    PARTIAL = 3
    """Partial failure: pages of a run, entries of a list or records of a file failed, or seeds led to another site."""
    CONFIG = 4
    """A setting or a source is invalid, or a secret it names is missing."""
    NOT_FOUND = 5
    """The source, run, capture or file was not found."""
    STORE = 6
    """The store could not be reached, or sent an invalid response."""
    DISK_FULL = 7
    """The disk is full, or refused a write. No acknowledged capture is lost."""
    DATABASE = 8
    """The database can't be read or written; `pressmark rebuild` builds a new one from the store."""
    BLOCKED = 9
    """The site refused requests, or requested a longer pause than allowed."""
    INTEGRITY = 10
    """Archived data has changed or is damaged."""
    LOCKED = 11
    """Another process holds the lock on the spool or file, or uses the port."""
    AUTH = 12
    """The site's login or the store rejected the credentials."""
    SIZE_LIMIT = 14
    """A limit on pages or bytes, or the quota, ended the run."""
    TIME_LIMIT = 15
    """A time limit ended the run, or the search."""
    TEMPORARY = 75
    """Temporary condition, e.g. a pause: try again later."""
    KILLED = 137
    """SIGKILL: the command made no progress, as its last line says. Captures are safe; the next run continues."""
    INTERRUPTED = 130
    """Ctrl-C. Captured data is sealed; the next run continues."""
    TERMINATED = 143
    """SIGTERM. Captured data is sealed; the next run continues. `pressmark serve` exits with 0 after SIGTERM."""


_BY_ERROR = {
    "ConfigError": Exit.CONFIG,
    "UnknownSource": Exit.NOT_FOUND,
    "UnknownCollection": Exit.NOT_FOUND,
    "UnknownWebhook": Exit.NOT_FOUND,
    "WebhookChanged": Exit.TEMPORARY,
    "NothingToUndo": Exit.NOT_FOUND,
    "UnknownWatch": Exit.NOT_FOUND,
    "WatchChanged": Exit.TEMPORARY,
    "NoFormerWatch": Exit.NOT_FOUND,
    "NoAssistant": Exit.CONFIG,
    "UnknownPerson": Exit.NOT_FOUND,
    "UnknownToken": Exit.NOT_FOUND,
    "UnknownTakeDown": Exit.NOT_FOUND,
    "UnknownHold": Exit.NOT_FOUND,
    "UnfitTakeDown": Exit.USAGE,
    "UnfitHold": Exit.USAGE,
    "NoMonth": Exit.NOT_FOUND,
    "MonthNotAttached": Exit.NOT_FOUND,
    "MonthAttached": Exit.USAGE,
    "BadMonth": Exit.INTEGRITY,
    "PurgeRefused": Exit.USAGE,
    "PurgeUnderWay": Exit.LOCKED,
    "NameTaken": Exit.USAGE,
    "UnfitName": Exit.USAGE,
    "UnfitSubject": Exit.USAGE,
    "UnfitPassword": Exit.USAGE,
    "UnknownRun": Exit.NOT_FOUND,
    "UnknownBatch": Exit.NOT_FOUND,
    "BatchIsOver": Exit.USAGE,
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
    "FrontierUnwritable": Exit.DISK_FULL,
    "WriteFailed": Exit.DISK_FULL,
    "AddressForbidden": Exit.USAGE,
    "BadTime": Exit.USAGE,
    "BadMediaType": Exit.USAGE,
    "UnfitExport": Exit.USAGE,
    "ExportMissing": Exit.NOT_FOUND,
    "ExportTakenDown": Exit.USAGE,
    "BadUrl": Exit.USAGE,
    "UnfitUrl": Exit.USAGE,
    "NoBackup": Exit.NOT_FOUND,
    "HomeNotEmpty": Exit.USAGE,
    "DatabaseFull": Exit.DISK_FULL,
    "QueryTooLong": Exit.TIME_LIMIT,
    "DatabaseUnusable": Exit.DATABASE,
    "SQLAlchemyError": Exit.DATABASE,
    "DatabaseError": Exit.DATABASE,
    "Terminated": Exit.TERMINATED,
    "KeyboardInterrupt": Exit.INTERRUPTED,
}
"""By the name of the class: so an error is recognised without importing its package."""

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
    ("failed", "the settings refuse "): Exit.CONFIG,
    ("failed", "the database "): Exit.DATABASE,
    ("failed", "the disk of the database "): Exit.DISK_FULL,
    ("failed", "the disk is full, so Pressmark can't save the URLs"): Exit.DISK_FULL,
    ("failed", "Pressmark can't save the URLs"): Exit.DISK_FULL,
}
"""Outcomes whose code depends on the reason: an outcome, and the prefix of its reason."""


def exit_of(error: BaseException) -> Exit:
    """Return the code of the nearest class that has one; 1 when none has."""
    from archive.values.os_errors import is_full

    if is_full(error) or is_full(error.__cause__):
        return Exit.DISK_FULL
    for ancestor in type(error).__mro__:
        if code := _BY_ERROR.get(ancestor.__name__):
            return code
    return Exit.ERROR


def exit_of_outcome(outcome: str, reason: str = "") -> Exit:
    """Return the code of a finished run, by its outcome, and by its reason where that is more specific."""
    told = (code for (ending, begin), code in _BY_REASON.items() if outcome == ending and reason.startswith(begin))
    return next(told, _BY_OUTCOME.get(outcome, Exit.ERROR))
