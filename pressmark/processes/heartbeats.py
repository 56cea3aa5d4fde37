"""The beats of a worker: it tells a watchdog every second that its event loop runs, and which part has stopped."""

from __future__ import annotations

import asyncio
import faulthandler
import logging
import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress

from archive.values.activity import Activity
from pressmark.processes import watchdog
from pressmark.processes.watchdog import BEAT, STACKS, STALLED
from pressmark.service.exits import Exit

log = logging.getLogger(__name__)

_PARTS = 10
"""The factor by which a part may pause longer than the loop: it may wait for an unresponsive store or database."""
_ENDING = 2
"""The factor for a run that was asked to end."""
_ALONE = 40
"""The factor for a worker whose watchdog may be dead: the time that passes counts, on a busy machine too."""


def write_stacks_to(descriptor: int) -> None:
    """Write the stacks of all threads to that file when the watchdog asks for them."""
    faulthandler.register(STACKS, file=descriptor, all_threads=True, chain=False)


@contextmanager
def ending_alone(descriptor: int | None, after: float) -> Iterator[None]:
    """End this process, with its stacks on standard error, if it stalls while nobody watches it.

    A supervisor that was killed watches no more, and a blocked loop does not notice its end. The timer is a thread in
    C: it runs out while Python code can't run, too. Each beat sets it again. `after` as in `Heartbeats.run`. Without a
    descriptor there is no supervisor: a watchdog is started here (see `beating`), and its beats set no timer.
    """
    if descriptor is not None:
        _end_within(2 * after * _ALONE)  # recovery and many imports come before the first beat
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()


def _end_within(seconds: float) -> None:
    if seconds:
        faulthandler.dump_traceback_later(seconds, exit=True)


class Heartbeats:
    """What this process writes to the pipe of its watchdog."""

    def __init__(self, descriptor: int, *, alone_after: float = 0.0) -> None:
        """Set up. The process ends by itself this many seconds after its last beat; 0 means never."""
        self._descriptor, self._alone_after = descriptor, alone_after
        os.set_blocking(descriptor, False)
        write_stacks_to(descriptor)

    def beat(self) -> None:
        self._write(b"\n")
        _end_within(self._alone_after)

    def stalled(self, sentence: str) -> None:
        """Report that a part has stopped; the watchdog ends this process then."""
        self._write(STALLED + sentence.replace("\n", " ").encode() + b"\n")

    async def run(self, after: float, parts: Collection[Activity], ending: Callable[[], Mapping[str, str]]) -> None:
        """Beat every second until cancelled, and check the parts, and the runs that were asked to end.

        `after` is the time in seconds without progress after which the loop counts as stalled; 0 means never.
        """
        loop, since = asyncio.get_running_loop(), Counter[str]()
        looked = loop.time()
        while True:
            self.beat()
            await asyncio.sleep(BEAT)
            elapsed, looked = min(loop.time() - looked, 2 * BEAT), loop.time()
            if after and (sentence := _stuck(parts, after, elapsed) or _overdue(since, ending(), after)):
                self.stalled(sentence)

    def close(self) -> None:
        """Stop beating: the process is ending."""
        faulthandler.unregister(STACKS)
        os.close(self._descriptor)

    def _write(self, data: bytes) -> None:
        with suppress(OSError):  # the listener has gone, or does not read
            os.write(self._descriptor, data)


def _stuck(parts: Collection[Activity], after: float, elapsed: float) -> str | None:
    for part in parts:
        if (seconds := part.still(elapsed)) >= after * _PARTS:
            return f"{part.name} made no progress for {seconds:.0f} s while it {part.what}"
    return None


def _overdue(since: Counter[str], ending: Mapping[str, str], after: float) -> str | None:
    """Count the checks of each ending run. On a busy machine they are rarer, and the wait is longer."""
    for run in since.keys() - ending.keys():
        del since[run]
    since.update(dict.fromkeys(ending, 1))
    late = (run for run, looks in since.items() if looks * BEAT >= after * _ENDING)
    return next((f"the run {run} did not end within {after * _ENDING:g} s: {ending[run]}" for run in late), None)


@contextmanager
def beating(descriptor: int | None, after: float) -> Iterator[Heartbeats]:
    """Yield the beats of this process, to the pipe of a supervisor, or to a watchdog that is started here.

    A thread that ends by an exception ends the process as well.
    """
    if descriptor is None and not after:
        descriptor = os.open(os.devnull, os.O_WRONLY)
    before, threading.excepthook = threading.excepthook, _end_by
    try:
        with _own_watchdog(after) if descriptor is None else _given(descriptor, after * _ALONE) as beats:
            yield beats
    finally:
        threading.excepthook = before


@contextmanager
def _given(descriptor: int, alone_after: float = 0.0) -> Iterator[Heartbeats]:
    beats = Heartbeats(descriptor, alone_after=alone_after)
    try:
        yield beats
    finally:
        beats.close()


@contextmanager
def _own_watchdog(after: float) -> Iterator[Heartbeats]:
    command = [sys.executable, "-I", "-S", watchdog.__file__, str(os.getpid()), str(after)]
    heard, told = os.pipe()
    with subprocess.Popen(command, stdin=heard) as process:
        os.close(heard)
        try:
            with _given(told) as beats:
                yield beats
        finally:
            process.terminate()  # a child of ours may have inherited the pipe and keep it open


def _end_by(broken: threading.ExceptHookArgs) -> None:
    """End the process immediately.

    Acknowledged data is on disk, and nothing else would notice that a thread is gone.
    """
    error = broken.exc_value or broken.exc_type()
    name = broken.thread.name if broken.thread else "a thread"
    log.critical("the thread %s failed: the process ends", name, exc_info=error)
    os._exit(Exit.ERROR)
