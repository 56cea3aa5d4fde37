"""Watch a process: its beats show whether it makes progress; end it when it does not.

The process writes to a pipe: an empty line is a beat, a line that begins with `stalled: ` is a sentence about a part of
it that has stopped, and all other lines are stacks, which `STACKS` makes it write. They come from a handler in C, which
works while Python code can't run.

As a script this file watches the process that started it: `watchdog.py PID SECONDS`, with the pipe as its input. It
needs only the standard library, so that it starts in a few milliseconds.
"""

from __future__ import annotations

import os
import re
import select
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

LOOK = 0.5
"""Seconds between two checks of a process."""
BEAT = 1.0
"""Seconds between two of its beats."""
STACKS = signal.SIGUSR1
"""The signal that makes it write the stacks of its threads."""
STALLED = b"stalled: "
CRAWLING, ANSWERING = "the crawling process", "the answering process"
"""The processes that are watched, as sentences name them."""

_QUIET, _MOST_LOOKS = 4, 40
"""After this many checks without a new line all stacks are complete; and the most checks that they may take."""
_STARTS = 20
"""The factor for the start of a process: it recovers its spool, and no beat shows its progress."""
_ENDS_WITHIN = 30.0
"""Seconds more that a process without beats may take for its end."""
_READ_WITHIN = 5.0
"""Seconds that the reason of an end may take to be written, if nobody reads it."""
_TICKS = os.sysconf("SC_CLK_TCK")
_LONGEST_STAT = 4_096
"""Bytes of a stat file of /proc: some fifty numbers, and a name of at most 64 bytes."""
_THREAD = re.compile(r"^(?:Current thread|Thread) .*$", re.MULTILINE)
_FRAME = re.compile(r'File "(?:.*/)?((?:pressmark|scheduler|crawler|archive|extractor|config)/[^"]+)", line (\d+)')


class Watch:
    """One process, by its output and state. `heard` takes what it writes; `look` is called every `LOOK` seconds."""

    def __init__(
        self, pid: int, after: float, *, what: str = CRAWLING, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Set up. After this many seconds without a beat the process, `what`, counts as stalled; 0 means never."""
        self._pid, self._after, self._what, self._clock = pid, after, what, clock
        self._rest = b""
        self._sentence: str | None = None
        self._silent, self._beaten = 0.0, False
        self._cpu: float | None = _cpu_of(pid)
        """The CPU time at the last look that found no beat; None after a beat."""
        self._looked = clock()
        self.ready = self.closed = False
        """Whether it has beaten at all, and whether it has closed its pipe."""
        self.lines: list[str] = []
        """The stacks of its threads."""

    def receive(self, data: bytes) -> None:
        """Take what was read from the pipe; empty means that it is closed."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        self.closed = not data
        for line in lines:
            if not line:
                self.ready, self._beaten, self._silent = True, True, 0.0
            elif line.startswith(STALLED):
                self._sentence = line.removeprefix(STALLED).decode("utf-8", "replace")
            else:
                self.lines.append(line.decode("utf-8", "replace"))

    def check(self) -> str | None:
        """Return why the process must be ended, as a sentence; None while it makes progress."""
        now, before = self._clock(), self._cpu
        passed, self._looked = min(now - self._looked, 2 * LOOK), now
        if not self._after:
            return None
        if self._beaten:
            self._beaten, self._cpu = False, None
            return self._sentence
        self._cpu = cpu = _cpu_of(self._pid)
        if before is None:  # a process beats at every second look, so one look without a beat says nothing
            return self._sentence
        used = max(0.0, cpu - before)
        self._silent += _counted(_states_of(self._pid), passed, used)
        if self._sentence is None and self._silent >= self._most:
            did = "made no progress for" if self.ready else "did not start within"
            self._sentence = f"{self._what} {did} {self._most:g} seconds, so Pressmark ended it"
        return self._sentence

    @property
    def _most(self) -> float:
        """Return how many seconds of silence count as a stall now."""
        if not self.ready:
            return self._after * _STARTS
        return self._after + (_ENDS_WITHIN if self.closed else 0.0)

    def stacks(self) -> Iterator[bool]:
        """Return whether to check again for stacks that are not written yet: a process may get little CPU time."""
        quiet = before = 0
        for _ in range(_MOST_LOOKS):
            quiet = quiet + 1 if self.lines and len(self.lines) == before else 0
            before = len(self.lines)
            yield quiet < _QUIET and not self.closed
        yield False

    @property
    def place(self) -> str | None:
        """Return where in our code its main thread is: the file and the line."""
        *_, main = _THREAD.split("\n".join(self.lines))
        found = _FRAME.search(main)
        return f"{found[1]}, line {found[2]}" if found else None


def with_place(sentence: str, place: str | None) -> str:
    """Return why a process was ended."""
    if place and sentence.startswith((CRAWLING, ANSWERING)):
        return f"{sentence}; a bug report should name this place in the code: {place}"
    return sentence


def _counted(states: set[str], passed: float, used: float) -> float:
    """Return how much of the elapsed time counts against a silent process.

    While a thread is ready to run, this is the CPU time that the process got: on a busy machine it waits for its turn.
    While all threads sleep, it is all of the time. Nothing counts while the process is stopped, or waits for a disk: no
    kill helps then.
    """
    if "R" in states:
        return used
    return 0.0 if states & {"T", "t", "D"} else passed


def _states_of(pid: int) -> set[str]:
    """Return the states of the threads of a process, by their letters in /proc; none where there is no /proc."""
    try:
        tasks = os.listdir(f"/proc/{pid}/task")  # noqa: PTH208 (it is read each second, and a Path takes five times as long)
    except OSError:
        return set()
    return {stat[0] for task in tasks if (stat := _stat(f"/proc/{pid}/task/{task}/stat"))}


def _cpu_of(pid: int) -> float:
    """Return the CPU time of a process in seconds."""
    stat = _stat(f"/proc/{pid}/stat")
    return (int(stat[11]) + int(stat[12])) / _TICKS if stat else 0.0


def _stat(path: str) -> list[str]:
    """Return the fields of a stat file of /proc after the name, the state first."""
    try:
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123 (as above)
            return file.read(_LONGEST_STAT).decode("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return []


def main(pid: int, after: float) -> None:
    """Watch until the pipe is closed, or end the process, and say why on standard error."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # signals of the terminal; the pipe says when to end
    watch = Watch(pid, after)
    while not watch.closed:
        _receive(watch, LOOK)
        if (sentence := watch.check()) and not watch.closed:
            _end(watch, pid, sentence)
            return


def _end(watch: Watch, pid: int, sentence: str) -> None:
    """Kill a process that made no progress, and write its stacks and the reason to standard error."""
    os.kill(pid, STACKS)
    stacks = watch.stacks()
    while next(stacks):
        _receive(watch, LOOK)
    lines = [*watch.lines, f"error: {with_place(sentence, watch.place)}; it is killed; the next run continues", ""]
    writing = threading.Thread(target=_write, args=("\n".join(lines),), daemon=True)
    writing.start()
    writing.join(_READ_WITHIN)
    os.kill(pid, signal.SIGKILL)


def _write(text: str) -> None:
    """Write to standard error. Its reader may be gone, or may never read."""
    with suppress(OSError):
        os.write(2, text.encode("utf-8", "backslashreplace"))


def _receive(watch: Watch, seconds: float) -> None:
    """Read for this many seconds."""
    until = time.monotonic() + seconds
    while not watch.closed and (left := until - time.monotonic()) > 0:
        readable, _, _ = select.select([0], [], [], left)
        if readable:
            watch.receive(os.read(0, 1 << 16))


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
