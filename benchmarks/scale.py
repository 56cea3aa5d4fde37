"""``python -m benchmarks.scale [CAPTURES] [--database URL]``: what a capture takes in rows and in ZipNum, and a lookup.

The captures are those of `benchmarks.retrieval`: ten versions of each page. They go into rows, and as sorted CDXJ into
compressed blocks of 300 lines, as an export in the form ZipNum has. Without a URL the rows are in SQLite. A URL names
an empty PostgreSQL, which is filled; the CPU of its process that answers is counted. A lookup in ZipNum finds the block
in the index of blocks by bisection, decompresses it, and finds the lines of the URL.
"""

from __future__ import annotations

import random
import tempfile
import time
import zlib
from base64 import b32encode
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from hashlib import sha1
from itertools import islice
from pathlib import Path
from statistics import median

import psutil
from sqlalchemy import text

from archive.database.engine import Database, open_database
from archive.export.lines import blocks
from archive.index.index import Index
from archive.index.rows import COLUMNS
from archive.values.urlkey import urlkey
from archive.warc import cdxj
from benchmarks.machine import called, load
from benchmarks.retrieval.made import MORNING, VERSIONS, make_rows, row_of, url_of

LOOKUPS = 500


def fill(database: Database, index: Index, count: int) -> None:
    """Insert rows of `count` captures. Those of PostgreSQL are copied with their indexes there."""
    if not database.is_shared:
        make_rows(database, index, count)
        return
    index.opened("nowhere", collection="default", worker="w", epoch=1, path=Path("/nowhere"), at=MORNING)
    with database.writing() as connection:
        segment = connection.execute(text("SELECT id FROM segments WHERE name = 'nowhere'")).scalar_one()
        cursor = connection.connection.cursor()
        columns = ",".join(f'"{name}"' for name in COLUMNS)
        with cursor.copy(f"COPY captures ({columns}) FROM STDIN") as copy:  # type: ignore[attr-defined]
            for number in range(count):
                copy.write_row(row_of(number, int(MORNING.timestamp()) * 1_000_000, segment))


def size_of(database: Database) -> int:
    """Return the bytes of the captures with their indexes; in SQLite, of the whole database."""
    if not database.is_shared:
        query = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
    else:
        query = "SELECT pg_total_relation_size('captures')"
    with database.reading() as connection:
        return int(connection.execute(text(query)).scalar_one())


def lookups(database: Database, index: Index, pages: Sequence[int]) -> list[float]:
    """Return the CPU in ms of finding all captures of a URL; that of the server's process is an average."""
    with database.reading() as connection:
        server = connection.execute(text("SELECT pg_backend_pid()")).scalar_one() if database.is_shared else None
    before, took = _cpu_of(server), []
    for page in pages:
        began = time.process_time()
        found = list(index.captures(url_of(page)))
        took.append((time.process_time() - began) * 1e3)
        assert len(found) == VERSIONS, found
    beside = (_cpu_of(server) - before) / len(pages) * 1e3
    return [one + beside for one in took]


def _cpu_of(pid: int | None) -> float:
    if pid is None:
        return 0.0
    times = psutil.Process(pid).cpu_times()
    return times.user + times.system


class Zipnum:
    """Sorted index lines in compressed blocks, in a file."""

    def __init__(self, file: Path, lines: Iterator[str]) -> None:
        self.keys, self.places = list[str](), list[tuple[int, int]]()
        with file.open("wb") as shard:
            for block in blocks(lines):
                self.keys.append(block.key)
                self.places.append((shard.tell(), len(block.octets)))
                shard.write(block.octets)
        self.file = file
        self.index = sum(len(key) + 40 for key in self.keys)
        """Bytes of the index of blocks, by a line of pywb's form."""

    def lookup(self, url: str) -> list[str]:
        """Return the lines of a URL. They may begin in the block before the first one that has its key first."""
        key = f"{urlkey(url)} "
        number = max(bisect_right(self.keys, key) - 1, 0)
        found = list[str]()
        with self.file.open("rb") as shard:
            while number < len(self.keys) and self.keys[number] <= f"{key}9":
                offset, length = self.places[number]
                shard.seek(offset)
                text = zlib.decompress(shard.read(length), 31).decode("ascii")
                found += [line for line in text.splitlines() if line.startswith(key)]
                number += 1
        return found


def _digest(name: str) -> str:
    """Return a digest as random as those of real pages, which no compression makes smaller."""
    return b32encode(sha1(name.encode(), usedforsecurity=False).digest()).decode()


def in_blocks(index: Index, file: Path, count: int) -> Zipnum:
    """Write the lines of all captures, sorted by key."""
    captures = index.captures("http://www.example.org/", match="host")
    real = (capture._replace(digest=_digest(capture.record_id)) for capture in islice(captures, count))
    lines = sorted(cdxj.export_line(capture) for capture in real)
    return Zipnum(file, iter(lines))


def main() -> None:
    arguments = called("benchmarks.scale", __doc__)
    arguments.add_argument("captures", type=int, nargs="?", default=100_000)
    arguments.add_argument("--database", metavar="URL", help="an empty PostgreSQL: postgresql://user@host/name")
    wanted = arguments.parse_args()
    count = wanted.captures // VERSIONS * VERSIONS
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "pressmark.db"
        database = open_database(wanted.database or f"sqlite:///{file}")
        index = Index(database, now=lambda: MORNING)
        fill(database, index, count)
        kind = "PostgreSQL" if database.is_shared else "SQLite"
        print(f"{count} captures in {kind}: {size_of(database) / count:.0f} bytes each. {load()}")
        chance = random.Random(2)
        pages = [chance.randrange(count // VERSIONS) for _ in range(LOOKUPS)]
        lookups(database, index, pages[:50])
        print(f"lookup in rows, ms of CPU: {median(lookups(database, index, pages)):.3f}. {load()}")
        zipnum = in_blocks(index, Path(name) / "cdx-00000.gz", count)
        size = (zipnum.file.stat().st_size + zipnum.index) / count
        print(f"ZipNum: {size:.1f} bytes a capture, of which the index of blocks {zipnum.index / count:.2f}")
        took = []
        for page in pages:
            began = time.process_time()
            assert len(zipnum.lookup(url_of(page))) == VERSIONS
            took.append((time.process_time() - began) * 1e3)
        print(f"lookup in ZipNum, ms of CPU: {median(took):.3f}. {load()}")
        database.close()


if __name__ == "__main__":
    main()
