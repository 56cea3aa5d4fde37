"""``python -m benchmarks.rereading [PAGES]``: work over the store by one service with the role `read`, and by more.

Made pages are imported as files of 100 captures, with PostgreSQL. Then one service, and two, do all of it, in turn:
`pressmark extract --all --queue`, with `--work rebuild` a rebuild of an empty database, with `--work audit` an audit,
or an export in the format that `--work` names. `--services 1 2 4` measures other numbers. Each service has one process
that works. The time of `extract` is that of the command, which includes its start of about a second; that of the others
is from the first job to the last. CPU is that of the services with their processes, and that of PostgreSQL. No number
of services does more than all cores: the most that they can gain is the time of one with all cores, over its CPU.

The start of the command, of the processes that read, and the wait for the last file take as long with more services:
so the rate in the middle, from a tenth of the files to nine tenths, is what a large store shows.
"""

from __future__ import annotations

import json
import math
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from services.postgresql import EMPTY, PostgresServer, programs, running_server
from sqlalchemy import func, select

from archive.database.engine import open_database
from archive.database.schema import batch_jobs, reading_jobs
from archive.export.parts.making import IN_PARTS
from archive.index.index import Index
from benchmarks.machine import called, load
from benchmarks.retrieval.made import make

_A_FILE = 100
_READY_WITHIN = 300.0
_LOOK_EVERY = 0.05


class Wanted(NamedTuple):
    """A measurement."""

    work: str
    pages: int
    services: int


class Service:
    """A service with the role read."""

    def __init__(self, home: Path, environment: dict[str, str], number: int) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]
        own = {"PRESSMARK_PORT": str(self._port), "PRESSMARK_WORKER__NAME": f"reader-{number}"}
        command = [sys.executable, "-m", "pressmark", "--home", str(home), "serve", "--role", "read"]
        with (home / "log").open("ab") as log:
            self._process = subprocess.Popen(command, env={**environment, **own}, stdout=log, stderr=log)

    def wait(self) -> None:
        until = time.monotonic() + _READY_WITHIN
        while time.monotonic() < until:
            with suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{self._port}/healthz", timeout=5).close()
                return
            time.sleep(0.2)
        raise SystemExit("a service did not start")

    def end(self) -> float:
        """Return its seconds of CPU, with all its processes."""
        self._process.send_signal(signal.SIGTERM)
        _, status, usage = os.wait4(self._process.pid, 0)
        self._process.returncode = os.waitstatus_to_exitcode(status)
        return usage.ru_utime + usage.ru_stime


def ran(home: Path, environment: dict[str, str], *arguments: str) -> str:
    command = [sys.executable, "-m", "pressmark", "--home", str(home), *arguments]
    done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{arguments} ended with {done.returncode}: {done.stderr[-2000:]}")
    return done.stdout


def reread(home: Path, environment: dict[str, str], _: int) -> float:
    """Read all texts again; return the seconds of the command."""
    began = time.monotonic()
    told = json.loads(ran(home, environment, "extract", "--all", "--queue", "--json"))
    assert told["left_segments"] == 0, told
    return time.monotonic() - began


def rebuilt(home: Path, environment: dict[str, str], pages: int) -> float:
    """Fill an empty database; return the seconds from the request to the result."""
    told = json.loads(ran(home, environment, "rebuild", "--queue", "--json"))
    assert told["captures"] == pages, told
    return took(home, environment)


def audited(home: Path, environment: dict[str, str], pages: int) -> float:
    """Verify the whole store; return the seconds from the request to the result."""
    told = json.loads(ran(home, environment, "verify", "--all", "--queue", "--json"))
    assert told["wrong"] == 0 and told["segments"] >= pages // _A_FILE, told
    return took(home, environment)


def exported(home: Path, environment: dict[str, str], pages: int, form: str) -> float:
    """Export all captures in parts; return the seconds from the request to the result."""
    told = json.loads(ran(home, environment, "export", form, "--queue", "--json"))
    assert told["captures"] == pages and not told["left_out"], told
    return took(home, environment)


def took(home: Path, environment: dict[str, str]) -> float:
    """Return the seconds of the newest batch, by the clock of the database."""
    newest = json.loads(ran(home, environment, "jobs", "list", "--json"))["items"][0]
    begun, ended = (datetime.fromisoformat(newest[each]) for each in ("requested_at", "ended_at"))
    return (ended - begun).total_seconds()


