"""``python -m benchmarks.dispatch [ENGINE …] [--jobs N] [--minutes N]``: engines of jobs under one test of faults.

Each engine has a PostgreSQL of its own, with the settings of a new cluster. Jobs wait 0.2 seconds and write one row.
First come 100 urgent jobs, one at a time; then all others are enqueued. A worker is killed every 10 seconds, one stops
for twice the lease and wakes, one is killed and never comes back, and the database restarts. Every 2 seconds an urgent
job is enqueued, which goes before all others. Ninety seconds after the last fault each job is looked up: done, done
twice, waiting, with a worker that is gone, or lost. Peers are installed by pip into the user's cache, each apart.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

from services.postgresql import EMPTY, programs

from benchmarks.dispatch.trial import Figures, Server, Trial
from benchmarks.machine import called, load
from benchmarks.reading.environments import python_with

PEERS = {
    "procrastinate": ("procrastinate==3.10.0", "psycopg[binary]==3.3.9"),
    "pgqueuer": ("pgqueuer==1.6.0", "psycopg[binary]==3.3.9"),
    "dbos": ("dbos==3.4.0", "psycopg[binary]==3.3.9"),
}
_COLUMNS = (
    *("engine", "s", "kills", "done", "lost", "twice", "stuck", "done and stuck", "waiting", "urgent missing"),
    *("ms urgent p50 / p99", "ms idle p50 / p99", "statements", "transactions", "ms database"),
)
_HEAD = f"| {' | '.join(_COLUMNS)} |"
ENGINES = ("ours", *PEERS)


def python_of(engine: str) -> str:
    return str(python_with(f"dispatch-{engine}", *PEERS[engine])) if engine in PEERS else sys.executable


def milliseconds(values: Sequence[float]) -> str:
    there = sorted(values)
    shown = (there[min(len(there) - 1, int(len(there) * share))] * 1000 for share in (0.5, 0.99))
    return " / ".join(f"{value:,.0f}" for value in shown) if there else "none"


def row(engine: str, of: Figures) -> str:
    counts = (of.done, of.lost, of.doubled, of.stuck, of.done_and_stuck, of.waiting, of.urgent_missing)
    cost = f"{of.statements:.1f} | {of.transactions:.1f} | {of.database_cpu:.2f}"
    latency = f"{milliseconds(of.urgent)} | {milliseconds(of.idle)}"
    return (
        f"| {engine} | {of.seconds:,.0f} | {of.kills} | {' | '.join(f'{n:,}' for n in counts)} | {latency} | {cost} |"
    )


def main() -> None:
    parser = called("benchmarks.dispatch", __doc__)
    parser.add_argument("engines", nargs="*", default=ENGINES, metavar="ENGINE", help=", ".join(ENGINES))
    parser.add_argument("--jobs", type=int, default=100_000)
    parser.add_argument("--minutes", type=float, default=30, help="of faults")
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--kill-every", type=float, default=10, metavar="SECONDS")
    parser.add_argument("--out", type=Path, help="append all figures here, one JSON object a line")
    given = parser.parse_args()
    print(_HEAD, flush=True)
    for engine in given.engines:
        program = [python_of(engine), "-m", f"benchmarks.dispatch.engines.{engine}"]
        with tempfile.TemporaryDirectory(prefix="pressmark-dispatch-") as directory:
            where = Path(directory)
            where.chmod(0o755)  # the server runs as another user
            (where / "server").mkdir()
            server = Server(programs(), where / "server")
            server.make()
            server.start()
            try:
                trial = Trial(server, server.create("trial", EMPTY), program, where / "log")
                figures = trial.run(given.jobs, given.workers, given.minutes * 60, given.kill_every)
            finally:
                server.stop()
                sys.stderr.write((where / "log").read_text()[-2000:] if (where / "log").exists() else "")
        print(row(engine, figures), load(), flush=True)
        if given.out:
            with given.out.open("a") as out:
                out.write(json.dumps({"engine": engine, "load": load(), **asdict(figures)}) + "\n")


if __name__ == "__main__":
    main()
