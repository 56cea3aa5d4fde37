"""``python -m benchmarks.partitions [ROWS]``: the captures of PostgreSQL in one table, and in 120 partitions by month.

Each page has twelve captures in ten years; each month has the same number. The rows are copied in the order of their
times, with all indexes there, into the table of the schema and into one that is partitioned by `at`: its keys contain
the time, as PostgreSQL demands. Lookups are those of the archive. The CPU of a lookup is that of this process and of
the server's. The server has 1 GB of buffers and does not wait for the disk.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from statistics import median, quantiles
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from services.postgresql import PostgresServer, programs, running_server
from sqlalchemy import text

from archive.database.engine import Database, open_database
from archive.database.schema import microseconds, moment
from archive.index.index import Index
from archive.index.rows import COLUMNS
from benchmarks.machine import called, load
from benchmarks.retrieval.made import MORNING, row_of, url_of

MONTHS = [datetime(2016 + number // 12, number % 12 + 1, 1, tzinfo=UTC) for number in range(121)]
EACH, CLASSES = 12, 10
"""Captures of a page, and how many months are between two of them."""
LOOKUPS = 300
_URLKEY, _AT = COLUMNS.index("urlkey"), COLUMNS.index("at")
_RECORD, _OFFSET = COLUMNS.index("record_id"), COLUMNS.index("offset")
INDEXES = (
    "CREATE INDEX ON captures (urlkey, at)",
    "CREATE INDEX ON captures (run)",
    "CREATE INDEX ON captures (run, collection)",
    "CREATE INDEX ON captures (sha256) WHERE kind = 'response'",
)


def rows(count: int, segment: int) -> Iterator[tuple[Any, ...]]:
    """Yield rows in the order of their times."""
    pages, number = count // EACH, 0
    for month, first in enumerate(MONTHS[:-1]):
        begin = microseconds(first)
        for page in range(month % CLASSES, pages, CLASSES):
            made = list(row_of(page * 5, begin, segment))  # five rows of a page each there
            made[_AT], made[_OFFSET] = begin + number % 2_400_000 * 1_000_000, number * 3000
            made[_RECORD] = f"<urn:uuid:{random.randbytes(16).hex()}>"
            yield tuple(made)
            number += 1


def write(file: Path, count: int, segment: int) -> int:
    """Write the rows in the text form of COPY; return their number."""
    written = 0
    with file.open("w") as out:
        for row in rows(count, segment):
            out.write("\t".join("\\N" if value is None else str(value) for value in row) + "\n")
            written += 1
    return written


def partition(database: Database) -> None:
    """Replace the table of captures by one that is partitioned by month."""
    with database.writing() as connection:
        for statement in (
            "CREATE SEQUENCE parts_id",
            "CREATE TABLE parts (LIKE captures) PARTITION BY RANGE (at)",
            "ALTER TABLE parts ALTER id SET DEFAULT nextval('parts_id')",
            "DROP TABLE captures CASCADE",
            "ALTER TABLE parts RENAME TO captures",
            "ALTER TABLE captures ADD PRIMARY KEY (id, at)",
            'ALTER TABLE captures ADD UNIQUE (segment_id, "offset", at)',
            "ALTER TABLE captures ADD FOREIGN KEY (segment_id) REFERENCES segments (id)",
            *INDEXES,
        ):
            connection.execute(text(statement))
        for first, past in pairwise(MONTHS):
            connection.execute(
                text(
                    f"CREATE TABLE captures_{first:%Y_%m} PARTITION OF captures"
                    f" FOR VALUES FROM ({microseconds(first)}) TO ({microseconds(past)})"
                )
            )


class Server:
    """What a database costs the server's process of its one connection."""

    def __init__(self, database: Database) -> None:
        self._database = database
        with database.reading() as connection:
            pid = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        self._file = Path(f"/proc/{pid}/schedstat")

    def cpu(self) -> float:
        """Return its CPU, in seconds."""
        return int(self._file.read_text().split()[0]) / 1e9


def fill(database: Database, server: Server, file: Path, count: int) -> None:
    before, began = server.cpu(), time.monotonic()
    columns = ",".join(f'"{name}"' for name in COLUMNS)
    with database.writing() as connection:
        connection.execute(text(f"COPY captures ({columns}) FROM '{file}'"))
    took, cpu = time.monotonic() - began, server.cpu() - before
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE captures"))
    parts = "SELECT relid FROM pg_partition_tree('captures') WHERE isleaf"
    query = text(
        f"SELECT sum(pg_total_relation_size(relid)) FROM ({parts} UNION SELECT 'captures'::regclass) AS all_of_it"
    )
    with database.reading() as connection:
        size = int(connection.execute(query).scalar_one())
    print(f"  {size / count:.0f} bytes a row; {count / cpu:,.0f} rows a second of CPU, {count / took:,.0f} a second")


