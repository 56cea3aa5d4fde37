"""A sealed segment that the disk has damaged: it goes the way of one that was left open, and is sealed anew."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from archive.spool.release import TEXT_SUFFIX, beside
from archive.spool.salvage import Salvaged, salvage
from archive.spool.sealed import Sealed, reopen
from archive.values.urlkey import urlkey


def resealed(sealed: Sealed, *, now: Callable[[], datetime]) -> Salvaged:
    """Seal what is intact of a segment under a new name. Nothing of it may be in the store yet.

    Again after a crash is harmless: recovery does the same with what it finds in `open`. Raises IntegrityError when
    the disk does not give the segment back, and OSError when it takes no writes.
    """
    directory = sealed.path.parent.parent
    beside(sealed.path, TEXT_SUFFIX).unlink(missing_ok=True)  # the texts are read again, of what is intact
    return salvage(directory, reopen(directory, sealed.path, sealed.name), now=now, urlkey=urlkey)
