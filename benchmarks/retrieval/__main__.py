"""``python -m benchmarks.retrieval [CAPTURES] [ROWS] [--pywb BIN]``: our server compared with pywb, over the same
WARCs.

CPU is user and system time of the server process with all threads. Each round requests the same random pages from both;
the report has the best round and all others. Requests use persistent connections, and one connection each. ROWS is the
size of an index without WARCs, for measuring lookups and listings; with 0 CAPTURES, only these are measured.
"""

from __future__ import annotations

import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil

from archive.database.engine import open_database
from archive.index.index import Index
from archive.values.capture import Capture
from archive.values.timestamps import timestamp14
from archive.values.urlkey import urlkey
from archive.warc import cdxj
from archive.warc.facts import captures_of
from archive.warc.record import read
from benchmarks.machine import called, load
from benchmarks.retrieval.client import Connection, ask_all
from benchmarks.retrieval.made import MORNING, VERSIONS, make, make_rows, url_of

ROUNDS = 3
REQUESTS = 2_000
CLIENTS = 8


@contextmanager
def ours(home: Path) -> Iterator[psutil.Process]:
    told = home / "told"
    command = [sys.executable, "-m", "benchmarks.retrieval.ours", str(home), str(told)]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        try:
            _wait(told.exists, process)
            yield psutil.Process(process.pid)
        finally:
            process.terminate()


@contextmanager
def pywb(programs: Path, home: Path, port: int) -> Iterator[psutil.Process]:
    place = home / "collections" / "kept"
    (place / "indexes").mkdir(parents=True, exist_ok=True)
    (place / "archive").mkdir(exist_ok=True)
    (place / "indexes" / "index.cdxj").write_bytes((home / "index.cdxj").read_bytes())
    for warc in (home / "warcs").iterdir():
        (place / "archive" / warc.name).symlink_to(warc)
    command = [str(programs / "wayback"), "--bind", "127.0.0.1", "--port", str(port)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, cwd=home, **quiet) as process:  # type: ignore[call-overload]
        try:
            _wait(lambda: _answers(port), process)
            yield psutil.Process(process.pid)
        finally:
            process.terminate()


