"""The sealed files of the spool: each is read in every audit, because it stays there for a day only."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from archive.index.objects import Objects
from archive.shipping.fixity.reading import Meter, digest_of
from archive.shipping.fixity.repair import SPOOL, NoHealthyCopy, Repair
from archive.store.streams import window
from archive.values.atomic_files import fsync_directory
from archive.values.errors import IntegrityError

if TYPE_CHECKING:
    from archive.index.index import Index
    from archive.index.segments import SegmentRow

_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """The check of a sealed WARC in a spool."""

    name: str
    segment: str
    outcome: str
    note: str | None
    healed_from: str | None
    size: int


class SpoolFiles:
    """The sealed WARCs that the index expects in the spools of this machine."""

    def __init__(self, index: Index, repair: Repair, meter: Meter, worker: str | None) -> None:
        self._index, self._repair, self._meter, self._worker = index, repair, meter, worker

    def check(self, *, repair: bool) -> Iterator[CheckedFile]:
        """Read each of them. With `repair`, one that the store has is written again. Raises Interrupted."""
        for row in self._index.segments("sealed", "committed"):
            if row.path and Path(row.path).parent.is_dir() and (found := self._check(row, repair=repair)):
                yield found

    def _check(self, row: SegmentRow, *, repair: bool) -> CheckedFile | None:
        assert row.path
        outcome, note, size = self._read(row)
        if outcome != "ok":
            outcome, note, size = self._read(row)  # a disk may err once, and a file may just have been moved
        now = self._index.segment(row.name)
        if now is None or now.path != row.path or now.sha256 != row.sha256 or now.state not in ("sealed", "committed"):
            return None  # sealed again, or released meanwhile
        healed = None
        if outcome != "ok" and repair and row.worker == self._worker:
            healed, note = self._heal(row, note)
        if outcome != "ok" and not healed and row.state == "sealed":
            note = f"{note}; it is not in the store yet: its intact records are uploaded"
        return CheckedFile(row.path, row.name, outcome, note, healed, size)

    def _read(self, row: SegmentRow) -> tuple[str, str | None, int]:
        assert row.path
        path = Path(row.path)
        try:
            with closing(window(path.open("rb"), 0, None, str(path))) as file:
                digest, size = digest_of(file, self._meter)
        except FileNotFoundError:
            return "missing", f"{path} is missing", 0
        except (IntegrityError, OSError) as error:
            return "unreadable", str(error), 0
        if digest != row.sha256:
            return "damaged", f"the SHA-256 of {path} is {digest}, not {row.sha256}", size
        return "ok", None, size

    def _heal(self, row: SegmentRow, note: str | None) -> tuple[str | None, str | None]:
        """Write a file again from a store; return where it came from, and what was found."""
        stored = Objects(self._index.database).of(row.object_key) if row.object_key else None
        if stored is None:
            return None, note
        try:
            source, copy, _ = self._repair.healthy(stored, without=SPOOL)
        except NoHealthyCopy as error:
            return None, f"{note}; {error}"
        assert row.path
        with copy:
            path = Path(row.path)
            again = path.with_name(f".{path.name}.repair.tmp")
            try:
                with again.open("wb") as file:
                    while block := copy.read(_BLOCK):
                        file.write(block)
                    file.flush()
                    os.fsync(file.fileno())
                again.replace(path)
                fsync_directory(path.parent)
            except OSError as error:
                with suppress(OSError):
                    again.unlink(missing_ok=True)
                return None, f"{note}; it could not be written again: {error.strerror}"
        # A release first notes itself, then removes the file: if it began meanwhile, it may have missed the new file.
        now = self._index.segment(row.name)
        if now is None or now.state != "committed":
            path.unlink(missing_ok=True)
        return source, note
