"""Free space: remove the local files of a segment once the store certainly has it."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from archive.spool.sealed import WARC, journal_of
from archive.values.atomic_files import fsync_directory

TEXT_SUFFIX = ".text.jsonl.zst"
MANIFEST_SUFFIX = ".manifest.json"

_CALM = 0.5
_PRESSING = 0.7
"""Shares of the spool in use. At the second one no new run begins: by then nothing is kept longer than it must be."""


def due(committed: datetime, grace: timedelta, pressure: float) -> datetime:
    """Return when to remove the local files of a segment: `grace` after its commit, earlier if the spool is fuller."""
    share = (_PRESSING - pressure) / (_PRESSING - _CALM)
    return committed + grace * min(1.0, max(0.0, share))


def beside(warc: Path, suffix: str) -> Path:
    """Return the path of the file with that suffix beside a WARC of the spool."""
    return warc.with_name(warc.name.removesuffix(WARC) + suffix)


def remove(warc: Path) -> None:
    """Remove a WARC of the spool and the files beside it, durably.

    The WARC is removed last: as long as any file exists, the WARC does, and recovery sees a complete segment.
    """
    if not warc.parent.is_dir():
        return
    stem = warc.name.removesuffix(WARC)
    marked = journal_of(warc)
    beside_it = {*warc.parent.glob(f"{stem}.*"), *warc.parent.glob(f".{stem}.*.tmp")} - {warc, marked}
    for path in beside_it:
        path.unlink(missing_ok=True)
    marked.unlink(missing_ok=True)
    fsync_directory(warc.parent)
    warc.unlink(missing_ok=True)
    fsync_directory(warc.parent)
