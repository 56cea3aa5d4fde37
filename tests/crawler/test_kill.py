"""kill -9 in the middle of a crawl loses no page, and repeats only what was in flight."""

from __future__ import annotations

import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from conftest import LONG
from crawling.site import Asked, Reply, Site, html, serving

PAGES = 1_000
TRIALS = 5 if LONG else 1
TESTS = Path(__file__).parent.parent
PATIENCE = 240
"""Seconds for what a crawler does until its death or its end, on a machine with other load."""


def page(asked: Asked) -> Reply:
    """Return a page of a tree: each of a thousand pages is linked from only one other."""
    number = int(asked.path[1:])
    links = (f"/{child}" for child in range(number * 3 + 1, number * 3 + 4) if child < PAGES)
    return Reply(body=html(*links).body, after=0.002)


def victim(site: Site, directory: Path, *manner: str) -> subprocess.Popen[bytes]:
    arguments = [f"{site.url}/0", str(directory / "f.db"), str(directory / "kept"), *manner]
    command = [sys.executable, "-m", "crawling.victim", *arguments]
    return subprocess.Popen(command, cwd=TESTS, env={"PYTHONPATH": f"{TESTS}:{TESTS.parent}"}, stdout=subprocess.PIPE)


def urls(directory: Path, state: int) -> set[str]:
    with sqlite3.connect(directory / "f.db") as db:
        found = {url for (url,) in db.execute("SELECT url FROM urls WHERE state = ?", (state,))}
    db.close()
    return found


def kept(directory: Path) -> Counter[str]:
    return Counter((directory / "kept").read_text().split())


def kill_after(process: subprocess.Popen[bytes], site: Site, requests: int) -> None:
    """Kill it as soon as the site was asked so often."""
    deadline = time.monotonic() + PATIENCE
    try:
        while len(site.asked) < requests:
            assert time.monotonic() < deadline, f"it did not make its requests within {PATIENCE} s"
            assert process.poll() is None, "it ended before its kill"
            time.sleep(0.001)
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=PATIENCE)


def test_two_kills_in_a_crawl_of_a_thousand_pages_lose_none(tmp_path: Path) -> None:
    for trial in range(TRIALS):
        seed = random.randrange(1 << 32)
        print("seed", seed)
        crawl_with_kills(tmp_path / str(trial), random.Random(seed))


def crawl_with_kills(directory: Path, chance: random.Random) -> None:
    directory.mkdir()
    in_flight: set[str] = set()
    with serving() as site:
        site.otherwise = page
        for nth in (1, 2):
            before = len(site.asked)
            kill_after(victim(site, directory), site, before + chance.randrange(150, 350))
            done, leased = urls(directory, 2), urls(directory, 1)
            assert len(done) >= 50, f"kill {nth} came before anything was done"
            assert leased, f"kill {nth} met nothing in flight"
            assert done <= kept(directory).keys(), "done, and not kept"
            in_flight |= leased
        output, _ = victim(site, directory).communicate(timeout=PATIENCE)

    everything = {f"{site.url}/{number}" for number in range(PAGES)}
    asked = Counter(f"{site.url}{one.path}" for one in site.asked)
    assert output.split() == [b"done"]
    assert kept(directory).keys() == everything
    assert {url for url, times in asked.items() if times > 1} <= in_flight
    assert max(asked.values()) <= 3


@pytest.mark.parametrize(("manner", "loses"), [("doomed", False), ("careless", True)])
def test_a_frontier_that_saved_a_page_without_its_links_would_lose_some(
    tmp_path: Path, manner: str, loses: bool
) -> None:
    """The control: both die at the same step, and pages are lost only where links are written later."""
    with serving() as site:
        site.otherwise = page
        first = victim(site, tmp_path, manner)
        first.communicate(timeout=PATIENCE)
        victim(site, tmp_path).communicate(timeout=PATIENCE)

    assert first.returncode == -signal.SIGKILL
    assert (len(kept(tmp_path)) < PAGES) is loses


@pytest.mark.parametrize(("manner", "loses"), [("halved", False), ("hasty", True)])
def test_a_page_is_not_done_before_the_last_of_its_many_links_is_written(
    tmp_path: Path, manner: str, loses: bool
) -> None:
    """The control: where the page counts as done with the first of its links, the others are lost."""
    with serving() as site:
        site.routes["/0"] = html(*(f"/{number}" for number in range(1, PAGES)))
        site.otherwise = html(text="x")
        first = victim(site, tmp_path, manner)
        first.communicate(timeout=PATIENCE)
        done = {url.removeprefix(site.url) for url in urls(tmp_path, 2)}
        before = len(site.asked)
        victim(site, tmp_path).communicate(timeout=PATIENCE)

    assert first.returncode == -signal.SIGKILL
    assert (len(kept(tmp_path)) < PAGES) is loses
    assert not done & {one.path for one in site.asked[before:]}
