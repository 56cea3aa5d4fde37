"""A process of a service: started, watched, started again when it dies or stalls, and stopped."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

from archive.values.core_affinity import begun_on_all_cores
from pressmark.processes.essential import essential
from pressmark.processes.watchdog import CRAWLING, LOOK, STACKS, Watch
from pressmark.processes.watchdog import with_place as told_of_stall
from pressmark.service.exits import Exit

log = logging.getLogger(__name__)

_SHORTEST, _LONGEST = 0.2, 30.0
"""Seconds between two starts; doubled after each start that did not last."""
_LASTED = 60.0
_MOST_UNREAD = 1 << 20
"""Bytes that may wait for a process that does not read its input."""
_AT_ONCE = (Exit.OK, Exit.TEMPORARY)
"""The exit code of a worker that must be replaced."""


class Child:
    """Keeps one process running until `stop`.

    Its input closes when we end, so that even after kill -9 of the service it does not stay behind. The process gets
    the end of a pipe, to which it writes once it is ready, as daemons do for s6 (`notification-fd`), and then its
    beats: see `pressmark.processes.watchdog`.
    """

    def __init__(
        self,
        command: Callable[[int], Sequence[str]],
        *,
        what: str = "the worker",
        watched_as: str = CRAWLING,
        files: Sequence[int] = (),
        greeting: Callable[[], bytes] = bytes,
        stalled_after: float = 0.0,
        stalled: Callable[[str], object] = lambda reason: None,
        is_held: Callable[[], bool] = lambda: True,
    ) -> None:
        """Set up. `command` gets the descriptor to which the process reports that it is ready, and writes its beats.

        `what` names it in sentences, and `watched_as` where it stalls. It inherits these `files`, and its input begins
        with the `greeting`.

        A process that makes no progress for `stalled_after` seconds is killed, unless that is 0; then `stalled` is
        called in a thread, with the reason as a sentence. `is_held` returns whether another process holds its spool.
        """
        self._command, self._files, self._greeting = command, files, greeting
        self._what, self._watched_as = what, watched_as
        self._stalled_after, self._stalled, self._is_held = stalled_after, stalled, is_held
        self._reason: str | None = None
        """Why the last process was killed, or could not be started."""
        self._process: Process | None = None
        self._stopping = asyncio.Event()
        self._starting = asyncio.Lock()
        self._wait = _SHORTEST
        self.problem: str | None = f"{what} has not started yet"
        """Why no usable process is there, as a sentence; None when one is."""
        self.failed: str | None = None
        """Why the last process ended, until the next one is ready; None before the first end."""
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
            self.problem = self.failed = self._reason or why_ended(code, is_held=self._is_held, what=self._what)
            log.warning("%s ended", self._what, extra={"code": code, "reason": self.problem, "again_in": wait})
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), wait)

    async def _once(self) -> int:
        """Run the process to its end; return its exit code."""
        self.problem = f"{self._what} is starting" + (f" again: {self._reason}" if self._reason else "")
        try:
            return await self._to_its_end()
        except OSError as error:  # no memory, no process, or no descriptor is left
            self._reason = f"{self._what} could not be started: {error}"
            log.exception("%s could not be started", self._what)
            return Exit.ERROR

    async def _to_its_end(self) -> int:
        heard, told = os.pipe()
        with _closing(heard):
            try:
                async with self._starting:
                    process = self._process = await begun_on_all_cores(
                        asyncio.create_subprocess_exec(*self._command(told), stdin=PIPE, pass_fds=(told, *self._files))
                    )
            finally:
                os.close(told)
            self.starts += 1
            self._reason = None
            self.write(self._greeting())
            with self._hearing(heard, Watch(process.pid, self._stalled_after, what=self._watched_as)) as watch:
                watching = essential(self._watch(watch, process), process.kill)
                try:
                    code = await process.wait()
                finally:
                    watching.cancel()
        if self._reason:
            await self._record_stall(self._reason)
        return code

    @contextmanager
    def _hearing(self, heard: int, watch: Watch) -> Iterator[Watch]:
        """Pass what the process writes to the watch."""
        loop = asyncio.get_running_loop()

        def hear() -> None:
            watch.receive(os.read(heard, 1 << 16))
            if watch.closed:
                loop.remove_reader(heard)
            elif watch.ready and self._reason is None:
                self.problem = self.failed = None

        loop.add_reader(heard, hear)
        try:
            yield watch
        finally:
            loop.remove_reader(heard)

    async def _watch(self, watch: Watch, process: Process) -> None:
        """Kill the process when it makes no progress, with its stacks in the log."""
        while (sentence := watch.check()) is None:
            await asyncio.sleep(LOOK)
        self._reason = self.problem = self.failed = sentence
        with suppress(ProcessLookupError):  # it ended by itself at this moment
            process.send_signal(STACKS)
            stacks = watch.stacks()
            while next(stacks):
                await asyncio.sleep(LOOK)
        self._reason = self.problem = self.failed = told_of_stall(sentence, watch.place)
        log.error("%s stalled and is killed", self._what, extra={"reason": self._reason, "stacks": watch.lines})
        with suppress(ProcessLookupError):
            process.kill()

    async def _record_stall(self, reason: str) -> None:
        try:
            await asyncio.to_thread(self._stalled, reason)
        except Exception:
            log.exception("the worker stall could not be recorded")

    def write(self, data: bytes) -> bool:
        """Write to the input of the process, if it is there and reads; return whether that is so."""
        stdin = self._process.stdin if self.pid is not None and self._process else None
        if stdin is None or stdin.is_closing() or _unread(stdin) >= _MOST_UNREAD:
            return False
        if data:
            stdin.write(data)
        return True

    def end(self) -> None:
        """Ask the process to end by closing its input; `stop` waits for it.

        No signal is sent: during the start it would end the process at once.
        """
        self._stopping.set()
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()

    async def stop(self, timeout: float) -> int | None:
        """Ask the process to end, and kill it if it has not ended after that many seconds. Return its exit code.

        With 0 it is killed at once.
        """
        self._stopping.set()
        async with self._starting:  # a process that is just being started ends like any other
            process = self._process
        if process is None or process.returncode is not None:
            return process.returncode if process else None
        self.end()
        try:
            return await asyncio.wait_for(process.wait(), timeout)
        except TimeoutError:
            if timeout > 0:
                log.error("%s did not end in time and is killed", self._what, extra={"seconds": timeout})
            process.kill()
            return await process.wait()


@contextmanager
def _closing(descriptor: int) -> Iterator[None]:
    try:
        yield
    finally:
        os.close(descriptor)


def _unread(stdin: asyncio.StreamWriter) -> int:
    """Return how many bytes wait for the process."""
    size: int = stdin.transport.get_write_buffer_size()
    return size


def why_ended(code: int, *, is_held: Callable[[], bool], what: str = "the worker") -> str:
    """Return why a process ended, by its exit code, and by whether another process holds its spool."""
    if code == Exit.LOCKED:
        if is_held():
            return "another worker holds the spool"
        return "a worker of another machine has the name of this one: set another worker.name, as the log says"
    if code == Exit.DISK_FULL:
        return "the disk of the spool is full"
    if code == Exit.DATABASE:
        return f"{what} can't use the database"
    if code < 0:
        return f"{what} was ended by {signal.Signals(-code).name}"
    return f"{what} ended with exit code {code}"
