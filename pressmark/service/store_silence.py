"""Whether a call to the store hangs, in this process or in the worker."""

from __future__ import annotations

from archive.store.silence import SILENT
from pressmark.service.service import Service


def store_silence(service: Service) -> str | None:
    """Since when the store has not answered, as a sentence; None when no call has waited for some seconds.

    The worker notes it at the segment that it ships.
    """
    problems = (segment.problem or "" for segment in service.index.segments("sealed"))
    return service.store.silence(service.now()) or next((each for each in problems if SILENT in each), None)
