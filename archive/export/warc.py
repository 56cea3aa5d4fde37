"""A WARC of its own: the records as they are in the archive, revisits with the originals that they refer to."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from archive.export.job import Job, pieces
from archive.export.members import heading
from archive.export.plan import Item
from archive.values.errors import Finding
from archive.warc.integrity.verify import verify_file


class Warc:
    name = "warc"
    suffix = ".warc.gz"
    media_type = "application/warc"
    resumable = True

    def pieces(self, job: Job) -> Iterator[bytes]:
        return warc_pieces(job)

    def verify(self, file: Path) -> Iterator[Finding]:
        return verify_warc(file)


def warc_pieces(job: Job) -> Iterator[bytes]:
    """The octets of the WARC. Notes in the plan where each item begins, and its digest, for an index of it."""
    offset = 0
    if not job.after:
        head = heading(job, "WARC File Format 1.1", Warc.suffix)
        offset = len(head)
        yield head
    for item in job.items():
        main = _Main(item)
        if records := job.records(item):
            start = offset
            for piece in pieces(records):
                offset += len(piece)
                main.take(piece)
                yield piece
            job.plan.put(item.number, start, main.digest)
        job.done(item)


class _Main:
    """The digest of an item's main record, which is the first."""

    def __init__(self, item: Item) -> None:
        self._left, self._sha256 = item.capture.location.length, hashlib.sha256()

    def take(self, piece: bytes) -> None:
        self._sha256.update(piece[: self._left])
        self._left -= min(self._left, len(piece))

    @property
    def digest(self) -> str:
        return f"sha256:{self._sha256.hexdigest()}"


def verify_warc(file: Path) -> Iterator[Finding]:
    """What `pressmark verify` finds; a record that lacked a field when it was taken in lacks it here."""
    with file.open("rb") as warc:
        yield from (finding for finding in verify_file(warc, file.name) if finding.kind != "field")