def _wait(ready: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    while not ready():
        if process.poll() is not None:
            raise SystemExit("a server of the benchmark did not start")
        time.sleep(0.1)


def _answers(port: int) -> bool:
    try:
        return Connection(port, kept=False).get("/")[0] < 500
    except OSError:
        return False


def cpu_of(process: psutil.Process) -> float:
    used = process.cpu_times()
    return float(used.user + used.system)


def measured(process: psutil.Process, port: int, paths: Sequence[str], **how: object) -> tuple[float, float]:
    """Return milliseconds of CPU per request, and requests per second."""
    before = cpu_of(process)
    seconds = ask_all(port, paths, **how)  # type: ignore[arg-type]
    return (cpu_of(process) - before) * 1000 / len(paths), len(paths) / seconds


def lookups(place: str, pages: Sequence[int]) -> list[str]:
    return [f"/{place}/cdx?url={url_of(page).replace('?', '%3F')}&limit=10" for page in pages]


def replays(place: str, captures: Sequence[Capture]) -> list[str]:
    return [f"/{place}/{timestamp14(one.at)}id_/{one.url}" for one in captures]


def compare(home: Path, programs: Path | None, captures: Sequence[Capture]) -> None:
    chance = random.Random(1)
    found: dict[str, list[float]] = defaultdict(list)
    with ours(home) as server:
        port = int((home / "told").read_text().rpartition(":")[2])
        ask_all(port, lookups("all", range(100)))
        for _ in range(ROUNDS):
            _round(found, "ours", server, port, chance, captures, "all")
        _listing(found, "ours", server, port, "all")
    if programs:
        port = 18_000 + os.getpid() % 1000
        with pywb(programs, home, port) as server:
            ask_all(port, lookups("kept", range(100)))
            for _ in range(ROUNDS):
                _round(found, "pywb", server, port, chance, captures, "kept", few=5)
            _listing(found, "pywb", server, port, "kept")
    tell(found)


def _round(
    found: dict[str, list[float]],
    whose: str,
    server: psutil.Process,
    port: int,
    chance: random.Random,
    captures: Sequence[Capture],
    place: str,
    few: int = 1,
) -> None:
    count = REQUESTS // few
    pages = [chance.randrange(len(captures) // VERSIONS) for _ in range(count)]
    asked = {"CDX lookup": lookups(place, pages), "id_": replays(place, chance.choices(captures, k=count))}
    for kind, paths in asked.items():
        kept = whose == "ours"
        milliseconds, _ = measured(server, port, paths, kept=kept)
        found[f"{whose}: {kind}, ms of CPU"].append(milliseconds)
        _, rate = measured(server, port, paths, clients=CLIENTS)
        found[f"{whose}: {kind}, requests/s, {CLIENTS} clients, kept"].append(rate)
        _, rate = measured(server, port, paths, clients=CLIENTS, kept=False)
        found[f"{whose}: {kind}, requests/s, {CLIENTS} clients, one a request"].append(rate)


def _listing(found: dict[str, list[float]], whose: str, server: psutil.Process, port: int, place: str) -> None:
    path = f"/{place}/cdx?url=https://www.example.org/news/&matchType=prefix&output=json&limit=100000"
    for _ in range(ROUNDS):
        before, begun = cpu_of(server), time.perf_counter()
        _, body = Connection(port, kept=False).get(path)
        seconds, rows = time.perf_counter() - begun, body.count(b'"urlkey"')
        found[f"{whose}: prefix listing, rows/s"].append(rows / seconds)
        found[f"{whose}: prefix listing, rows per CPU second"].append(rows / (cpu_of(server) - before))


def indexing(home: Path) -> None:
    """Convert a WARC to CDXJ lines, as cdxj-indexer does."""
    rates = []
    for _ in range(ROUNDS):
        begun, records = resource.getrusage(resource.RUSAGE_SELF), 0
        for path in sorted((home / "warcs").iterdir())[:4]:
            with path.open("rb") as file:
                captures = list(captures_of(read(file), path.name, "default", urlkey))
            cdxj.write(captures, export=True)
            records += 2 * len(captures)
        used = resource.getrusage(resource.RUSAGE_SELF)
        rates.append(records / (used.ru_utime + used.ru_stime - begun.ru_utime - begun.ru_stime))
    print(
        f"{'ours: records indexed per CPU second':58} {max(rates):10.0f}   (all: {' '.join(f'{r:.0f}' for r in rates)})"
    )


def large(home: Path, rows: int) -> None:
    """Measure lookups and listings in an index of `rows` rows, without WARCs."""
    home.mkdir()
    file = home / "pressmark.db"
    begun = time.process_time()
    database = open_database(f"sqlite:///{file}")
    make_rows(database, Index(database, now=lambda: MORNING), rows)
    database.close()
    size, used = file.stat().st_size, time.process_time() - begun
    print(f"{rows} rows made in {used:.0f} s of CPU: {size / 1e9:.2f} GB, {size / rows:.0f} octets a row. {load()}")
    chance, found = random.Random(2), defaultdict(list)
    with ours(home) as server:
        port = int((home / "told").read_text().rpartition(":")[2])
        ask_all(port, lookups("all", range(100)))
        for _ in range(ROUNDS):
            pages = [chance.randrange(rows // VERSIONS) for _ in range(REQUESTS)]
            found[f"ours: CDX lookup among {rows} rows, ms of CPU"].append(
                measured(server, port, lookups("all", pages))[0]
            )
        _listing(found, f"ours, {rows} rows", server, port, "all")
    tell(found)


def tell(found: Mapping[str, Sequence[float]]) -> None:
    for name, figures in found.items():
        best = min(figures) if "ms" in name else max(figures)
        print(f"{name:58} {best:10.3f}   (all: {' '.join(f'{one:.3f}' for one in figures)})", flush=True)


def main() -> None:
    arguments = called("benchmarks.retrieval", __doc__)
    arguments.add_argument("captures", type=int, nargs="?", default=100_000)
    arguments.add_argument("rows", type=int, nargs="?", default=0)
    arguments.add_argument("--pywb", type=Path, help="the bin of an environment that has pywb")
    wanted = arguments.parse_args()
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        if not wanted.captures:
            large(home / "large", wanted.rows)
            return
        database = open_database(f"sqlite:///{home / 'pressmark.db'}")
        captures = make(home, wanted.captures, Index(database, now=lambda: MORNING))
        database.close()
        print(f"{len(captures)} captures; best of {ROUNDS} rounds. {load()}")
        indexing(home)
        compare(home, wanted.pywb, captures)
        if wanted.rows:
            large(home / "large", wanted.rows)
        print(load())


if __name__ == "__main__":
    main()
