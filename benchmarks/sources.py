"""``python -m benchmarks.sources [COUNT ...]``: cost of many sources for a start, a run, lists, commands and a service.

Each source has one file, half with ``every``, half with ``cron``. CPU is user and system time of all processes. With
``--database postgresql``, the database is their home, and services with one role each share it.
"""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from archive.values.timestamps import parse_timestamp
from benchmarks.machine import called, load
from config.load import Sources
from config.settings import Settings
from pressmark.service.assembly import open_pressmark
from pressmark.views.describe import sources_after
from pressmark.web.overview import lines
from scheduler.run import Run
from scheduler.workers.orders import Orders

COUNTS = (1_000, 10_000, 50_000)
IDLE = 20


def write_sources(home: Path, count: int) -> None:
    (home / "sources").mkdir(parents=True)
    for number in range(count):
        timetable = "{every: 1h}" if number % 2 else f"{{cron: '{number % 60} * * * *'}}"
        name = f"s{number:05}"
        text = f"source: {name}\nseeds: [http://127.0.0.1:9/{name}]\nwalk: page\ntimetable: {timetable}\n"
        (home / "sources" / f"{name}.yaml").write_text(text)
    time.sleep(3)  # files written within two seconds are read again at the next start


def tell(what: str, seconds: float, unit: str = "CPU ms", scale: float = 1000) -> None:
    print(f"  {what:44}{seconds * scale:10.2f} {unit}   {load()}", flush=True)


def cpu(work: Callable[[], object], times: int = 3) -> float:
    """Return the minimum of some rounds."""
    found = list[float]()
    for _ in range(times):
        before = time.process_time()
        work()
        found.append(time.process_time() - before)
    return min(found)


def in_process(home: Path) -> None:
    directory = home / "sources"
    tell("all files read for the first time", cpu(lambda: Sources(directory), 1))
    tell("the same, read by a process before", cpu(lambda: Sources(directory)))
    sources = Sources(directory)
    tell("a look at every file", cpu(sources.reload))
    tell("a poll of the clock, at 2,500", cpu(lambda: sources.poll(2_500)))
    orders = Orders(sources, home)
    run = Run("r", "s00001", "running", parse_timestamp("20261128080000"))
    tell("the order of a run", cpu(lambda: [orders.order(run) for _ in range(1_000)]) / 1_000)
    with open_pressmark(Settings(home=home)) as service:
        tell("Overview or Sources, the first time", cpu(lambda: lines(service, ""), 1))
        tell("Overview or Sources, of 100", cpu(lambda: lines(service, "")))
        tell("GET /api/v1/sources, of 100", cpu(lambda: sources_after(service, "s00500", 101)))


def of_command(home: Path, *arguments: str) -> float:
    """Return the CPU seconds of a command that was called before: its bytecode is there, as it is for a user."""
    command = [sys.executable, "-m", "pressmark", "--home", str(home), *arguments]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    found = list[float]()
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, check=False, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        found.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(found)


@contextmanager
def serving(home: Path) -> Iterator[list[psutil.Process]]:
    """Start a service with its worker, and wait until it is ready."""
    url = "http://127.0.0.1:18659"
    environment = dict(os.environ, PRESSMARK_HOME=str(home), PRESSMARK_PORT=url.rpartition(":")[2])
    command = [sys.executable, "-m", "pressmark", "serve"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            while not is_ready(url):
                if process.poll() is not None:
                    raise SystemExit("the service did not start")
                time.sleep(0.3)
            served = psutil.Process(process.pid)
            yield [served, *served.children(recursive=True)]
        finally:
            process.send_signal(signal.SIGTERM)


def is_ready(url: str, path: str = "/readyz") -> bool:
    try:
        with urllib.request.urlopen(f"{url}{path}", timeout=60):
            return True
    except OSError:
        return False


def used(processes: list[psutil.Process]) -> float:
    return sum(sum(process.cpu_times()[:2]) for process in processes)


def main() -> None:
    arguments = called("benchmarks.sources", __doc__)
    arguments.add_argument("count", type=int, nargs="*", default=COUNTS)
    arguments.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    arguments.add_argument("--roles", default="clock,api,work", help="of services that share PostgreSQL")
    given = arguments.parse_args()
    for count in given.count:
        print(f"{count:,} sources", flush=True)
        if given.database == "postgresql":
            from benchmarks.shared_sources import measure

            measure(count, given.roles.split(","))
            continue
        with tempfile.TemporaryDirectory() as directory:
            home = Path(directory)
            write_sources(home, count)
            in_process(home)
            tell("pressmark source list", of_command(home, "source", "list"))
            tell("pressmark captures URL", of_command(home, "captures", "http://a.example/"))
            shutil.rmtree(home / "sources" / ".good")
            with serving(home) as processes:
                tell("ready, no file read before", used(processes))
            with serving(home) as processes:
                tell("service ready: supervisor and worker", used(processes))
                time.sleep(10)
                before = used(processes)
                time.sleep(IDLE)
                tell("idle", (used(processes) - before) / IDLE, "% of a core", 100)


if __name__ == "__main__":
    main()