def measured(server: Server, pages: Iterable[int], ask: Callable[[int], Any]) -> str:
    """Return the median and the 95th percentile of the CPU of a lookup, in ms, and the server's part of it."""
    took, there = list[float](), list[float]()
    for page in pages:
        began, before = time.process_time(), server.cpu()
        ask(page)
        there.append((server.cpu() - before) * 1e3)
        took.append((time.process_time() - began) * 1e3 + there[-1])
    return f"{median(took):.2f} ms, 95 of 100 below {quantiles(took, n=20)[-1]:.2f}; the server {median(there):.2f}"


def look_up(database: Database, server: Server, count: int) -> None:
    index, chance = Index(database, now=lambda: MORNING), random.Random(3)
    pages = [chance.randrange(count // EACH) for _ in range(LOOKUPS)]
    assert all(len(list(index.captures(url_of(page)))) == EACH for page in pages[:30])
    since, until = moment(microseconds(MONTHS[60])), moment(microseconds(MONTHS[66]) - 1)
    span: dict[str, Any] = {"since": since, "until": until}
    listing: dict[str, Any] = {"match": "prefix", "limit": 1000}
    kinds: dict[str, Callable[[int], Any]] = {
        "all captures of a URL": lambda page: list(index.captures(url_of(page))),
        "those in six months": lambda page: list(index.captures(url_of(page), **span)),
        "the closest to a time": lambda page: index.closest(url_of(page), since),
    }
    for kind, ask in kinds.items():
        print(f"  {kind}: {measured(server, pages, ask)}. {load()}")
    prefix = "https://www.example.org/news/{}/".format
    few = [chance.randrange(100) for _ in range(20)]
    of_all = measured(server, few, lambda part: list(index.captures(prefix(part), **listing)))
    of_span = measured(server, few, lambda part: list(index.captures(prefix(part), **listing, **span)))
    print(f"  1,000 captures of a prefix: {of_all}\n  1,000 in six months: {of_span}. {load()}")
    of_page = "SELECT * FROM captures WHERE urlkey = 'org,example)/news/7/article-7.html?id=7'"
    between = f" AND at BETWEEN {microseconds(since)} AND {microseconds(until)}"
    for kind, bounds in (("of a URL", ""), ("in six months", between)):
        query = text(f"EXPLAIN (ANALYZE, SUMMARY) {of_page}{bounds} ORDER BY urlkey, at, id")
        with database.reading() as connection:
            said = [[row[0] for row in connection.execute(query)][-2:] for _ in range(9)]
        found = [median(float(one[place].split()[-2]) for one in said) for place in (0, 1)]
        print(f"  planning {kind}: {found[0]:.2f} ms, executing {found[1]:.2f} ms")


def drop(database: Database, server: Server, *, parted: bool) -> None:
    first, past = MONTHS[0], MONTHS[1]
    between = f"at >= {microseconds(first)} AND at < {microseconds(past)}"
    began, before = time.monotonic(), server.cpu()
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if parted:
            connection.execute(text(f"DROP TABLE captures_{first:%Y_%m}"))
        else:
            connection.execute(text(f"DELETE FROM captures WHERE {between}"))
            connection.execute(text("VACUUM captures"))
    print(
        f"  without its first month: {time.monotonic() - began:.2f} s, {server.cpu() - before:.2f} s of CPU. {load()}"
    )


def main() -> None:
    arguments = called("benchmarks.partitions", __doc__)
    arguments.add_argument("rows", type=int, nargs="?", default=100_000)
    count = arguments.parse_args().rows // (EACH * CLASSES) * EACH * CLASSES
    if (there := programs()) is None:
        raise SystemExit("PostgreSQL is not installed: make system")
    PostgresServer.settings = ("fsync=off", "shared_buffers=1GB", "max_wal_size=8GB", "jit=off")
    with running_server(there) as server, tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "rows"
        Path(directory).chmod(0o755)
        for parted in (False, True):
            with server.database() as url, closing(open_database(url)) as database:
                index = Index(database, now=lambda: MORNING)
                index.opened("nowhere", collection="default", worker="w", epoch=1, path=file, at=MORNING)
                if parted:
                    partition(database)
                if not file.exists():
                    assert write(file, count, 1) == count
                costs = Server(database)
                print(f"{count:,} rows in {len(MONTHS) - 1 if parted else 1} tables. {load()}", flush=True)
                fill(database, costs, file, count)
                look_up(database, costs, count)
                drop(database, costs, parted=parted)


if __name__ == "__main__":
    main()
