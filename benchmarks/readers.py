"""``python -m benchmarks.readers [CAPTURES] [--processes N …]``: snapshot pages a second for one reader and for eight.

Each reader is a process with a connection of its own, which requests one page after another. CPU is that of all
processes that answer. `--processes` are values of the setting `http.processes`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

import psutil

from archive.database.engine import open_database
from archive.index.index import Index
from archive.values.timestamps import timestamp14
from benchmarks.machine import called, load
from benchmarks.retrieval.client import ask_all
from benchmarks.retrieval.made import MORNING, make

READERS = 1, 8
REQUESTS, ROUNDS = 1_600, 3
_STARTS_WITHIN = 300.0


@contextmanager
def served(home: Path, processes: int) -> Iterator[tuple[int, list[psutil.Process]]]:
    """Serve a home; yield the port and the processes that answer."""
    command = [sys.executable, "-m", "pressmark", "--home", str(home), "serve", "--port", "0"]
    environment = {**os.environ, "PRESSMARK_HTTP__PROCESSES": str(processes), "PRESSMARK_WORKER__NAME": f"w{processes}"}
    log = home.parent / f"serve-{processes}.log"
    with log.open("w") as output, subprocess.Popen(command, stdout=output, stderr=output, env=environment) as service:
        try:
            until = time.monotonic() + _STARTS_WITHIN
            while len(answering := _answering(service.pid)) < processes or "Pressmark is at" not in log.read_text():
                if service.poll() is not None or time.monotonic() > until:
                    raise SystemExit(f"the service did not start: {log.read_text()[-2000:]}")
                time.sleep(0.1)
            time.sleep(5)  # until the last one listens
            yield int(log.read_text().partition("Pressmark is at ")[2].split()[0].rpartition(":")[2]), answering
        finally:
            service.terminate()
            service.wait(60)


def _answering(pid: int) -> list[psutil.Process]:
    service = psutil.Process(pid)
    return [service, *(child for child in service.children() if "answer" in child.cmdline())]


def cpu_of(processes: Sequence[psutil.Process]) -> list[float]:
    return [sum(process.cpu_times()[:2]) for process in processes]


def measured(port: int, paths: Sequence[str], readers: int, answering: Sequence[psutil.Process]) -> tuple[float, ...]:
    """Return pages a second, milliseconds of CPU a page, and the share of the process that answered least."""
    with ProcessPoolExecutor(readers) as pool:
        list(pool.map(ask_all, [port] * readers, [paths[:20]] * readers))
        before, began = cpu_of(answering), time.perf_counter()
        list(pool.map(ask_all, [port] * readers, [paths[number::readers] for number in range(readers)]))
        seconds = time.perf_counter() - began
        used = [now - then for now, then in zip(cpu_of(answering), before, strict=True)]
    return len(paths) / seconds, sum(used) * 1000 / len(paths), min(used) / sum(used)


def main() -> None:
    arguments = called("benchmarks.readers", __doc__)
    arguments.add_argument("captures", type=int, nargs="?", default=2_000)
    arguments.add_argument("--processes", type=int, nargs="+", default=[1, 2])
    wanted = arguments.parse_args()
    with tempfile.TemporaryDirectory() as passing, ExitStack() as stack:
        home = Path(passing) / "home"
        home.mkdir(0o700)
        database = open_database(f"sqlite:///{home / 'pressmark.db'}")
        captures = make(home, wanted.captures, Index(database, now=lambda: MORNING))
        database.close()
        chosen = (captures * (REQUESTS // len(captures) + 1))[:REQUESTS]
        paths = [f"/snapshot/{timestamp14(one.at)}/{one.url}" for one in chosen]
        print(load())
        services = {number: stack.enter_context(served(home, number)) for number in wanted.processes}
        for number, (port, answering) in services.items():
            for readers in READERS:
                rounds = [measured(port, paths, readers, answering) for _ in range(ROUNDS)]
                rate, cpu, least = (median(column) for column in zip(*rounds, strict=True))
                best = max(rate for rate, *_ in rounds)
                print(
                    f"{number} processes, {readers} readers: {rate:.0f} pages/s (best {best:.0f}), "
                    f"{cpu:.2f} ms of CPU a page, least busy process {least:.0%}. {load()}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
