"""The base of formats with records derived from captures: WET (texts) and WAT (metadata)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path

from archive.export.job import Job
from archive.export.members import heading
from archive.export.plan import Item
from archive.export.warc import verify_warc
from archive.values.errors import Finding


class Derived(ABC):
    """A WARC with at most one independent record per capture, so that an interrupted export can be resumed."""

    name: str
    suffix: str
    media_type = "application/warc"
    resumable = True

    @abstractmethod
    def record(self, job: Job, item: Item) -> bytes | None:
        """Return the record of a capture as one gzip member; None if it has none."""

    def pieces(self, job: Job) -> Iterator[bytes]:
        if not job.after:
            yield heading(job, "WARC File Format 1.1", self.suffix)
        for item in job.items():
            if member := self.record(job, item):
                yield member
            job.done(item)

    def verify(self, file: Path) -> Iterator[Finding]:
        return verify_warc(file)
