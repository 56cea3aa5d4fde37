"""SIGTERM and Ctrl-C: caught from the first moment of a process to its last, and handled once it can end normally."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import stat
import sys
from collections.abc import Callable
from types import FrameType
from typing import NoReturn

ASKED_BY = (signal.SIGTERM, signal.SIGINT)


class Terminated(KeyboardInterrupt):
    """SIGTERM ended a command normally, as Ctrl-C does."""


class Stop:
    """Within this context neither signal ends the process: its handlers do. After it both are ignored.

    The handlers of an event loop start late and end early: a signal during the imports, or while data is sealed, would
    end the process at once, and as PID 1 of a container it would ignore the former. For the main thread, around all
    that the process does.
    """

    def __init__(self) -> None:
        self._asked: signal.Signals | None = None
        self._act: Callable[[signal.Signals], None] | None = None

    def __enter__(self) -> Stop:
        for number in ASKED_BY:
            signal.signal(number, self._handle)
        return self

    def __exit__(self, *_: object) -> None:
        for number in ASKED_BY:
            signal.signal(number, signal.SIG_IGN)  # Python removes all handlers but this, shortly before its end

    def then(self, act: Callable[[signal.Signals], None]) -> None:
        """Have the running loop call this for every signal from now on, and for one that came before."""
        loop = asyncio.get_running_loop()

        def soon(asked: signal.Signals) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(act, asked)

        self._act = soon
        if self._asked is not None:
            soon(self._asked)

    def _handle(self, number: int, _: FrameType | None) -> None:
        self._asked = signal.Signals(number)
        if self._act is not None:
            self._act(self._asked)


def when_input_ends(act: Callable[[], object], heard: Callable[[], object] = lambda: None) -> None:
    """Have the running loop call this when our input ends: the service holds its other end, so then the service has
    ended. `heard` is called when the service writes something.

    An event loop makes that input from a pair of sockets, a shell from a pipe; a terminal or a file does not count.
    """
    try:
        mode = os.fstat(sys.stdin.fileno()).st_mode
    except (OSError, ValueError):
        return
    if stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode):
        loop = asyncio.get_running_loop()

        def ended() -> None:
            if not os.read(sys.stdin.fileno(), 1024):
                loop.remove_reader(sys.stdin.fileno())
                act()
            else:
                heard()

        loop.add_reader(sys.stdin.fileno(), ended)


def leave(code: int) -> NoReturn:
    """End the process now with an exit code. For a process that has closed everything it opened.

    Python would first tear down its modules: 0.8 s of CPU time in the service.
    """
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code)
