"""What an exporter is: a format that a selection of captures can be given in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from archive.export.job import Job
from archive.values.errors import Finding


class Exporter(Protocol):
    @property
    def name(self) -> str:
        """What people call it by: ``wacz``."""

    @property
    def suffix(self) -> str:
        """How the names of its files end: ``.wacz``."""

    @property
    def media_type(self) -> str: ...

    @property
    def resumable(self) -> bool:
        """Whether the octets of an item depend on no other item, so that an export that was cut goes on after one."""

    def pieces(self, job: Job) -> Iterator[bytes]:
        """The octets of the export, in pieces: no more than a few MiB are held at any time.

        One that is resumable calls `job.done` once the octets of an item have been given, and when `job.after` is not 0
        gives what follows that item. Raises StoreError, MissingExtra, and what `job.left_out` raises.
        """

    def verify(self, file: Path) -> Iterator[Finding]:
        """Everything by which such a file is not what it should be, as far as it can be told from the file alone."""
