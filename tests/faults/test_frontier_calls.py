"""The system calls of a frontier: death or an error at any of them, and what must be synced before what."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import figure
from crawling.site import html, serving
from faults import frontier_child
from faults.frontier_child import SITE, links_of, number_of
from faults.test_kill import ENVIRONMENT

from crawler.frontier.frontier import Frontier
from crawler.policy.rows import FetchResult, Link, State

PAGES = 300
CALLS = "pwrite64,fdatasync,ftruncate,unlink"
MOST = {"pwrite64": 190, "fdatasync": 3, "ftruncate": 2, "unlink": 5}
"""How often each is called for a frontier of 300 pages, rounded up."""
FAULTS = [
    "pwrite64:signal=SIGKILL",
    "fdatasync:signal=SIGKILL",
    "unlink:signal=SIGKILL",
    "ftruncate:signal=SIGKILL",
    "pwrite64:error=EIO",
    "pwrite64:error=ENOSPC",
    "pwrite64:error=EINTR",
    "fdatasync:error=EIO",
]
_CALL = re.compile(r'\d+ +(\w+)\((?:\d+<([^>]*)>|"([^"]*)")(?:, .*, (\d+)\))?')

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace, to put faults into system calls"),
]


def traced(path: Path, *options: str, pages: int = PAGES, child: tuple[str, ...] = ()) -> tuple[set[int], int]:
    """Work through a frontier under strace: the pages that it says are done, and how it ended."""
    files = [option for suffix in ("", "-wal", "-journal", "-shm") for option in ("-P", f"{path}{suffix}")]
    command = ["strace", "-f", "-qq", "-y", "-e", f"trace={CALLS}", *files, *options]
    command += [sys.executable, str(frontier_child.__file__), str(path), str(pages), *child]
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, timeout=120, check=False)
    said = [line.split() for line in done.stdout.splitlines()]
    return {int(words[1]) for words in said if words[0] == "done"}, done.returncode


def problems(path: Path, done: set[int]) -> list[str]:
    """What a frontier that is opened again lost or does twice; it is worked through to its end."""
    frontier = Frontier(path)
    try:
        found = [f"{number} is not done" for number in done if not is_done(frontier, number)]
        again = Counter(finish(frontier))
        found += [f"{number} is done again" for number in done & again.keys()]
        found += [f"{number} is done {count} times" for number, count in again.items() if count > 1]
        missing = [number for number in range(PAGES) if not is_done(frontier, number)]
        return found + [f"{number} is lost" for number in missing]
    finally:
        frontier.close()


def is_done(frontier: Frontier, number: int) -> bool:
    asked = frontier._db.execute("SELECT state FROM urls WHERE url = ?", (f"{SITE}{number}",)).fetchone()
    return asked is not None and asked[0] == State.DONE


def finish(frontier: Frontier) -> Iterator[int]:
    frontier.add([Link(f"{SITE}0")])
    for host in list(frontier.waiting()):
        while rows := frontier.lease(host, 25, 0.0):
            frontier.write_results(
                [FetchResult(row.id, State.DONE, links=links_of(number_of(row), PAGES)) for row in rows]
            )
            yield from map(number_of, rows)


def chosen(call: str) -> list[int]:
    every = list(range(1, MOST[call] + 1))
    return figure([random.SystemRandom().choice(every)], every, every)


@pytest.mark.parametrize("fault", figure(FAULTS[:1] + FAULTS[5:6], FAULTS, FAULTS))
def test_a_fault_at_any_call_of_a_frontier_loses_no_page_and_repeats_none_that_was_done(
    fault: str, tmp_path: Path
) -> None:
    for n in chosen(fault.partition(":")[0]):
        path = tmp_path / f"{n}.db"
        done, ended = traced(path, "-o", os.devnull, "-e", f"inject={fault}:when={n}")

        assert ended in (0, -signal.SIGKILL if "SIGKILL" in fault else 1)
        assert problems(path, done) == [], f"{fault} at {n}"


def test_a_page_that_is_lost_or_done_again_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "f.db"
    done, ended = traced(path, "-o", os.devnull, "-e", "inject=pwrite64:signal=SIGKILL:when=150")
    assert ended == -signal.SIGKILL
    assert done
    os.truncate(f"{path}-wal", Path(f"{path}-wal").stat().st_size // 2)

    assert any("is not done" in problem for problem in problems(path, done))
    assert any("is done again" in problem for problem in problems(tmp_path / "new.db", done))


# Order


def unsynced(path: Path, *child: str) -> list[str]:
    """What was written over while what stands for it might still be taken away by a power cut."""
    log = path.with_name("log")
    _, ended = traced(path, "-o", str(log), pages=3_000, child=child)
    assert ended == 0
    wal, found, dirty = f"{path}-wal", [], set[str]()
    for call, opened, name, at in _CALL.findall(log.read_text()):
        place = opened or name
        if call == "fdatasync":
            dirty.discard(place)
        elif call == "pwrite64" and place == str(path) and wal in dirty:
            found.append("the file is written before its log is synced")
        elif call == "pwrite64" and place == wal and at == "0" and str(path) in dirty:
            found.append("the log begins anew before the file is synced")
        elif call == "unlink" and place == wal and str(path) in dirty:
            found.append("the log is removed before the file is synced")
        if call == "pwrite64":
            dirty.add(place)
    return found


def test_a_frontier_writes_over_nothing_whose_successor_is_not_synced(tmp_path: Path) -> None:
    assert unsynced(tmp_path / "f.db") == []


def test_a_frontier_that_never_syncs_is_caught(tmp_path: Path) -> None:
    found = unsynced(tmp_path / "f.db", "careless")

    assert "the file is written before its log is synced" in found
    assert "the log is removed before the file is synced" in found


# Event loop


def syncing(log: Path, *command: str) -> tuple[set[str], str]:
    """Run a program under strace; return the threads that sync files, and its first thread."""
    options = ("-f", "-qq", "-o", str(log), "-e", "trace=execve,fsync,fdatasync")
    done = subprocess.run(
        ["strace", *options, sys.executable, *command], env=ENVIRONMENT, capture_output=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    calls = [line.split(maxsplit=1) for line in log.read_text().splitlines()]
    return {thread for thread, call in calls if call.startswith(("fsync(", "fdatasync("))}, calls[0][0]


def test_the_event_loop_of_a_crawl_waits_for_no_sync_of_its_frontier(tmp_path: Path) -> None:
    with serving() as site:
        site.otherwise = html()
        victim = ("-m", "crawling.victim", f"{site.url}/", str(tmp_path / "f.db"), str(tmp_path / "kept"))
        threads, first = syncing(tmp_path / "log", *victim)

    assert threads
    assert first not in threads
    assert not (tmp_path / "f.db").exists()


def test_a_sync_in_the_first_thread_is_seen(tmp_path: Path) -> None:
    threads, first = syncing(tmp_path / "log", str(frontier_child.__file__), str(tmp_path / "f.db"), "3")

    assert threads == {first}
