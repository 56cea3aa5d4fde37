"""Progress: a bar on a terminal, at its end a line that says why; elsewhere a line now and then; nothing with -q."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pressmark.cli.language import said, word
from pressmark.cli.output import in_one_line, tell

if TYPE_CHECKING:
    from rich.console import Console

    from scheduler.run import Run

_EVERY = 5.0
"""Seconds between two plain lines."""

Watch = Callable[[Sequence["Run"]], None]
"""Is shown the runs again and again, as they stand."""


@contextmanager
def counting(what: str, *, quiet: bool = False) -> Iterator[Callable[[int, int], None]]:
    """Something to call with how many are done, of how many."""
    if quiet or not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.progress import Progress

    with Progress(console=_console(), transient=True) as bar:
        task = bar.add_task(what)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@contextmanager
def watching(*, quiet: bool = False) -> Iterator[Watch]:
    """Something to show runs to, until they are over."""
    if quiet:
        yield lambda runs: None
    elif sys.stderr.isatty():
        with _bars() as watch:
            yield watch
    else:
        yield _Lines().watch


class _Lines:
    """A line when a run changes its state, and every few seconds while it goes on."""

    def __init__(self) -> None:
        self._told: dict[str, tuple[str, float]] = {}

    def watch(self, runs: Sequence[Run]) -> None:
        for run in runs:
            state, at = self._told.get(run.id, ("", 0.0))
            now = time.monotonic()
            if run.status != state or (run.status == "running" and now - at > _EVERY):
                self._told[run.id] = (run.status, now)
                tell(line_of(run))


def line_of(run: Run) -> str:
    """``example-org running: 12 pages, 30 captures, 4 to go``."""
    counts = run.counts
    captures, revisits = _counted(counts.captures, "capture"), _counted(counts.revisits, "revisit")
    told = f"{_counted(counts.pages, 'page')}, {captures} ({revisits}), {_counted(counts.failures, 'failure')}"
    name = run.url or run.source
    if run.status == "over":
        why = f"; {said(run.reason)}" if run.reason else ""
        return in_one_line(f"{name} {word(run.outcome or '')}: {told}{why}")
    waiting = f", {counts.queued} {word('queued')}" if counts.queued else ""
    return f"{name} {word(run.status)}: {told}{waiting}" if run.status == "running" else f"{run.id} queued"


def _counted(number: int, noun: str) -> str:
    return said(f"{number} {noun}" if number == 1 else f"{number} {noun}s")


@contextmanager
def _bars() -> Iterator[Watch]:
    from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[told]}"), TimeElapsedColumn())
    seen: dict[str, Run] = {}
    with Progress(*columns, console=_console()) as bars:
        tasks: dict[str, TaskID] = {}

        def watch(runs: Sequence[Run]) -> None:
            for run in runs:
                seen[run.id] = run
                if run.id not in tasks:
                    tasks[run.id] = bars.add_task(in_one_line(run.url or run.source), total=None, told="")
                counts = run.counts
                total = counts.pages + counts.queued or None
                pages, captures = _counted(counts.pages, "page"), _counted(counts.captures, "capture")
                told = f"{pages}, {captures}, {run.outcome or run.status}"
                done = total if run.status == "over" else counts.pages
                bars.update(tasks[run.id], completed=done, total=total, told=told)

        yield watch
    for run in seen.values():
        tell(line_of(run))


def _console() -> Console:
    from rich.console import Console

    return Console(stderr=True, highlight=False, markup=False)
