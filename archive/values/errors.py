"""The errors of the archive. Each message is a sentence with its facts.

ArchiveError
├── CaptureNotFound     no capture of that URL
│   └── NothingBefore       there is no earlier capture
├── OriginalNotFound    a revisit refers to a capture that is not archived
├── ObjectNotFound      the store has no object under that key
├── StoreError          the store refused or could not be reached
│   ├── StoreUnreachable    no response, or one that asks to try again later
│   │   └── SpoolUnreachable    another machine, whose spool alone has a capture, does not answer
│   ├── StoreDenied         invalid credentials, or no permission
│   └── IntegrityError      data that was read differs from what was written
│       └── NothingIntact       no capture of a damaged segment is intact
├── DatabaseUnusable    the database can't be opened, or a newer Pressmark wrote it
│   ├── DatabaseUnreachable the server can't be reached, or another writer holds the lock
│   ├── DatabaseFull        the disk of the database is full
│   ├── DatabaseRefused     the database refuses a request: permission, a limit, a missing table
│   │   └── DatabaseReadOnly    the database can be read and not written
│   ├── DatabaseMissing     the file of a database that should be there is not
│   ├── DatabaseReplaced    another file, or an emptied one, is in its place
│   └── DatabaseDamaged     the file is not a database, or is damaged
├── SpoolLocked         another worker uses the spool
├── SpoolFull           no space for another record
├── WriteFailed         the disk refused a write
│   └── SyncFailed          the disk refused an fsync: the content of the file is unknown
├── DamagedRecord       bytes that are not a complete WARC record
│   └── OutOfReach          the index knows that the bytes of a capture are damaged or lost
├── SegmentUnknown      captures of a segment that the index does not know
├── RefusedWarc         a file that can't be ingested
│   └── NotWhole            it is not a complete WARC with one gzip member per record
├── PurgeUnderWay       another process purges, or reads segments
├── PurgeRefused        a purge that can't be
├── ExportUnderWay      another process writes that export
├── ExportDamaged       an export failed verification
├── BadKey              an invalid key for signing or verification
├── MissingExtra        a format needs a library that is not installed
└── ReaderClosed        the text reader was closed before it read the page
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from archive.values.capture import Capture


class ArchiveError(Exception):
    """Base class of the archive's errors."""


class CaptureNotFound(ArchiveError):
    def __init__(self, url: str) -> None:
        super().__init__(f"the archive has no capture (archived version) of {url}")
        self.url = url


class NothingBefore(CaptureNotFound):
    """The capture is the first of its URL: there is nothing to compare."""

    def __init__(self, url: str, at: datetime) -> None:
        super().__init__(url)
        self.args = (f"no captures of {url} before {at:%Y-%m-%d %H:%M:%S} UTC",)


class OriginalNotFound(ArchiveError):
    def __init__(self, url: str, original: str | None) -> None:
        since = original or "an earlier one"
        super().__init__(f"a capture of {url} is a revisit of {since}, which is not archived")
        self.url = url
        self.original = original


class ObjectNotFound(ArchiveError):
    def __init__(self, key: str) -> None:
        super().__init__(f"the store has no object {key}")
        self.key = key


class StoreError(ArchiveError):
    """The store refused a request, or could not be reached."""


class StoreUnreachable(StoreError):
    """The store did not respond, or asked to try again later."""


class SpoolUnreachable(StoreUnreachable):
    """Another machine, whose spool alone has a capture, does not answer."""


class StoreDenied(StoreError):
    """The store rejected the credentials, or they lack a permission."""


class IntegrityError(StoreError):
    """Data that was read back differs from what was written."""


class NothingIntact(IntegrityError):
    """A disk error damaged every capture of a spool segment."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} was damaged and has no intact captures; the rest is in quarantine")


class DatabaseUnusable(ArchiveError):
    """The database can't be opened, or a newer Pressmark wrote it."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"the database {where} can't be used: {why}")


class QueryTooLong(ArchiveError):
    """A search took longer than allowed, and the database has ended it."""

    def __init__(self) -> None:
        super().__init__("the search took too long and was ended; use rarer words, or limit it to a site or a time")


class DatabaseUnreachable(DatabaseUnusable):
    """The database server can't be reached, or is locked by another writer: try again later."""


class DatabaseFull(DatabaseUnusable):
    """The disk of the database is full."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(where, why)
        self.args = (f"the disk of the database {where} is full: {why}",)


class DatabaseRefused(DatabaseUnusable):
    """The database refused a request for good; a retry can't help."""


