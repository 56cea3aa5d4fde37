from __future__ import annotations

import contextlib
import io
import os
import pty
import re
import sys
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from crawler.policy.order import Counts
from pressmark.cli.progress import counting, line_of, watching
from scheduler.run import Run

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
AT = datetime(2026, 11, 25, tzinfo=UTC)
RUNNING = Run("1-gazette", "gazette", "running", AT, counts=Counts(pages=3, captures=9, queued=4))
OVER = Run(
    "1-gazette", "gazette", "over", AT, outcome="blocked", reason="robots.txt forbids it", counts=Counts(pages=5)
)


def watched(stderr: io.TextIOBase, monkeypatch: pytest.MonkeyPatch, *, quiet: bool = False) -> None:
    monkeypatch.setattr(sys, "stderr", stderr)
    monkeypatch.setenv("TERM", "xterm-256color")
    with watching(quiet=quiet) as watch, counting("segments", quiet=quiet) as count:
        for run in (RUNNING, RUNNING, OVER):
            watch([run])
        count(1, 2)


def on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> str:
    """All that a terminal was sent."""
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w", encoding="utf-8") as terminal:
        watched(terminal, monkeypatch)
    shown = b""
    with os.fdopen(ours, "rb", 0) as screen, contextlib.suppress(OSError):  # so the other end of a closed one ends
        while some := screen.read(65536):
            shown += some
    return shown.decode()


def test_on_a_terminal_a_bar_moves_and_a_line_says_at_the_end_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    shown = on_a_terminal(monkeypatch)

    assert COLOUR.search(shown)
    assert "gazette blocked: 5 pages, 0 captures (0 revisits), 0 failures; robots.txt forbids it\r\n" in shown


def test_elsewhere_nothing_moves_and_each_state_is_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = io.StringIO()
    watched(pipe, monkeypatch)

    running, over = pipe.getvalue().splitlines()
    assert running == "gazette running: 3 pages, 9 captures (0 revisits), 0 failures, 4 queued"
    assert over.startswith("gazette blocked: ")
    assert "\x1b" not in pipe.getvalue()


def test_who_wants_quiet_hears_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = io.StringIO()
    watched(pipe, monkeypatch, quiet=True)

    assert pipe.getvalue() == ""


def test_a_terminal_that_wants_no_colour_gets_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    assert COLOUR.search(on_a_terminal(monkeypatch)) is None


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        (Counts(pages=1, captures=1, revisits=1, failures=1), "1 page, 1 capture (1 revisit), 1 failure"),
        (Counts(pages=0, captures=2, revisits=0, failures=3), "0 pages, 2 captures (0 revisits), 3 failures"),
    ],
)
def test_one_is_told_in_the_singular(counts: Counts, told: str) -> None:
    assert told in line_of(replace(RUNNING, counts=counts))