WORKS: Mapping[str, Callable[[Path, dict[str, str], int], float]] = {
    "texts": reread,
    "rebuild": rebuilt,
    "audit": audited,
} | {form: partial(exported, form=form) for form in IN_PARTS}


class Followed(threading.Thread):
    """Notes how many jobs of a database are left, and when."""

    def __init__(self, url: str) -> None:
        super().__init__(daemon=True)
        self._url = url
        self._over = threading.Event()
        self._left: list[tuple[float, int]] = []

    def run(self) -> None:
        again = select(func.count()).select_from(reading_jobs)
        batch = select(func.count()).select_from(batch_jobs).where(batch_jobs.c.done_at.is_(None))
        with closing(open_database(self._url)) as database:
            while not self._over.wait(_LOOK_EVERY):
                with database.reading() as connection:
                    left = sum(connection.execute(query).scalar() or 0 for query in (again, batch))
                self._left.append((time.monotonic(), left))

    def rate(self) -> float:
        """End it, and return the jobs a second from the first tenth to the last one; NaN where these are too few."""
        self._over.set()
        self.join()
        most = max(left for _, left in self._left)
        middle = [(at, left) for at, left in self._left if 0.1 * most <= left <= 0.9 * most]
        if not middle or middle[0][1] == middle[-1][1]:
            return math.nan
        (began, first), (ended, last) = middle[0], middle[-1]
        return (first - last) / (ended - began)


class Measured(NamedTuple):
    """Seconds that work takes, and those of CPU of the services and of the database."""

    seconds: float
    services: float
    database: float
    rate: float
    """Files a second in the middle of the work."""

    @property
    def most(self) -> float:
        """How many times as fast it can be where nothing but the CPU limits it."""
        return (os.cpu_count() or 1) * self.seconds / (self.services + self.database)


def measured(server: PostgresServer, home: Path, environment: dict[str, str], wanted: Wanted) -> Measured:
    """Let services do the work."""
    of_server = server.cpu()
    with ExitStack() as stack:
        if wanted.work == "rebuild":
            environment = {**environment, "PRESSMARK_DATABASE": stack.enter_context(server.database(EMPTY))}
        there = [Service(home, environment, number) for number in range(wanted.services)]
        try:
            for one in there:
                one.wait()
            followed = Followed(environment["PRESSMARK_DATABASE"])
            followed.start()
            seconds = WORKS[wanted.work](home, environment, wanted.pages)
            rate = followed.rate()
        finally:
            cpu = sum(one.end() for one in there)
    return Measured(seconds, cpu, server.cpu() - of_server, rate)


def main() -> None:
    arguments = called("benchmarks.rereading", __doc__)
    arguments.add_argument("pages", type=int, nargs="?", default=4000)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--services", type=int, nargs="+", default=[1, 2], help="numbers of services, in turn")
    arguments.add_argument("--work", choices=WORKS, default="texts")
    wanted = arguments.parse_args()
    there = programs()
    if there is None:
        raise SystemExit("PostgreSQL is not installed")
    with tempfile.TemporaryDirectory() as directory, running_server(there) as server:
        home = Path(directory) / "home"
        home.mkdir(0o700)
        with closing(open_database(f"sqlite:///{directory}/made.db")) as database:
            make(Path(directory), wanted.pages, Index(database, now=lambda: datetime.now(UTC)), _A_FILE)
        with server.database(EMPTY) as url:
            own = {"PRESSMARK_DATABASE": url, "PRESSMARK_READING__READERS": "1"}
            environment = {**os.environ, **own, "PRESSMARK_LOG_LEVEL": "warning"}
            ran(home, environment, "ingest", *map(str, sorted((Path(directory) / "warcs").iterdir())))
            for _ in range(wanted.rounds):
                first: Measured | None = None
                for services in wanted.services:
                    now = measured(server, home, environment, Wanted(wanted.work, wanted.pages, services))
                    first = first or now
                    print(
                        f"{wanted.work}, {wanted.pages:,} pages, services: {services}: {now.seconds:.1f} s, "
                        f"{first.seconds / now.seconds:.2f} x of at most {first.most:.2f}; in the middle "
                        f"{now.rate:.2f} files a second, {now.rate / first.rate:.2f} x; CPU of the services "
                        f"{now.services:.1f} s, of the database {now.database:.1f} s; {load()}",
                        flush=True,
                    )


if __name__ == "__main__":
    main()
