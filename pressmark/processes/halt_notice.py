"""Tell other processes, through the database, that a worker pauses its crawling."""

from __future__ import annotations

from contextlib import suppress

from archive.values.errors import DatabaseUnusable
from pressmark.service.service import Service


class HaltNotice:
    """Tells other processes while this worker fetches nothing, and why."""

    def __init__(self, service: Service, epoch: int) -> None:
        self._halts = service.halts
        self._whose = (service.settings.worker.name, epoch)
        self._noted: str | None = None
        self.reason: str | None = None

    def note(self) -> None:
        """Write changes. A database that refuses writes, as on a full disk, is tried again later."""
        reason = self.reason
        with suppress(DatabaseUnusable):
            if reason is not None and self._noted is None:
                self._halts.set(*self._whose, reason)
                self._noted = reason
            elif reason is None and self._noted is not None:
                self._halts.lift(*self._whose, self._noted)
                self._noted = None
