"""One trial of an engine: jobs, workers that are killed, one that pauses, one that never returns, and a restart."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from services.postgresql import PostgresServer

from benchmarks.dispatch.engines.effects import LEASE, TABLE

PROBES = 100
"""Urgent jobs, one at a time, while no other waits."""
_PROBE_EVERY, _IDLE_EVERY = 2.0, 0.2
_LOOK = 0.1
_STARTS = 10
"""Seconds in which workers start."""
_SETTLES = 3 * LEASE
"""Seconds in which jobs of dead workers must be taken again."""
_FIRST_PROBE, _FIRST_IDLE = 10_000_000, 20_000_000
_CALLS = "SELECT coalesce(sum(calls), 0)::bigint FROM pg_stat_statements WHERE query NOT ILIKE '%effects%'"
_ENDED = "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()"
_DONE = "SELECT count(*) FROM effects"
_DOUBLED = "SELECT count(*) FROM (SELECT FROM effects GROUP BY job HAVING count(*) > 1) AS d"
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Figures:
    """What one trial counted."""

    jobs: int
    seconds: float = 0.0
    enqueued_in: float = 0.0
    kills: int = 0
    done: int = 0
    lost: int = 0
    waiting: int = 0
    stuck: int = 0
    """Jobs without an effect that a worker has which is gone."""
    done_and_stuck: int = 0
    """Jobs with an effect that a worker has which is gone."""
    doubled: int = 0
    urgent: list[float] = field(default_factory=list)
    idle: list[float] = field(default_factory=list)
    urgent_missing: int = 0
    statements: float = 0.0
    transactions: float = 0.0
    database_cpu: float = 0.0


class Workers:
    """The worker processes of an engine. A supervisor starts each again that ended."""

    def __init__(self, start: Callable[[str], subprocess.Popen[bytes]], count: int) -> None:
        self._start = start
        self._there = {name: start(name) for name in (f"worker-{number}" for number in range(count))}
        self._paused: str | None = None

    def kill(self, *, forever: bool = False) -> None:
        """End one without notice. Forever: another name takes its place."""
        name = random.choice([name for name in self._there if name != self._paused])
        self._end(self._there.pop(name))
        new = f"{name}-next" if forever else name
        self._there[new] = self._start(new)

    def pause(self) -> None:
        self._paused = random.choice(list(self._there))
        self._there[self._paused].send_signal(signal.SIGSTOP)

    def wake(self) -> None:
        self._there[self._paused].send_signal(signal.SIGCONT)
        self._paused = None

    def look(self) -> None:
        """Start those again that ended by themselves."""
        for name, process in self._there.items():
            if process.poll() is not None:
                self._there[name] = self._start(name)

    def end(self) -> None:
        for process in self._there.values():
            self._end(process)

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        process.kill()
        process.wait()


def cpu_of(pid: int) -> float:
    """Return the seconds of CPU of a process and of its children that ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / _TICKS


class Server(PostgresServer):
    """A PostgreSQL that keeps what it acknowledged, cleans up after itself, and counts statements."""

    settings = ("shared_buffers=256MB", "max_connections=200", "shared_preload_libraries=pg_stat_statements")
    cpu_before = 0.0

    def cpu(self) -> float:
        """Return the seconds of CPU of all its processes, those of ended ones included."""
        there = [str(self.pid), *Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()]
        used = self.cpu_before
        for each in there:
            with suppress(FileNotFoundError):
                used += cpu_of(int(each))
        return used

    def restart(self) -> None:
        """End all connections, and start again."""
        self.cpu_before = self.cpu()
        self.stop(signal.SIGINT)
        self.start()


