"""Set a damaged SQLite database aside when a service or a crawl starts, so that a new one is made and filled."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from archive.database.damaged_file import aside_of, clear, damage, is_suspect, set_aside
from archive.database.database_name import file_of
from archive.spool.spool import lock
from archive.values.errors import DatabaseDamaged, SpoolLocked
from config.settings import Settings
from pressmark.service.exits import Exit

log = logging.getLogger(__name__)

CHECK_WITHIN = 2.0
"""Seconds: at some 1.3 GB per second of CPU this covers the whole database of a million captures.

The rest is checked when it is read: damage found then makes the next start check everything.
"""


def set_aside_if_damaged(settings: Settings, now: Callable[[], datetime]) -> Path | None:
    """Set the database aside if it is damaged, and return its new path; None when nothing is wrong.

    Only the holder of the spool may do that: raises DatabaseDamaged when another process works there.
    """
    file = file_of(settings.database_url)
    if file is None or not (why := _checked(file)):
        return None
    settings.spool_path.mkdir(parents=True, exist_ok=True)
    try:
        holding = lock(settings.spool_path, settings.worker.name)
    except SpoolLocked as error:
        raise DatabaseDamaged(str(file), f"{why}; {error}; that process repairs it") from error
    with holding:
        if damage(file, within=CHECK_WITHIN) is None and not is_suspect(file):
            return None  # another process was faster
        aside = set_aside(file, now())
    log.error("the database is damaged and was moved aside", extra={"reason": why, "file": str(aside)})
    return aside


def examine_database(settings: Settings) -> Iterator[tuple[str, Exit]]:
    """Return, for doctor, the files that were set aside.

    The state database-damaged reports damage of the current one.
    """
    file = file_of(settings.database_url)
    for aside in aside_of(file) if file else ():
        yield (
            (
                f"Pressmark replaced a damaged database and kept the old file as {aside}; the new database "
                "began with the archived pages, but without the earlier runs and without the pauses, so "
                "sources that were paused are crawled again; to restore runs and pauses, stop the service "
                "and run pressmark rebuild; delete the old file when you no longer need it"
            ),
            Exit.OK,
        )


def _checked(file: Path) -> str | None:
    """Return why the file is damaged; None when it is not. A file with known damage is checked to its end."""
    suspected = is_suspect(file)
    why = damage(file, within=None if suspected else CHECK_WITHIN)
    if suspected and why is None:
        with suppress(OSError):
            clear(file)
    return why
