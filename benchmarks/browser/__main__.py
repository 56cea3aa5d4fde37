"""``python -m benchmarks.browser [PAGES]``: a page of scripts, archived by us and shown by Playwright alone.

Each way is a process that gets the same pages, first two and then all: the difference is the cost of a page without the
start. CPU is of all its processes; memory is the highest sum of their proportional sets, looked at four times a second.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

import psutil

from benchmarks.machine import called, load, site

WAYS = ("browser", "playwright", "http")
BAR = 1.15
"""Times the CPU and the memory of Playwright alone."""
_FEW = 2
_LOOK = 0.25
_MOST_SECONDS = 3_600.0


@dataclass(frozen=True, slots=True)
class Used:
    """What the processes of one way used."""

    cpu: float
    memory: int
    seconds: float


def used(way: str, url: str, pages: int) -> Used:
    """Run a way to its end, and look at its processes meanwhile."""
    with tempfile.TemporaryDirectory() as directory:
        command = [sys.executable, "-m", "benchmarks.browser.ways", way, url, str(pages), directory]
        began, cpu, memory = monotonic(), 0.0, 0
        with subprocess.Popen(command) as process:
            try:
                while process.poll() is None and monotonic() - began < _MOST_SECONDS:
                    seen = _seen(process.pid)
                    cpu, memory = max(cpu, seen[0]), max(memory, seen[1])
                    sleep(_LOOK)
            finally:
                process.kill()
        if process.returncode:
            sys.exit(f"{way} ended with {process.returncode}")
    return Used(cpu, memory, monotonic() - began)


def _seen(leader: int) -> tuple[float, int]:
    """Return the CPU seconds and the bytes of a process and all below it, those that ended included."""
    cpu, memory = 0.0, 0
    try:
        first = psutil.Process(leader)
        family = [first, *first.children(recursive=True)]
    except psutil.NoSuchProcess:
        return cpu, memory
    for one in family:
        try:
            times = one.cpu_times()
            cpu += times.user + times.system + times.children_user + times.children_system
            memory += one.memory_full_info().pss
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return cpu, memory


def measure(pages: int, url: str) -> None:
    print(f"{'':12}{'CPU a page':>12}{'pages a minute':>16}{'memory':>10}")
    found = {}
    for way in WAYS:
        few, all_of_them = used(way, url, _FEW), used(way, url, pages)
        each = (all_of_them.cpu - few.cpu) / (pages - _FEW)
        rate = 60 * (pages - _FEW) / (all_of_them.seconds - few.seconds)
        found[way] = each, all_of_them.memory
        print(f"{way:12}{1000 * each:9.0f} ms{rate:16.0f}{all_of_them.memory / (1 << 20):7.0f} MB", flush=True)
    ours, theirs = found["browser"], found["playwright"]
    print(f"ours to Playwright: CPU {ours[0] / theirs[0]:.2f}, memory {ours[1] / theirs[1]:.2f}; bar {BAR}. {load()}")


def main() -> None:
    arguments = called("benchmarks.browser", __doc__)
    arguments.add_argument("pages", type=int, nargs="?", default=30)
    wanted = arguments.parse_args()
    with tempfile.TemporaryDirectory() as directory, site("benchmarks.browser.site", Path(directory)) as url:
        measure(wanted.pages, url)


if __name__ == "__main__":
    main()
