"""WARC: the records unchanged from the archive, revisits together with their originals."""

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
    """Yield the bytes of the WARC. Record offset and digest of each item in the plan, for an index."""
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
                main.update(piece)
                yield piece
            job.plan.put(item.number, start, main.digest)
        job.done(item)


class _Main:
    """The digest of an item's main record, the first one."""

    def __init__(self, item: Item) -> None:
        self._left, self._sha256 = item.capture.location.length, hashlib.sha256()

    def update(self, piece: bytes) -> None:
        self._sha256.update(piece[: self._left])
        self._left -= min(self._left, len(piece))

    @property
    def digest(self) -> str:
        return f"sha256:{self._sha256.hexdigest()}"


def verify_warc(file: Path) -> Iterator[Finding]:
    """Yield what `pressmark verify` finds, except missing fields: the archived record lacks them, too."""
    with file.open("rb") as warc:
        yield from (finding for finding in verify_file(warc, file.name) if finding.kind != "field")
