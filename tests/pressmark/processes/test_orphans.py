"""A command whose parent was killed, and what it started, comes to its end: nobody reads what it writes."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from crawling.site import Reply, Site, html, serving
from journeys.household import Household, gazette

from pressmark.processes import watchdog

BEATS_ONCE = """
import signal, sys, time
signal.signal(signal.SIGUSR1, signal.SIG_IGN)
print(flush=True)
time.sleep(600)
"""


@contextmanager
def unread_pipe(*, full: bool) -> Iterator[int]:
    """The end to write to of a pipe that nobody reads: full, or with its other end closed."""
    reads, writes = os.pipe()
    try:
        if full:
            fcntl.fcntl(writes, fcntl.F_SETPIPE_SZ, 4096)
            os.set_blocking(writes, False)
            os.write(writes, bytes(4096))
            os.set_blocking(writes, True)
        else:
            os.close(reads)
        yield writes
    finally:
        os.close(writes)
        if full:
            os.close(reads)


@pytest.mark.parametrize(
    "full", [pytest.param(True, id="full", marks=pytest.mark.costly), pytest.param(False, id="closed")]
)
def test_a_watchdog_that_nobody_reads_ends_what_has_stalled(full: bool) -> None:
    with unread_pipe(full=full) as unread:
        stalled = subprocess.Popen([sys.executable, "-c", BEATS_ONCE], stdout=subprocess.PIPE)
        command = [sys.executable, "-I", "-S", watchdog.__file__, str(stalled.pid), "1"]
        watching = subprocess.Popen(command, stdin=stalled.stdout, stderr=unread)
        try:
            assert stalled.wait(60) == -signal.SIGKILL
            watching.wait(60)
        finally:
            for process in (stalled, watching):
                process.kill()
                process.wait()
            assert stalled.stdout is not None
            stalled.stdout.close()


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as site:
        site.routes["/robots.txt"] = Reply(404)
        site.otherwise = html("/a", "/b", "/c")
        yield site


@pytest.mark.slow
@pytest.mark.parametrize(
    "full", [pytest.param(True, id="full"), pytest.param(False, id="closed", marks=pytest.mark.costly)]
)
def test_a_run_whose_output_nobody_reads_ends(full: bool, site: Site, tmp_path: Path) -> None:
    household = Household(tmp_path / "home")
    household.source("gazette", gazette(f"{site.url}/"))
    with unread_pipe(full=full) as unread:
        command = [*household.command("-vv"), "run", "gazette"]
        process = subprocess.Popen(command, env=household.env(), stdout=unread, stderr=unread, cwd=tmp_path)
        try:
            process.wait(90)
        finally:
            process.kill()
            process.wait()

    [run] = household.look("runs", "list", "--json").json["items"]
    assert (run["outcome"], run["pages"]) == ("done", 4)