class Trial:
    """An engine on a database of its own. `program` runs it: its arguments follow."""

    def __init__(self, server: Server, url: str, program: list[str], log: Path) -> None:
        self._server, self._url, self._program, self._log = server, url, program, log
        self._sent: dict[int, float] = {}

    def run(self, jobs: int, workers: int, seconds: float, kill_every: float) -> Figures:
        figures = Figures(jobs)
        self._prepare()
        crew = Workers(self._worker, workers)
        try:
            with self._enqueuing() as enqueue:
                self._probe_idle(enqueue)
                began = time.monotonic()
                enqueue(0, jobs, urgent=False)
                figures.enqueued_in = time.monotonic() - began
                before, began = self._spent(), time.monotonic()
                self._faults(figures, crew, enqueue, seconds, kill_every)
                figures.seconds = time.monotonic() - began
                each = [now - then for now, then in zip(self._spent(), before, strict=True)]
                done = max(1, each[0])
                figures.statements, figures.transactions = each[1] / done, each[2] / done
                figures.database_cpu = each[3] / done * 1000
            self._count(figures, self._settle(crew))
        finally:
            crew.end()
        return figures

    def _spent(self) -> tuple[float, ...]:
        return self._asked(_DONE), self._asked(_CALLS), self._asked(_ENDED), self._server.cpu()

    def _probe_idle(self, enqueue: Callable[..., None]) -> None:
        """Enqueue urgent jobs while nothing else waits."""
        time.sleep(_STARTS)
        for number in range(PROBES):
            self._probe(enqueue, _FIRST_IDLE + number)
            time.sleep(_IDLE_EVERY)

    def _faults(
        self, figures: Figures, crew: Workers, enqueue: Callable[..., None], seconds: float, every: float
    ) -> None:
        began = time.monotonic()
        plan = [(every * number, self._killing(figures, crew)) for number in range(1, int(seconds / every))]
        plan += [
            (_PROBE_EVERY * number, self._probing(enqueue, number)) for number in range(1, int(seconds / _PROBE_EVERY))
        ]
        plan += [(seconds * 0.2, crew.pause), (seconds * 0.2 + 2 * LEASE, crew.wake)]
        plan += [(seconds * 0.5, lambda: crew.kill(forever=True)), (seconds * 0.7, self._server.restart)]
        for at, act in sorted(plan, key=lambda each: each[0]):
            while time.monotonic() - began < at:
                crew.look()
                time.sleep(_LOOK)
            act()

    def _killing(self, figures: Figures, crew: Workers) -> Callable[[], None]:
        def kill() -> None:
            crew.kill()
            figures.kills += 1

        return kill

    def _probing(self, enqueue: Callable[..., None], number: int) -> Callable[[], None]:
        return lambda: self._probe(enqueue, _FIRST_PROBE + number)

    def _probe(self, enqueue: Callable[..., None], job: int) -> None:
        self._sent[job] = time.time()
        enqueue(job, 1, urgent=True)

    def _settle(self, crew: Workers) -> set[int]:
        """Let workers be for a time; return the jobs that workers had at its beginning, and have at its end."""
        had = self._left()[1]
        until = time.monotonic() + _SETTLES
        while time.monotonic() < until:
            crew.look()
            time.sleep(_LOOK)
        return had & self._left()[1]

    def _left(self) -> tuple[set[int], set[int]]:
        told = subprocess.run([*self._program, "left", self._url], check=True, capture_output=True).stdout
        left = json.loads(told)
        return set(left["waiting"]), set(left["running"])

    def _count(self, figures: Figures, stuck: set[int]) -> None:
        waiting, running = self._left()
        figures.doubled = self._asked(_DOUBLED)
        with psycopg.connect(self._url) as connection:
            done = {job for (job,) in connection.execute("SELECT DISTINCT job FROM effects").fetchall()}
            rows = connection.execute("SELECT job, min(started) FROM effects WHERE job >= 10000000 GROUP BY job")
            started = dict(rows.fetchall())
        jobs = set(range(figures.jobs))
        figures.done, figures.waiting = len(jobs & done), len((jobs & waiting) - done)
        figures.stuck, figures.done_and_stuck = len((jobs & stuck) - done), len(stuck & done)
        figures.lost = len(jobs - done - waiting - running)
        for job, sent in self._sent.items():
            if job not in started:
                figures.urgent_missing += 1
            else:
                (figures.idle if job >= _FIRST_IDLE else figures.urgent).append(started[job] - sent)

    def _prepare(self) -> None:
        subprocess.run([*self._program, "prepare", self._url], check=True)
        with psycopg.connect(self._url, autocommit=True) as connection:
            connection.execute(TABLE)
            connection.execute("CREATE EXTENSION pg_stat_statements")

    @contextmanager
    def _enqueuing(self) -> Iterator[Callable[..., None]]:
        command = [*self._program, "enqueue", self._url]
        pipe = subprocess.PIPE
        there: list[subprocess.Popen[str]] = []

        def enqueue(first: int, count: int, *, urgent: bool) -> None:
            for _ in range(100):
                if not there or there[0].poll() is not None:  # it lost the database
                    there[:] = [
                        subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, stderr=self._log.open("a"))
                    ]
                assert there[0].stdin is not None
                assert there[0].stdout is not None
                with suppress(BrokenPipeError):
                    there[0].stdin.write(json.dumps([first, count, urgent]) + "\n")
                    there[0].stdin.flush()
                    if there[0].stdout.readline():
                        return
                there[0].wait()
            raise SystemExit(f"nothing can be enqueued: see {self._log}")

        try:
            yield enqueue
        finally:
            for process in there:
                process.kill()
                process.wait()

    def _worker(self, name: str) -> subprocess.Popen[bytes]:
        command = ["setpriv", "--pdeathsig", "KILL", *self._program, "work", self._url, name]
        return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=self._log.open("a"))

    def _asked(self, query: str) -> int:
        with psycopg.connect(self._url) as connection:
            return connection.execute(query).fetchone()[0]
