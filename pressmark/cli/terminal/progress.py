"""Progress of long work: on a terminal one updated line, elsewhere a plain line now and then; nothing with -q.

Every line shows how much is done, the speed, and the remaining time at that speed. An unknown total is not shown: a
crawl finds its pages on the way.
"""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from archive.values.size import spoken_size
from pressmark.cli.terminal.language import translate, word
from pressmark.cli.terminal.output import counted, in_one_line, print_note
from pressmark.service.access.source_facts import in_text

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

    from scheduler.run import Run

_EVERY = 5.0
"""Seconds between two plain lines."""
_WINDOW = 60.0
"""Seconds over which the speed is measured."""
BYTES = "bytes"

Clock = Callable[[], float]


class Count(Protocol):
    """Takes how much is done, the total, and the name of the part of the work."""

    def __call__(self, done: int, total: int, part: str = "") -> None: ...


Watch = Callable[[Sequence["Run"]], None]
"""Is shown the runs, again and again, in their current state."""


class Pace:
    """The speed of some work, over the last minute."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._noted: deque[tuple[float, int]] = deque()

    def note(self, done: int) -> None:
        now = self._clock()
        if self._noted and done < self._noted[-1][1]:
            self._noted.clear()  # the next step or the next file
        self._noted.append((now, done))
        while len(self._noted) > 2 and now - self._noted[0][0] > _WINDOW:
            self._noted.popleft()

    @property
    def rate(self) -> float:
        """Return the speed per second; 0 when it is not known yet."""
        if len(self._noted) < 2:
            return 0.0
        (began, first), (now, last) = self._noted[0], self._noted[-1]
        return (last - first) / (now - began) if now > began else 0.0

    def left(self, rest: int) -> float | None:
        """Return the remaining seconds at this speed; None when they are not known yet."""
        return rest / self.rate if self.rate > 0 else None


def line_of_count(what: str, done: int, total: int, pace: Pace) -> str:
    """Format ``120 of 900 segments, 14.0/s, about 1 min left``; sizes for `BYTES`."""
    speed = pace.rate
    left = pace.left(total - done) if done < total else None
    if what == BYTES:
        parts = [
            translate(f"{spoken_size(done)} of {spoken_size(total)} of data"),
            f"{spoken_size(speed)}/s" if speed else "",
        ]
    else:
        parts = [translate(f"{done:,} of {total:,} {what}"), f"{speed:.1f}/s" if speed else ""]
    return ", ".join(filter(None, [*parts, translate(f"about {_duration(left)} left") if left is not None else ""]))


def line_of_run(run: Run, pace: Pace | None = None) -> str:
    """Format the state of a run.

    ``gazette running: 12 pages, 30 captures (4 revisits), 0 failures, 2.5 captures/s, at least 9 more to fetch (4 s)``.
    """
    counts = run.counts
    captures, revisits = _counted(counts.captures, "capture"), _counted(counts.revisits, "revisit")
    amounts = f"{_counted(counts.pages, 'page')}, {captures} ({revisits}), {_counted(counts.failures, 'failure')}"
    name = run.url or run.source
    if run.status == "over":
        why = f"; {translate(in_text(run.reason))}" if run.reason else ""
        return in_one_line(f"{name} {word(run.outcome or '')}: {amounts}{why}")
    if not _is_running(run):
        return f"{run.id} {word('queued')}"
    return f"{name} {word(run.status)}: {amounts}{_to_go(run, pace)}"


def _counted(number: int, noun: str) -> str:
    return translate(counted(number, noun))


def _is_running(run: Run) -> bool:
    return run.status == "running"


def _to_go(run: Run, pace: Pace | None) -> str:
    """Return the speed of a crawl, and how much it knows to be left: it finds more on the way."""
    queued, speed = run.counts.queued, pace.rate if pace else 0.0
    left = pace.left(queued) if pace else None
    fast = ", " + translate(f"{speed:.1f} captures/s") if speed else ""
    within = f" ({_duration(left)})" if left is not None else ""
    return f"{fast}, {translate(f'at least {queued:,} more to fetch')}{within}" if queued else fast


def _duration(seconds: float) -> str:
    """Return a duration in words: in seconds below a minute and a half, otherwise in minutes."""
    from datetime import timedelta

    from config.duration import duration_in_words

    step = 1 if seconds < 90 else 60
    return translate(duration_in_words(timedelta(seconds=max(round(seconds / step), 1) * step)))


@contextmanager
def counting(what: str, *, quiet: bool = False, clock: Clock = time.monotonic) -> Iterator[Count]:
    """Yield a callback that takes how many of `what` are done, the total, and optionally the part of the work."""
    pace = Pace(clock)
    if quiet:
        yield lambda done, total, part="": None
        return
    if not sys.stderr.isatty():
        yield _lines_of_counts(what, pace, clock)
        return
    with _moving() as bars:
        task = bars.add_task("", total=None, line=what)

        def count(done: int, total: int, part: str = "") -> None:
            pace.note(done)
            line = _with_part(part, line_of_count(what, done, total, pace))
            bars.update(task, completed=done, total=total, line=line)

        yield count


def _with_part(part: str, line: str) -> str:
    return f"{in_one_line(part)}: {line}" if part else line


def _lines_of_counts(what: str, pace: Pace, clock: Clock) -> Count:
    shown_at = clock()

    def count(done: int, total: int, part: str = "") -> None:
        nonlocal shown_at
        pace.note(done)
        if clock() - shown_at >= _EVERY:
            shown_at = clock()
            print_note(_with_part(part, line_of_count(what, done, total, pace)))

    return count


@contextmanager
def watching(*, quiet: bool = False, clock: Clock = time.monotonic) -> Iterator[Watch]:
    """Yield a callback that shows runs, until they are over."""
    if quiet:
        yield lambda runs: None
    elif sys.stderr.isatty():
        with _bars(clock) as watch:
            yield watch
    else:
        yield _Lines(clock).watch


class _Paces:
    """The speed of each run."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._paces: dict[str, Pace] = {}

    def of(self, run: Run) -> Pace:
        pace = self._paces.setdefault(run.id, Pace(self._clock))
        if _is_running(run):
            pace.note(run.counts.captures)
        return pace


