"""Seal a segment again that the disk has damaged, in the same way as one left open."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from archive.spool.release import TEXT_SUFFIX, beside
from archive.spool.salvage import Salvaged, salvage
from archive.spool.sealed import Sealed, reopen
from archive.values.urlkey import urlkey


def resealed(sealed: Sealed, *, now: Callable[[], datetime]) -> Salvaged:
    """Seal the intact part of a segment under a new name. The store must not have any of it yet.

    Repeating this after a crash is harmless: recovery does the same with segments in `open`. Raises IntegrityError if
    the disk can't read the segment, and OSError if it accepts no writes.
    """
    directory = sealed.path.parent.parent
    beside(sealed.path, TEXT_SUFFIX).unlink(missing_ok=True)  # the texts are extracted again from the intact records
    return salvage(directory, reopen(directory, sealed.path, sealed.name), now=now, urlkey=urlkey)
