"""The worker process of a service: started, heard to be ready, started again when it dies, and stopped in order."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

from pressmark.exits import Exit

log = logging.getLogger(__name__)

_SHORTEST, _LONGEST = 0.2, 30.0
"""Seconds between two starts: twice as many after each start that did not last."""
_LASTED = 60.0
_AT_ONCE = (Exit.OK, Exit.TEMPORARY)
"""A worker that ends so wants to be replaced."""


class Child:
    """Keeps one process running until `stop`.

    Nobody writes to its input, which ends when we do, so that even after kill -9 of the service no worker stays behind.
    It gets the end of a pipe, to which it writes once it is ready, as daemons do for s6 (`notification-fd`).
    """

    def __init__(self, command: Callable[[int], Sequence[str]]) -> None:
        """`command` gets the descriptor to which the process says that it is ready."""
        self._command = command
        self._process: Process | None = None
        self._stopping = asyncio.Event()
        self._starting = asyncio.Lock()
        self._wait = _SHORTEST
        self.problem: str | None = "the worker has not started yet"
        """Why no worker is there that can work, as a sentence; None when one is."""
        self.starts = 0

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process and self._process.returncode is None else None

    async def run(self) -> None:
        """Start the process, and start it again whenever it ends, until `stop` is called."""
        loop = asyncio.get_running_loop()
        while not self._stopping.is_set():
            began = loop.time()
            code = await self._once()
            if self._stopping.is_set():
                return
            lasted = loop.time() - began
            self._wait = _SHORTEST if lasted > _LASTED else min(self._wait * 2, _LONGEST)
            wait = 0.0 if code in _AT_ONCE and lasted > _SHORTEST else self._wait
            self.problem = told(code)
            log.warning("the worker ended", extra={"code": code, "reason": self.problem, "again_in": wait})
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), wait)

    async def _once(self) -> int:
        self.problem = "the worker is starting"
        with self._hearing() as told:
            async with self._starting:
                process = self._process = await asyncio.create_subprocess_exec(
                    *self._command(told), stdin=PIPE, pass_fds=(told,)
                )
            os.close(told)
            self.starts += 1
            return await process.wait()

    @contextmanager
    def _hearing(self) -> Iterator[int]:
        """The end of a pipe to which the process says that it is ready; who hands it on closes it."""
        heard, told = os.pipe()
        loop = asyncio.get_running_loop()

        def ready() -> None:
            loop.remove_reader(heard)
            if os.read(heard, 1):
                self.problem = None

        loop.add_reader(heard, ready)
        try:
            yield told
        finally:
            loop.remove_reader(heard)
            os.close(heard)

    async def stop(self, timeout: float) -> int | None:
        """End its input, and kill it when it has not ended after that many seconds. Its exit code.

        No signal: one that comes while it still starts would end it at once.
        """
        self._stopping.set()
        async with self._starting:  # one that is just being started ends like any other
            process = self._process
        if process is None or process.returncode is not None:
            return process.returncode if process else None
        assert process.stdin is not None
        process.stdin.close()
        try:
            return await asyncio.wait_for(process.wait(), timeout)
        except TimeoutError:
            log.error("the worker did not end in time, and is killed", extra={"seconds": timeout})
            process.kill()
            return await process.wait()


def told(code: int) -> str:
    """Why a worker ended, by its exit code."""
    if code == Exit.LOCKED:
        return "another worker holds the spool"
    if code == Exit.DISK_FULL:
        return "the disk of the spool is full"
    if code == Exit.DATABASE:
        return "the worker can't use the database"
    if code < 0:
        return f"the worker was ended by {signal.Signals(-code).name}"
    return f"the worker ended with exit code {code}"