class _Lines:
    """Writes a line when a run changes its state, and every few seconds while it is active."""

    def __init__(self, clock: Clock) -> None:
        self._clock, self._paces = clock, _Paces(clock)
        self._told: dict[str, tuple[str, float]] = {}

    def watch(self, runs: Sequence[Run]) -> None:
        for run in runs:
            state, at = self._told.get(run.id, ("", 0.0))
            now, pace = self._clock(), self._paces.of(run)
            if run.status != state or (_is_running(run) and now - at > _EVERY):
                self._told[run.id] = (run.status, now)
                print_note(line_of_run(run, pace))


@contextmanager
def _bars(clock: Clock) -> Iterator[Watch]:
    from rich.progress import TaskID

    seen: dict[str, Run] = {}
    paces = _Paces(clock)
    with _moving() as bars:
        tasks: dict[str, TaskID] = {}

        def watch(runs: Sequence[Run]) -> None:
            for run in runs:
                seen[run.id] = run
                if run.id not in tasks:
                    tasks[run.id] = bars.add_task(in_one_line(run.url or run.source), total=None, line="")
                pages, captures = _counted(run.counts.pages, "page"), _counted(run.counts.captures, "capture")
                pace = paces.of(run)
                state = _to_go(run, pace) if _is_running(run) else f", {word(run.outcome or run.status)}"
                done = 1 if run.status == "over" else None
                bars.update(tasks[run.id], completed=done, total=done, line=f"{pages}, {captures}{state}")

        yield watch
    for run in seen.values():
        print_note(line_of_run(run))


def _moving() -> Progress:
    """Return progress bars that leave nothing behind.

    The result of a command goes to stdout; the bars handle it only on a terminal.
    """
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        TextColumn("{task.fields[line]}"),
        TimeElapsedColumn(),
    )
    return Progress(*columns, console=_console(), transient=True, redirect_stdout=sys.stdout.isatty())


def _console() -> Console:
    from rich.console import Console

    return Console(stderr=True, highlight=False, markup=False)
