"""``python -m benchmarks.writers [--seconds N] [--delay MS]``: transactions a second of 1, 2, 4 and 8 writers.

PostgreSQL has the settings of a new cluster, so a commit waits for the disk. Each writer is a process. Three kinds of
transactions: 32 captures of a segment of its own, one event, and one row of a page of its own source. Each pair of runs
is in the same minute: beside each other, as the archive writes, and one at a time, as if each took the lock of all
writers. With `--delay`, each transaction of captures stays open for so long: what a network, or a busy process, adds.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from multiprocessing.synchronize import Barrier as Meeting
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from services.postgresql import PostgresServer, programs, running_server
from specimens.captures import NOON, capture_of
from sqlalchemy import Connection, event

from archive.database.engine import Database, open_database
from archive.index.index import Index
from archive.index.pages import Pages, PageState
from archive.values.capture import Capture, Location
from benchmarks.machine import called, load
from scheduler.events import Events

WRITERS = (1, 2, 4, 8)
KINDS = ("captures", "events", "pages")
BATCH = 32


class OneAtATime(Database):
    """Writers that wait for each other."""

    @contextmanager
    def beside(self, *_locks: str) -> Iterator[Connection]:
        with self.writing() as connection:
            yield connection


def batch_of(writer: int, number: int) -> list[Capture]:
    name, first = f"20260131T120000Z-1-{writer}-abcd", number * BATCH
    return [
        capture_of(f"https://example.org/{writer}/{number}/{one}", number=one + 1)._replace(
            location=Location(name, 500 * (first + one + 1), 300), record_id=f"<urn:x:{writer}:{number}:{one}>"
        )
        for one in range(BATCH)
    ]


def write(database: Database, kind: str, writer: int, number: int) -> None:
    if kind == "captures":
        Index(database, now=lambda: NOON).add(batch_of(writer, number))
    elif kind == "events":
        Events(database).append(NOON, "source.paused", source=f"source-{writer}")
    else:
        state = PageState(f"https://example.org/{number % 100}", NOON, NOON, timedelta(days=1), "changed")
        Pages(database).store_states(f"source-{writer}", [state])


def work(url: str, what: tuple[bool, str, int, float, float], met: Meeting, done: Any) -> None:
    """Write for some seconds in a process of its own, and tell how many transactions that were."""
    beside, kind, writer, seconds, delay = what
    with closing(open_database(url)) as opened:
        database = Database(opened.engine) if beside else OneAtATime(opened.engine)
        index = Index(database, now=lambda: NOON)
        if kind == "captures":
            name = batch_of(writer, 0)[0].location.segment
            index.opened(name, collection="default", worker="w", epoch=1, path=Path("/nowhere"), at=NOON)
        if delay:
            event.listen(database.engine, "commit", lambda _: time.sleep(delay))
        write(database, kind, writer, 0)
        met.wait(120)
        until, count = time.monotonic() + seconds, 0
        while time.monotonic() < until:
            count += 1
            write(database, kind, writer, count)
        done.put(count)


def rate(url: str, kind: str, count: int, *, beside: bool, seconds: float, delay: float) -> float:
    """Return the transactions a second of all writers."""
    context = multiprocessing.get_context("spawn")
    met, done = context.Barrier(count), context.Queue()
    each = [(beside, kind, writer, seconds, delay) for writer in range(count)]
    processes = [context.Process(target=work, args=(url, what, met, done)) for what in each]
    for one in processes:
        one.start()
    total = sum(done.get(timeout=300) for _ in processes)
    for one in processes:
        one.join()
    return total / seconds


def main() -> None:
    parser = called("benchmarks.writers", __doc__)
    parser.add_argument("--seconds", type=float, default=4.0, help="of each run")
    parser.add_argument(
        "--delay", type=float, default=0.0, metavar="MS", help="a transaction stays open before it commits"
    )
    given = parser.parse_args()
    there = programs()
    if there is None:
        raise SystemExit("PostgreSQL is not installed: make system")
    PostgresServer.settings = ("max_connections=100",)
    with running_server(there) as server:
        print(load(), f"{os.cpu_count()} cores")
        print("| kind | writers | beside each other | one at a time | ratio |\n|---|---|---|---|---|")
        for kind in KINDS:
            for count in WRITERS:
                told = list[float]()
                for beside in (False, True, True, False):
                    with server.database() as url:
                        of = {"beside": beside, "seconds": given.seconds, "delay": given.delay / 1000}
                        told.append(rate(url, kind, count, **of))
                alone, beside = (told[0] + told[3]) / 2, (told[1] + told[2]) / 2
                print(f"| {kind} | {count} | {beside:,.0f} | {alone:,.0f} | {beside / alone:.2f} |", flush=True)
        print(load())


if __name__ == "__main__":
    main()
