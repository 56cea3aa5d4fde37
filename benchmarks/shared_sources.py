"""Many sources whose home is PostgreSQL: `python -m benchmarks.sources COUNT --database postgresql`.

Each service is a process with a home of its own, as on a machine of its own. CPU is that of the service with its
children; that of the server of the database is named where it is meant. Nothing is due for half a day.
"""

from __future__ import annotations

import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from services.postgresql import EMPTY, PostgresServer, programs
from sqlalchemy import text

from benchmarks.sources import cpu, is_ready, tell, used
from config.settings import Settings
from pressmark.service.assembly import open_pressmark
from pressmark.service.service import Service
from pressmark.upkeep.silent_sources import note_silence
from pressmark.views.describe import sources_after
from pressmark.web.overview import lines
from scheduler.timekeeper import Timekeeper

_IDLE = 20.0
_DAYS = 15
"""Days with a run of each source, for the alarm over all sources."""
_MINUTES, _FOLLOWS, _ASKED = 5, 10.0, 20
_RUNS = text(
    """INSERT INTO runs (id, source, status, outcome, requested_at, started_at, ended_at, captures, revisits, pages,
attempt, cancel, failures, bytes, queued)
SELECT 'made-' || day || '-' || name, name, 'over', 'done', at, at, at, 3, 1, 3, 1, false, 0, 0, 0
FROM unnest(CAST(:names AS text[])) AS name, generate_series(1, :days) AS day,
LATERAL (SELECT CAST(:now AS bigint) - day * 86400000000 AS at) AS moment"""
)


class _Server(PostgresServer):
    """It keeps what it acknowledged, and cleans up after itself."""

    settings = ("shared_buffers=256MB", "max_connections=200")


def measure(count: int, roles: Sequence[str]) -> None:
    with tempfile.TemporaryDirectory(prefix="pressmark-sources-") as directory, ExitStack() as stack:
        where = Path(directory)
        where.chmod(0o755)  # the server runs as another user
        (where / "server").mkdir()
        there = programs()
        assert there is not None, "PostgreSQL is not installed"
        server = _Server(there, where / "server")
        server.make()
        server.start()
        stack.callback(server.stop, signal.SIGINT)
        url = server.create("archive", EMPTY)
        write_sources(where / "given", count)
        _apply(server, url, where)
        with services(url, where, roles) as first:
            for one in first:
                _started(f"{one.role}: first start, in an empty home", one)
        with services(url, where, roles) as again:
            for one in again:
                _started(f"{one.role}: next start", one)
            _idle(server, again)
            _changed(url, where, again)
            for one in again:
                if one.role == "api":
                    _asked(one)
        home = where / roles[-1]
        _commands(url, home)
        with open_pressmark(Settings(home=home, database=url)) as service:
            _in_process(service, count)


def write_sources(directory: Path, count: int) -> None:
    """Write sources that are due once a day, within an hour that begins half a day from now."""
    directory.mkdir(parents=True)
    for number in range(count):
        name, timetable = f"s{number:06}", f"{{cron: '{number % 60} {_due().hour} * * *'}}"
        text = f"source: {name}\nseeds: [http://127.0.0.1:9/{name}]\nwalk: page\ntimetable: {timetable}\n"
        (directory / f"{name}.yaml").write_text(text)


@cache
def _due() -> datetime:
    """Return the beginning of an hour that is about half a day away."""
    return (datetime.now(UTC) + timedelta(hours=12)).replace(minute=0, second=0, microsecond=0)


def _apply(server: _Server, url: str, where: Path) -> None:
    for what in ("source apply, all new", "source apply, nothing new"):
        before, of_server, began = _of_children(), server.cpu(), time.monotonic()
        _command(url, where / "applied", "source", "apply", str(where / "given"))
        tell(what, time.monotonic() - began, "s", 1)
        tell(f"{what}: CPU", _of_children() - before, "s", 1)
        tell(f"{what}: CPU of the database", server.cpu() - of_server, "s", 1)


@dataclass(frozen=True)
class _Served:
    """A service that is ready."""

    role: str
    url: str
    processes: list[psutil.Process]
    seconds: float
    """Until it was ready."""

    def used(self) -> float:
        return used(self.processes)


@contextmanager
def services(url: str, where: Path, roles: Sequence[str]) -> Iterator[list[_Served]]:
    """Start a service for each role, one after the other."""
    with ExitStack() as stack:
        yield [stack.enter_context(_service(url, where / role, role)) for role in roles]


