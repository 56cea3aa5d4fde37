"""Fetch the files of an export in parts from the store, check each, and join them to one file.

The unfinished file is beside its target, in a directory as that of an export in one process. If it is requested again,
it continues after the last file whose digest is right.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from archive.export.file import naming_full_disk, verified, workplace
from archive.export.parts.stored import ExportManifest, Part, StoredExport
from archive.export.protocol import Joining
from archive.values.atomic_files import fsync_directory
from archive.values.digest import Sha256
from archive.values.errors import ExportDamaged, IntegrityError

if TYPE_CHECKING:
    from archive.export.protocol import Exporter

_PIECE = 1 << 20

Progress = Callable[[int, int], None]
"""Called with the number of bytes that are there, and of all bytes."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file that was fetched and verified."""

    path: Path
    size: int
    sha256: Sha256
    resumed: bool
    """Whether files that an interrupted command had fetched were used."""


def fetch(
    stored: StoredExport,
    manifest: ExportManifest,
    exporter: Exporter,
    target: Path,
    progress: Progress = lambda _done, _total: None,
) -> Fetched:
    """Write the whole export to `target`, which is replaced when the new file is complete and verified.

    Raises ExportMissing, ExportDamaged, ExportUnderWay, IntegrityError if a file in the store is damaged, StoreError
    and OSError.
    """
    with workplace(target) as directory, naming_full_disk(target):
        path = directory / "parts"
        with path.open("ab+") as file:
            there, whole = _resumed(manifest, file)
            done = sum(part.octets for part in manifest.parts[:there])
            for part in manifest.parts[there:]:
                for piece in _checked(stored, part):
                    file.write(piece)
                    whole.update(piece)
                    done += len(piece)
                    progress(done, manifest.octets)
            _sync(file)
        digest = Sha256(whole.hexdigest())
        if isinstance(exporter, Joining):
            path, digest = _converted(exporter, path, datetime.fromisoformat(manifest.created))
        named = path.rename(directory / target.name)
        if findings := list(verified(exporter, named, digest)):
            named.unlink()
            raise ExportDamaged(target, findings)
        size = named.stat().st_size
        named.replace(target)
        fsync_directory(target.parent)
    return Fetched(target, size, digest, there > 0)


def _resumed(manifest: ExportManifest, file: BinaryIO) -> tuple[int, hashlib._Hash]:
    """Keep the parts at the beginning of a file whose digests are right; return their number and their digest."""
    whole, end = hashlib.sha256(), 0
    file.seek(0)
    for number, part in enumerate(manifest.parts):
        digest, former = hashlib.sha256(), whole.copy()
        left = part.octets
        while left and (piece := file.read(min(left, _PIECE))):
            left -= len(piece)
            digest.update(piece)
            whole.update(piece)
        if left or digest.hexdigest() != part.sha256:
            file.truncate(end)
            return number, former
        end += part.octets
    file.truncate(end)
    return len(manifest.parts), whole


def _checked(stored: StoredExport, part: Part) -> Iterator[bytes]:
    """Yield the bytes of a part. Raises IntegrityError after the last one if they are not those that were put."""
    digest, size = hashlib.sha256(), 0
    with closing(stored.opened(part)) as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
            size += len(piece)
            yield piece
    if size != part.octets or digest.hexdigest() != part.sha256:
        raise IntegrityError(f"{part.key} is damaged; delete the export {stored.id}, and request it again")


def _converted(exporter: Joining, path: Path, created: datetime) -> tuple[Path, Sha256]:
    """Write the file of another format beside a file; return it with its digest."""
    whole, converted = hashlib.sha256(), path.with_name("converted")
    with path.open("rb") as file, converted.open("wb") as target:
        for piece in exporter.joined(file, created):
            whole.update(piece)
            target.write(piece)
        _sync(target)
    return converted, Sha256(whole.hexdigest())


def _sync(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())
