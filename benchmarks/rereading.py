"""``python -m benchmarks.rereading [PAGES]``: all texts again, by one service with the role `read`, and by two.

Made pages are imported as files of 100 captures, with PostgreSQL. Then `pressmark extract --all --queue` leaves all to
services, each with one process that reads: one service, two services, in turn. The time is that of the command, which
includes its start of about a second; CPU is that of the services with their processes.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from services.postgresql import EMPTY, programs, running_server

from archive.database.engine import open_database
from archive.index.index import Index
from benchmarks.machine import called, load
from benchmarks.retrieval.made import make

_A_FILE = 100
_READY_WITHIN = 300.0


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


def again(home: Path, environment: dict[str, str], services: int) -> tuple[float, float]:
    """Read all texts again; return the seconds of the command, and those of CPU of the services."""
    there = [Service(home, environment, number) for number in range(services)]
    try:
        for one in there:
            one.wait()
        began = time.monotonic()
        told = json.loads(ran(home, environment, "extract", "--all", "--queue", "--json"))
        seconds = time.monotonic() - began
        assert told["left_segments"] == 0, told
    finally:
        cpu = sum(one.end() for one in there)
    return seconds, cpu


def main() -> None:
    arguments = called("benchmarks.rereading", __doc__)
    arguments.add_argument("pages", type=int, nargs="?", default=4000)
    arguments.add_argument("--rounds", type=int, default=3)
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
                (one, cpu), (two, both) = again(home, environment, 1), again(home, environment, 2)
                print(
                    f"{wanted.pages:,} pages: one service {one:.1f} s, two {two:.1f} s, {one / two:.2f} x; "
                    f"CPU {cpu:.1f} and {both:.1f} s; {load()}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