@contextmanager
def _service(url: str, home: Path, role: str) -> Iterator[_Served]:
    with closing(socket.create_server(("127.0.0.1", 0))) as one, closing(socket.create_server(("127.0.0.1", 0))) as two:
        port, replay = (each.getsockname()[1] for each in (one, two))
    settings = {"PRESSMARK_HOME": str(home), "PRESSMARK_PORT": str(port), "PRESSMARK_REPLAY__PORT": str(replay)}
    environment = dict(os.environ, **settings, PRESSMARK_DATABASE=url, PRESSMARK_WORKER__NAME=role)
    command = [sys.executable, "-m", "pressmark", "serve", "--role", role]
    log, began = home.with_suffix(".log"), time.monotonic()
    with log.open("ab") as out, subprocess.Popen(command, env=environment, stdout=out, stderr=out) as process:
        try:
            while not is_ready(f"http://127.0.0.1:{port}", "/healthz"):
                if process.poll() is not None:
                    raise SystemExit(f"the service with the role {role} did not start: {log.read_text()[-2000:]}")
                time.sleep(0.3)
            served = psutil.Process(process.pid)
            seconds = time.monotonic() - began
            yield _Served(role, f"http://127.0.0.1:{port}", [served, *served.children(recursive=True)], seconds)
        finally:
            process.send_signal(signal.SIGTERM)


def _started(what: str, one: _Served) -> None:
    tell(f"{what}: ready after", one.seconds, "s", 1)
    tell(f"{what}: CPU", one.used(), "s", 1)
    tell(f"{what}: memory, PSS", sum(each.memory_full_info().pss for each in one.processes) / 1e6, "MB", 1)


def _idle(server: _Server, served: Sequence[_Served]) -> None:
    time.sleep(10)
    before, of_server = [one.used() for one in served], server.cpu()
    time.sleep(_IDLE)
    for one, then in zip(served, before, strict=True):
        tell(f"{one.role}: nothing due", (one.used() - then) / _IDLE, "% of a core", 100)
    tell("the database meanwhile", (server.cpu() - of_server) / _IDLE, "% of a core", 100)


def _changed(url: str, where: Path, served: Sequence[_Served]) -> None:
    """Change sources on another machine: each service follows."""
    before = [one.used() for one in served]
    time.sleep(_FOLLOWS)
    idle = [one.used() - then for one, then in zip(served, before, strict=True)]
    (where / "changed").mkdir()
    for number in range(5):
        name = f"s{number:06}.yaml"
        (where / "changed" / name).write_text((where / "given" / name).read_text() + "tags: [changed]\n")
    before, own = [one.used() for one in served], _of_children()
    _command(url, where / "applied", "source", "apply", str(where / "changed"))
    tell("source apply of five: CPU", _of_children() - own, "s", 1)
    time.sleep(_FOLLOWS)
    for one, then, usual in zip(served, before, idle, strict=True):
        tell(f"{one.role}: follows a change of five files, CPU", one.used() - then - usual)


def _asked(one: _Served) -> None:
    for what, path in (
        ("Overview", "/"),
        ("Sources", "/sources"),
        ("GET /api/v1/sources", "/api/v1/sources?limit=100"),
    ):
        for number in range(_ASKED + 3):
            if number == 3:
                before = one.used()
            with urllib.request.urlopen(f"{one.url}{path}", timeout=120) as answer:
                answer.read()
        tell(f"api: {what}, CPU of the service", (one.used() - before) / _ASKED)


def _commands(url: str, home: Path) -> None:
    for command in (("source", "list"), ("doctor",), ("captures", "http://a.example/")):
        before = _of_children()
        _command(url, home, *command, check=False)
        tell(f"pressmark {' '.join(command)}", _of_children() - before, "s", 1)


def _command(url: str, home: Path, *arguments: str, check: bool = True) -> None:
    command = [sys.executable, "-m", "pressmark", "--home", str(home), *arguments]
    environment = dict(os.environ, PRESSMARK_DATABASE=url)
    subprocess.run(command, check=check, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _in_process(service: Service, count: int) -> None:
    tell("all sources, of this process", cpu(lambda: service.sources, 1))
    tell("Overview or Sources, of 100, in the process", cpu(lambda: lines(service, "")))
    tell("GET /api/v1/sources, of 100, in the process", cpu(lambda: sources_after(service, "s000500", 101)))
    tell("before a run: its source, by the database", cpu(lambda: service.sources.refresh("s000007")))
    begin = _due()
    at = [begin - timedelta(seconds=30)]
    keeper = Timekeeper(service.database, now=lambda: at[0])
    tell("the clock follows all sources", cpu(lambda: keeper.follow(service.sources.outlines()), 1), "s", 1)
    tell("a tick while nothing is due", cpu(keeper.process_due))
    queued, began = 0, time.process_time()
    for minute in range(_MINUTES):
        at[0] = begin + timedelta(minutes=minute)
        queued += len(keeper.process_due())
    tell(f"slots of a minute: {queued / _MINUTES:,.0f}", (time.process_time() - began) / _MINUTES)
    _make_runs(service, [f"s{number:06}" for number in range(count)])
    tell(f"the alarm over all sources, {_DAYS} days", cpu(lambda: note_silence(service), 1), "s", 1)


def _make_runs(service: Service, names: list[str]) -> None:
    """Write a run a day of each source, as they are after years."""
    with service.database.writing() as connection:
        connection.execute(text("DELETE FROM runs"))
        now = int(datetime.now(UTC).timestamp() * 1_000_000)
        connection.execute(_RUNS, {"now": now, "names": names, "days": _DAYS})


def _of_children() -> float:
    found = resource.getrusage(resource.RUSAGE_CHILDREN)
    return found.ru_utime + found.ru_stime
