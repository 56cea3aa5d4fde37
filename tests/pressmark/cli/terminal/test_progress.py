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
from pressmark.cli.terminal.output import show
from pressmark.cli.terminal.progress import BYTES, Pace, counting, line_of_count, line_of_run, watching
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
    """Return everything that was sent to a terminal."""
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w", encoding="utf-8") as terminal:
        watched(terminal, monkeypatch)
    shown = b""
    with os.fdopen(ours, "rb", 0) as screen, contextlib.suppress(OSError):  # so that the other end of a closed one ends
        while some := screen.read(65536):
            shown += some
    return shown.decode()


def test_a_terminal_shows_a_moving_bar_and_then_a_line_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    shown = on_a_terminal(monkeypatch)

    assert COLOUR.search(shown)
    assert "gazette blocked: 5 pages, 0 captures (0 revisits), 0 failures; robots.txt forbids it\r\n" in shown


def test_without_a_terminal_nothing_moves_and_each_state_is_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = io.StringIO()
    watched(pipe, monkeypatch)

    running, over = pipe.getvalue().splitlines()
    assert running == "gazette running: 3 pages, 9 captures (0 revisits), 0 failures, at least 4 more to fetch"
    assert over.startswith("gazette blocked: ")
    assert "\x1b" not in pipe.getvalue()


def test_quiet_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = io.StringIO()
    watched(pipe, monkeypatch, quiet=True)

    assert pipe.getvalue() == ""


def test_no_color_is_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    assert COLOUR.search(on_a_terminal(monkeypatch)) is None


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        (Counts(pages=1, captures=1, revisits=1, failures=1), "1 page, 1 capture (1 revisit), 1 failure"),
        (Counts(pages=0, captures=2, revisits=0, failures=3), "0 pages, 2 captures (0 revisits), 3 failures"),
    ],
)
def test_one_is_shown_in_the_singular(counts: Counts, told: str) -> None:
    assert told in line_of_run(replace(RUNNING, counts=counts))


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def paced(clock: Clock, *noted: tuple[float, int]) -> Pace:
    pace = Pace(clock)
    for seconds, done in noted:
        clock.now += seconds
        pace.note(done)
    return pace


def test_the_speed_is_that_of_the_last_minute_without_earlier_work() -> None:
    clock = Clock()

    assert paced(clock, (0, 500)).rate == 0.0
    assert paced(clock, (0, 500), (0, 500)).rate == 0.0
    assert paced(clock, (0, 500), (10, 520)).rate == 2.0
    assert paced(clock, (0, 0), (1000, 1000), (30, 1000), (30, 1600)).rate == 10.0
    assert paced(clock, (0, 0), (10, 20)).left(60) == 30.0
    assert paced(clock, (0, 7), (10, 7)).left(60) is None


@pytest.mark.parametrize(
    ("what", "noted", "total", "told"),
    [
        ("segments", [(0, 0)], 900, "0 of 900 segments"),
        ("segments", [(0, 0), (10, 140)], 1900, "140 of 1,900 segments, 14.0/s, about 2 minutes left"),
        ("segments", [(0, 0), (10, 900)], 900, "900 of 900 segments, 90.0/s"),
        ("segments", [(0, 1), (10, 2)], 2000, "2 of 2,000 segments, 0.1/s, about 5 hours 33 minutes left"),
        (BYTES, [(0, 0), (2, 3 << 20)], 6 << 20, "3.0 MiB of 6.0 MiB of data, 1.5 MiB/s, about 2 seconds left"),
        (BYTES, [(0, 0)], 3 << 30, "0 B of 3.0 GiB of data"),
    ],
)
def test_long_work_shows_how_much_how_fast_and_how_long(
    what: str, noted: list[tuple[float, int]], total: int, told: str
) -> None:
    assert line_of_count(what, noted[-1][1], total, paced(Clock(), *noted)) == told


def test_a_crawl_shows_its_speed_and_no_unknown_total() -> None:
    told = line_of_run(RUNNING, paced(Clock(), (0, 0), (2, 4)))

    assert told.endswith("0 failures, 2.0 captures/s, at least 4 more to fetch (2 seconds)")
    assert " of " not in told


def test_without_a_terminal_long_work_writes_a_line_every_few_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    pipe, clock = io.StringIO(), Clock()
    monkeypatch.setattr(sys, "stderr", pipe)

    with counting("segments", clock=clock) as count:
        for done in range(13):
            count(done, 100)
            clock.now += 1

    assert pipe.getvalue().splitlines() == [
        "5 of 100 segments, 1.0/s, about 2 minutes left",
        "10 of 100 segments, 1.0/s, about 2 minutes left",
    ]


def test_the_next_part_of_the_work_starts_a_new_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    pipe, clock = io.StringIO(), Clock()
    monkeypatch.setattr(sys, "stderr", pipe)

    with counting(BYTES, clock=clock) as count:
        for after, done, part in ((0, 0, "read"), (4, 4096, "read"), (1, 0, "checked"), (6, 2048, "checked")):
            clock.now += after
            count(done, 4096, f"a.warc.gz {part}")

    assert pipe.getvalue().splitlines() == [
        "a.warc.gz checked: 0 B of 4.0 KiB of data",
        "a.warc.gz checked: 2.0 KiB of 4.0 KiB of data, 341 B/s, about 6 seconds left",
    ]


def test_output_beside_a_bar_stays_on_stdout(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w", encoding="utf-8") as terminal, os.fdopen(ours, "rb", 0):
        monkeypatch.setattr(sys, "stderr", terminal)
        with counting("files") as count:
            count(1, 2)
            show("crawl.warc.gz: 7 captures")

    assert capsys.readouterr().out == "crawl.warc.gz: 7 captures\n"
