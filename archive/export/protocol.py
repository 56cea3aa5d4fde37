"""The protocol of exporters: one for each export format."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol, runtime_checkable

from archive.export.job import Job
from archive.values.errors import Finding


class Exporter(Protocol):
    @property
    def name(self) -> str:
        """The name of the format: ``wacz``."""

    @property
    def suffix(self) -> str:
        """The ending of its file names: ``.wacz``."""

    @property
    def media_type(self) -> str: ...

    @property
    def resumable(self) -> bool:
        """Whether the bytes of an item depend on no other item, so that an interrupted export can continue."""

    def pieces(self, job: Job) -> Iterator[bytes]:
        """Yield the bytes of the export in pieces, with a few MiB in memory at most.

        A resumable exporter calls `job.done` after the bytes of an item, and starts after the item `job.after` if that
        is not 0. Raises StoreError, MissingExtra, and what `job.left_out` raises.
        """

    def verify(self, file: Path) -> Iterator[Finding]:
        """Yield everything wrong with such a file, as far as the file alone shows it."""


@runtime_checkable
class Joining(Protocol):
    """An exporter whose file is made of the one of another format, when an export was made in parts."""

    @property
    def parts(self) -> Exporter:
        """The exporter of that other format."""

    def joined(self, file: BinaryIO, created: datetime, /) -> Iterator[bytes]:
        """Yield the bytes of the export from the whole file of the other format; `created` is its time of creation."""
