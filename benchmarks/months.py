"""``python -m benchmarks.months [CAPTURES] [--rows ROWS]``: lookups in months, in rows, and in both, by one interface.

The captures are made: each page once in each of ten months. They are written with the code of `pressmark months write`
into a store on disk, and attached to an empty SQLite database; then the database gets rows of the same pages, too. A
lookup is all captures of a URL, its newest, or the one closest to a time; its CPU is that of this process, parsing of
the lines included. Blocks that were read before are forgotten before each lookup.
"""

from __future__ import annotations

import random
import tempfile
import time
from base64 import b32encode
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from hashlib import sha1, sha256
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from archive.database.engine import open_database
from archive.index.index import Index
from archive.index.months.month import MonthSegment
from archive.index.months.months import Months
from archive.index.months.writing import MonthWriter
from archive.store.local import LocalStore
from archive.values.capture import Capture, Location
from archive.values.urlkey import urlkey
from archive.warc import cdxj
from benchmarks.machine import called, load
from benchmarks.retrieval.made import MORNING, VERSIONS, make_rows, url_of

NAMES = tuple(f"2025-{month:02}" for month in range(3, 13))
LOOKUPS = 500
_SEGMENT = "20250101T000000Z-1-0-abcd"


def lines_of(name: str, pages: list[tuple[str, int]]) -> Iterator[str]:
    """Yield the lines of a month: one capture of each page, with digests as random as those of real pages."""
    url, key, record = "https://u.example/", "example,u)/", "<urn:uuid:00000000-0000-0000-0000-000000000000>"
    digest, whole = "D" * 32, "0" * 64
    at = MORNING.replace(year=int(name[:4]), month=int(name[5:]), day=15)
    made = Capture(
        "default", key, url, at, "response", 200, "text/html", digest, whole, 2000, Location(_SEGMENT, 77777, 2500),
        3000, record, "example", "run-1",
    )  # fmt: skip
    form = cdxj.line(made).replace("%", "%%")
    for fixed, field in ((url, "url"), (key, "key"), (record, "record"), (digest, "digest"), (whole, "whole")):
        form = form.replace(fixed, f"%({field})s")
    form = f'{form.replace("77777", "%(offset)d")[:-1]},"row":%(row)d}}'
    for key, page in pages:
        seed = f"{name} {page}".encode()
        hashed = sha256(seed).hexdigest()
        values = {
            "key": key,
            "url": url_of(page),
            "record": f"<urn:uuid:{hashed[:8]}-{hashed[8:12]}-{hashed[12:16]}-{hashed[16:20]}-{hashed[20:32]}>",
            "digest": b32encode(sha1(seed, usedforsecurity=False).digest()).decode(),
            "whole": hashed,
            "offset": page * 3000,
            "row": page + 1,
        }
        yield form % values


def write(root: Path, store: LocalStore, count: int) -> list[tuple[Any, str]]:
    pages = sorted((urlkey(url_of(page)), page) for page in range(count))
    facts = {_SEGMENT: MonthSegment("default", "w.warc.gz", "m.json", 0, count * len(NAMES))}
    found = []
    for name in NAMES:
        with closing(MonthWriter(name, root, None)) as writer:
            for line in lines_of(name, pages):
                writer.add_line(line, _SEGMENT)
            found.append(writer.stored(store, facts))
    return found


def measured(months: Months, pages: list[int], ask: Callable[[str], Any]) -> str:
    """Return the median and the 95th percentile of the CPU of a lookup, in ms."""
    took = []
    for page in pages:
        months.forget_blocks()
        began = time.process_time()
        ask(url_of(page))
        took.append((time.process_time() - began) * 1e3)
    return f"median {median(took):.2f} ms, 95 of 100 below {quantiles(took, n=20)[-1]:.2f} ms"


def look_up(place: str, index: Index, months: Months, pages: list[int], expected: int) -> None:
    """Print what lookups cost."""
    at = MORNING.replace(year=2025, month=8) + timedelta(days=3)
    assert all(len(list(index.captures(url_of(page)))) == expected for page in pages[:50])
    kinds: dict[str, Callable[[str], Any]] = {
        f"all {expected} captures of a URL": lambda url: list(index.captures(url)),
        "the newest": lambda url: list(index.captures(url, newest_first=True, limit=1)),
        "the closest to a time": lambda url: index.closest(url, at),
    }
    for kind, ask in kinds.items():
        print(f"{place}, {kind}: {measured(months, pages, ask)}. {load()}")


def main() -> None:
    arguments = called("benchmarks.months", __doc__)
    arguments.add_argument("captures", type=int, nargs="?", default=100_000)
    arguments.add_argument("--rows", type=int, default=100_000, help="captures of the same pages that are in rows")
    wanted = arguments.parse_args()
    count = wanted.captures // len(NAMES)
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory)
        store = LocalStore(root / "store")
        began = time.process_time()
        written = write(root, store, count)
        size = sum(one.size for month, _ in written for one in month.objects)
        made = count * len(NAMES)
        print(f"{made} captures in {len(NAMES)} months: {size / made:.1f} bytes each. {load()}")
        print(f"written with {(time.process_time() - began) / made * 1e6:.1f} µs of CPU each")
        with closing(open_database(f"sqlite:///{root / 'pressmark.db'}")) as database:
            index, months = Index(database, now=lambda: MORNING), Months(database, store)
            index.use_months(months)
            for month, key in written:
                months.attach(month, key)
            chance = random.Random(2)
            inside = min(count, wanted.rows // VERSIONS)
            pages = [chance.randrange(inside) for _ in range(LOOKUPS)]
            look_up("months", index, months, pages, len(NAMES))
            make_rows(database, index, inside * VERSIONS)
            look_up("both", index, months, pages, len(NAMES) + VERSIONS)
            look_up("rows", Index(database, now=lambda: MORNING), months, pages, VERSIONS)


if __name__ == "__main__":
    main()
