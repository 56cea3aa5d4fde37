"""Count shipped segments by result."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from archive.values.counters import Figure, Figures
from archive.values.errors import IntegrityError, StoreDenied, StoreUnreachable

_RESULTS: tuple[tuple[type[Exception], str], ...] = (
    (StoreUnreachable, "unreachable"),
    (StoreDenied, "denied"),
    (IntegrityError, "integrity"),
    (Exception, "failed"),
)
RESULTS = ("ok", *(name for _, name in _RESULTS))
"""What may come of the shipping of a segment, as it is counted."""


@contextmanager
def measured(figures: Figures) -> Iterator[None]:
    """Count the shipping of a segment, and its duration if it succeeded."""
    began = monotonic()
    try:
        yield
    except Exception as error:
        figures.count(Figure.UPLOADS, next(name for kind, name in _RESULTS if isinstance(error, kind)))
        raise
    figures.count(Figure.UPLOADS, "ok")
    figures.time(Figure.UPLOAD_SECONDS, monotonic() - began)
