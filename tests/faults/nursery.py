"""Processes that will be killed: one imports everything and forks for each, so that a start takes milliseconds."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

TESTS = Path(__file__).parents[1]
FAILED = 70


class Nursery:
    """A script that calls `serve`, and the processes that it forks, one at a time."""

    def __init__(self, script: str) -> None:
        environment = {**os.environ, "PYTHONPATH": f"{TESTS}:{TESTS.parent}"}
        command = [sys.executable, script]
        self._process = subprocess.Popen(command, stdin=-1, stdout=-1, text=True, env=environment)

    def start(self, order: str) -> int:
        """Return the pid of a process that does what this line says. The pid is not reused until `end`."""
        self._say(order)
        return int(self._line())

    def end(self) -> int:
        """Wait for the last started process; return its exit code, negative for a signal."""
        self._say("")
        return int(self._line())

    def close(self) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(60)

    def _say(self, line: str) -> None:
        assert self._process.stdin
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def _line(self) -> str:
        assert self._process.stdout
        return self._process.stdout.readline()


def serve(work: Callable[[str], None]) -> None:
    """Serve the other side: for each line fork a process that handles it, and answer with its pid.

    The line after it is empty; the answer to that is the exit code.
    """
    for line in sys.stdin:
        pid = os.fork()
        if not pid:
            code = FAILED
            try:
                work(line)
                code = 0
            finally:
                os._exit(code)
        print(pid, flush=True)
        sys.stdin.readline()
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
