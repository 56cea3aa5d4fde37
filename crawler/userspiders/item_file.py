"""Write the items of a run to their file at its end, and wait for a disk that accepts none."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import suppress
from pathlib import Path

from archive.values.os_errors import meaning_of
from crawler.frontier.failures import FrontierUnwritable, continues, unwritable
from crawler.run.run_log import RunLog
from crawler.userspiders.ledger import copy_items

_LOOK_EVERY = 1.0


class ItemFile:
    """The file of the items of one run. Lives in the event loop."""

    def __init__(self, path: Path, ledger: Path, log: RunLog) -> None:
        self._path, self._ledger, self._log = path, ledger, log
        self.problem: FrontierUnwritable | None = None
        """Why the items can't be written now; None when they can."""

    async def write(self, leaves: asyncio.Event) -> bool:
        """Write the items. While the disk refuses, wait for it, or until `leaves` is set: then return False.

        Raises OSError, sqlite3.Error for what does not end by itself.
        """
        while True:
            try:
                await asyncio.to_thread(copy_items, self._ledger, self._path)
            except (OSError, sqlite3.OperationalError) as error:
                problem = self._unwritten(error)
                if not continues(problem):
                    raise
                if self.problem is None:
                    self._log.event("waits", reason=str(problem))
                self.problem = problem
            else:
                self.problem = None
                return True
            with suppress(TimeoutError):
                await asyncio.wait_for(leaves.wait(), _LOOK_EVERY)
                return False

    def _unwritten(self, error: OSError | sqlite3.OperationalError) -> FrontierUnwritable:
        if isinstance(error, sqlite3.OperationalError):
            return unwritable(self._ledger, error)
        why = f"Pressmark can't write the items (data records) that the run collected to {self._path}: {error.strerror}"
        return FrontierUnwritable(why, lasts=meaning_of(error) is None)
