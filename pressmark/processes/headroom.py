"""Watch what a worker needs: free space for its spool, and memory."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

import psutil

log = logging.getLogger(__name__)

_LOOK_EVERY = 1.0


class FreeSpace(Protocol):
    """The part of a spool that is about free space."""

    def state(self) -> str: ...

    def pressure(self) -> str: ...


class Pausable(Protocol):
    """A crawler that can be paused."""

    def pause(self, reason: str) -> None: ...

    def resume(self) -> None: ...


class PauseReporter(Protocol):
    """Tells other processes why this worker fetches nothing."""

    reason: str | None

    def note(self) -> None: ...


class Headroom:
    """Pauses the crawls of a worker while its spool is full, and has it replaced when it has grown too large."""

    def __init__(
        self,
        spool: FreeSpace,
        crawls: Pausable,
        *,
        limit: int,
        stop: Callable[[], None],
        heed: Callable[[], object] = lambda: None,
        trouble: Callable[[], str | None] = lambda: None,
        halt_notice: PauseReporter | None = None,
    ) -> None:
        """Set up.

        `limit` is the memory in bytes above which `stop` is called, once. `heed` and `trouble` are called at each
        check, in a thread; `trouble` returns why the database must be reopened, `halt_notice` tells other processes of
        a pause.
        """
        self._spool, self._crawls, self._limit, self._stop = spool, crawls, limit, stop
        self._heed, self._trouble, self._halt_notice = heed, trouble, halt_notice
        self._paused = False
        self._process = psutil.Process()
        self.trouble: str | None = None
        """Why the database must be reopened."""
        self.outgrown = False
        """Whether the process has grown so large that it must be replaced."""

    async def run(self) -> None:
        """Check every second until cancelled."""
        while True:
            self._check_room(await asyncio.to_thread(self._spool.state))
            with suppress(OSError):  # the process can open no file, so its size can't be read now
                self._check_memory()
            self._check_database(await asyncio.to_thread(self._look))
            await asyncio.sleep(_LOOK_EVERY)

    def _look(self) -> str | None:
        if self._halt_notice:
            self._halt_notice.note()
        self._heed()
        return self._trouble()

    def _check_room(self, state: str) -> None:
        full = state in ("pause", "stop")
        if full and not self._paused:
            reason = self._spool.pressure()
            log.warning("crawling pauses", extra={"reason": reason})
            self._crawls.pause(reason)
            self._note(reason)
        elif self._paused and not full:
            log.info("crawling resumed")
            self._crawls.resume()
            self._note(None)
        self._paused = full

    def _note(self, reason: str | None) -> None:
        if self._halt_notice:
            self._halt_notice.reason = reason

    def _check_database(self, trouble: str | None) -> None:
        if trouble and not self.trouble:
            log.error("the worker restarts with another database", extra={"reason": trouble})
            self.trouble = trouble
            self._stop()

    def _check_memory(self) -> None:
        used = self._process.memory_info().rss
        if used > self._limit and not self.outgrown:
            log.info("the worker is replaced", extra={"rss": used, "limit": self._limit})
            self.outgrown = True
            self._stop()


def limit_memory(bound: int) -> None:
    """Set a hard memory limit that stops any leak, far above the `bound` in bytes at which the worker is replaced."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        bound = bound * 2 + (512 << 20)
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        bound = bound if hard == resource.RLIM_INFINITY else min(bound, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (bound, hard))