class DatabaseReadOnly(DatabaseRefused):
    """The database can be read and not written: its disk or its file is read-only, or the server accepts no writes."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(where, why)
        self.args = (f"the database {where} is read-only: {why}",)


class DatabaseMissing(DatabaseUnusable):
    """The file of the database is missing, and the command must not make a new one."""

    def __init__(self, where: str) -> None:
        super().__init__(where, "it is missing")
        self.args = (f"the database {where} is missing",)


class DatabaseReplaced(DatabaseUnusable):
    """The database that is open is no longer the one under its name: it was moved, emptied or overwritten."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(where, why)
        self.args = (why,)


class DatabaseDamaged(DatabaseUnusable):
    """The file is not an SQLite database, or its pages are inconsistent."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(where, why)
        self.args = (f"the database {where} is damaged: {why}",)


class SpoolLocked(ArchiveError):
    """Another worker uses the spool."""

    def __init__(self, directory: Path, holder: str = "") -> None:
        super().__init__(
            f"another Pressmark process is writing to the spool {directory}, where files wait for their upload"
            f"{f': {holder}' if holder else ''}"
        )
        self.directory = directory


class SpoolFull(ArchiveError):
    """The spool has no space for another record. No acknowledged capture is lost."""


class SpoolRefuses(SpoolFull):
    """The disk accepts no files: it is read-only, access is denied, or the process has too many open files."""


class WriteFailed(ArchiveError):
    """The disk refused a write or an fsync; the exchange was not acknowledged."""


class SyncFailed(WriteFailed):
    """An fsync failed: later ones of the same file can't be trusted."""


class DamagedRecord(ArchiveError):
    """Bytes that are not a complete, valid WARC record."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"{where}: {why}")
        self.where = where
        self.why = why


def not_there(capture: Capture) -> DamagedRecord:
    """Return the error for a capture whose main record was damaged in the spool and replaced by a filler."""
    where = capture.location
    why = "this record was damaged on the spool disk; the rest of it is in the spool's quarantine"
    return DamagedRecord(f"{where.segment}, offset {where.offset}", why)


class OutOfReach(DamagedRecord):
    """A capture marked as unreadable: its bytes are damaged, lost or in quarantine."""

    def __init__(self, url: str, at: datetime, reason: str, found_at: datetime) -> None:
        why = f"{reason} (found on {found_at:%Y-%m-%d at %H:%M} UTC); the next run of its source fetches the page again"
        super().__init__(f"the capture of {url} from {at:%Y-%m-%d %H:%M:%S} UTC can't be read", why)
        self.url = url
        self.at = at
        self.reason = reason
        self.found_at = found_at


class SegmentUnknown(ArchiveError):
    def __init__(self, name: str) -> None:
        super().__init__(f"the index has no segment {name}")
        self.name = name


class RefusedWarc(ArchiveError):
    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{name} was rejected: {why}")
        self.name = name
        self.why = why


class NotWhole(RefusedWarc):
    """A file that is not a complete, valid WARC."""


class PurgeUnderWay(ArchiveError):
    """Another process purges, or reads segments for long; or what would go may be needed by what is not indexed."""

    def __init__(self, why: str = "") -> None:
        super().__init__(
            why
            or "another process is purging, or reads the whole archive (rebuild, extract, copies); try again when it "
            "has ended"
        )


class PurgeRefused(ArchiveError):
    """A purge that can't be, as a sentence."""


class ExportUnderWay(ArchiveError):
    def __init__(self, target: Path) -> None:
        super().__init__(f"another process is exporting to {target}")
        self.target = target


class ExportDamaged(ArchiveError):
    """An exported file failed verification and was discarded."""

    def __init__(self, target: Path, findings: Sequence[Finding]) -> None:
        first = findings[0].sentence
        super().__init__(f"the export to {target} does not match what was written: {first}")
        self.target = target
        self.findings = tuple(findings)


class BadKey(ArchiveError):
    """An invalid signing key. The message never contains the key."""


class MissingExtra(ArchiveError):
    def __init__(self, what: str, library: str, extra: str) -> None:
        super().__init__(f"{what} needs {library}, which is not installed: pip install 'pressmark[{extra}]'")
        self.library = library


class ReaderClosed(ArchiveError):
    """The reader was closed before it read the page, or while it did."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem found by verification. `offset` is None if it concerns the whole file."""

    file: str
    offset: int | None
    kind: str
    """torn, gzip, garbage, head, length, whole-file-gzip, field, block-digest, payload-digest, object-digest,
    journal, index, unlisted, unreadable, elsewhere or empty."""
    sentence: str
