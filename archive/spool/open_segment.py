"""Write a segment: its WARC and its journal. Only bytes that an fsync has confirmed count."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from archive.values.atomic_files import fsync_directory
from archive.values.capture import Capture
from archive.values.digest import Sha256
from archive.values.errors import ArchiveError, SpoolFull, SpoolRefuses, SyncFailed, WriteFailed
from archive.values.os_errors import Meaning, meaning_of
from archive.warc.journal import SUFFIX, Closing, Heading, closing_line, heading_line, line

OPEN = ".warc.gz.open"
FAILED = ".warc.gz.failed"
"""The suffix of a segment with a failed fsync. Its pages may be clean in memory but not on disk, so it is never
fsynced again: it is copied."""

_BUFFER = 1 << 18
_REFUSALS = (Meaning.READ_ONLY, Meaning.DENIED, Meaning.NO_FILES)
"""What a disk, or the system, says of every file until an operator fixes the cause."""


class AppendOnlyFile:
    """An append-only file; its first `good` bytes are on disk."""

    def __init__(self, path: Path) -> None:
        self.path, self.size, self.good = path, 0, 0
        self._buffer = bytearray()
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o644)
        except OSError as error:
            raise failure(error, f"{path.name} could not be created") from error
        fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def append(self, octets: bytes) -> None:
        """Append bytes. Raises SpoolFull or WriteFailed."""
        self._buffer += octets
        self.size += len(octets)
        if len(self._buffer) >= _BUFFER:
            self._flush()

    def sync(self) -> None:
        """Make all bytes durable. Raises SpoolFull or WriteFailed, and SyncFailed if there may be holes."""
        self._flush()
        if (size := os.fstat(self._file).st_size) != self.size:
            raise WriteFailed(f"{self.path.name} has {size} bytes after {self.size} were written")
        self._fdatasync()

    def mark(self) -> None:
        """Make all bytes written so far count."""
        self.good = self.size

    def back(self) -> None:
        """Remove what was appended since the last `mark`. Raises WriteFailed or SyncFailed."""
        self._buffer.clear()
        try:
            os.ftruncate(self._file, self.good)
        except OSError as error:
            raise failure(error, f"{self.path.name} could not be cut back") from error
        self._fdatasync()
        self.size = self.good

    def sha256(self) -> Sha256:
        """Return the digest of the bytes in the file."""
        digest, offset = hashlib.sha256(), 0
        while block := os.pread(self._file, 1 << 20, offset):
            digest.update(block)
            offset += len(block)
        return Sha256(digest.hexdigest())

    def cut(self) -> None:
        """Truncate the file to the bytes that count, if the disk allows it, and close it."""
        with suppress(OSError):
            os.ftruncate(self._file, self.good)
        self.close()

    def close(self) -> None:
        """Close the file.

        Repeating this is harmless: the descriptor is forgotten first, since another thread may reuse it.
        """
        file, self._file = self._file, -1
        if file >= 0:
            with suppress(OSError):
                os.close(file)

    def _flush(self) -> None:
        if not self._buffer:
            return
        try:
            written = os.write(self._file, self._buffer)
        except OSError as error:
            raise failure(error, f"{self.path.name} could not be written") from error
        if written != len(self._buffer):
            why = f"{self.path.name}: {written} of {len(self._buffer)} bytes were written"
            raise SpoolFull(why) if self._has_no_room(len(self._buffer) - written) else WriteFailed(why)
        self._buffer.clear()

    def _has_no_room(self, octets: int) -> bool:
        """Return whether the disk is full: it first writes fewer bytes, and reports ENOSPC only at the next write."""
        disk = os.statvfs(self._file)
        return disk.f_bavail * disk.f_frsize < octets + disk.f_frsize

    def _fdatasync(self) -> None:
        try:
            os.fdatasync(self._file)
        except OSError as error:
            raise SyncFailed(f"{self.path.name} could not be fsynced: {error.strerror}") from error


def failure(error: OSError, what: str) -> ArchiveError:
    """Translate a disk error into an error of the archive."""
    if (meaning := meaning_of(error)) is Meaning.FULL:
        return SpoolFull(f"{what}: {error.strerror}")
    if meaning in _REFUSALS:
        return SpoolRefuses(f"{what}: {error.strerror}")
    return WriteFailed(f"{what}: {error.strerror}")


class OpenSegment:
    """A WARC and its journal in the directory `open`. Only one thread may use it."""

    def __init__(self, directory: Path, heading: Heading, info: bytes) -> None:
        """Create both files durably; `info` is the warcinfo record. Raises SpoolFull, WriteFailed or SyncFailed, and
        then leaves nothing behind.
        """
        self.heading = heading
        self.records, self.captures = 0, 0
        self._moments: list[datetime] = []
        self._digest = self._good_digest = hashlib.sha256()
        self._warc = AppendOnlyFile(directory / (heading.segment + OPEN))
        try:
            self._journal = AppendOnlyFile(directory / (heading.segment + SUFFIX))
        except ArchiveError:
            self._discard(self._warc)
            raise
        try:
            self.write(info)
            self._make_durable(heading_line(heading), 1)
            fsync_directory(directory)
        except (ArchiveError, OSError) as error:
            self._discard(self._warc, self._journal)
            raise failure(error, "a segment could not be started") if isinstance(error, OSError) else error from error

    @property
    def name(self) -> str:
        return self.heading.segment

    @property
    def path(self) -> Path:
        return self._warc.path

    @property
    def journal(self) -> Path:
        return self._journal.path

    @property
    def size(self) -> int:
        """The size of the WARC in bytes, including uncommitted ones."""
        return self._warc.size

    @property
    def moments(self) -> tuple[datetime, datetime]:
        """The times of the first and the last exchange; without exchanges, the time of creation."""
        first, last = self._moments or (self.heading.opened, self.heading.opened)
        return first, last

    @property
    def sha256(self) -> Sha256:
        """The digest of the committed bytes as they were meant to be written."""
        return Sha256(self._good_digest.hexdigest())

    def write(self, octets: bytes) -> None:
        self._digest.update(octets)
        self._warc.append(octets)

    def commit(self, captures: Sequence[Capture], records: int) -> None:
        """Make everything written durable, then its journal lines. Raises SpoolFull, WriteFailed, SyncFailed: then none
        of it counts.
        """
        self._make_durable(b"".join(map(line, captures)), records)
        self.captures += len(captures)
        moments = self._moments + [capture.at for capture in captures]
        self._moments = [min(moments), max(moments)] if moments else []

    def back(self) -> None:
        """Remove what was written since the last commit. Raises WriteFailed or SyncFailed."""
        self._warc.back()
        self._journal.back()
        self._digest = self._good_digest.copy()

    def end(self, closing: Closing) -> None:
        """Write the last line of the journal, and close both files."""
        self._journal.append(closing_line(closing))
        self._journal.sync()
        self.close()

    def check(self) -> None:
        """Compare the bytes in the file with those that were meant to be written. Raises WriteFailed."""
        if (is_ := self._warc.sha256()) != self.sha256:
            raise WriteFailed(f"{self.path.name} has the SHA-256 {is_}, not {self.sha256}")

    def close(self) -> None:
        self._warc.close()
        self._journal.close()

    def abandon(self) -> None:
        """After a failed fsync, close both files, and mark the WARC."""
        self._warc.cut()
        self._journal.cut()
        self.path.rename(self.path.with_name(self.name + FAILED))

    def remove(self) -> None:
        """Remove a segment without captures."""
        self._discard(self._warc, self._journal)
        fsync_directory(self._warc.path.parent)

    def _make_durable(self, lines: bytes, records: int) -> None:
        """Make first the records durable, then their journal lines; only then both count."""
        self._warc.sync()
        self._journal.append(lines)
        self._journal.sync()
        self._warc.mark()
        self._journal.mark()
        self._good_digest = self._digest.copy()
        self.records += records

    @staticmethod
    def _discard(*files: AppendOnlyFile) -> None:
        for file in files:
            file.close()
            file.path.unlink(missing_ok=True)
