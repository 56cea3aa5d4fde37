"""``python -m benchmarks.months [CAPTURES] [--rows ROWS] [--months MONTHS] [--each TIMES] [--block LINES] [--store
DIRECTORY]``: lookups in months, rows, and both.

The captures are made: each page so many times in each month. They are written with the code of `pressmark months write`
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
from itertools import product
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import psutil

from archive.database.engine import open_database
from archive.index.index import Index
from archive.index.months import writing
from archive.index.months.month import MonthSegment
from archive.index.months.months import Months
from archive.index.months.stored import read_month, stored_months
from archive.index.months.writing import MonthWriter
from archive.store.local import LocalStore
from archive.values.capture import Capture, Location
from archive.values.urlkey import urlkey
from archive.warc import cdxj
from benchmarks.machine import called, load
from benchmarks.retrieval.made import MORNING, VERSIONS, make_rows, url_of

LOOKUPS = 500
_SEGMENT = "20250101T000000Z-1-0-abcd"


def names_of(count: int) -> tuple[str, ...]:
    """Return the last months of 2025 and before, oldest first."""
    every = tuple(f"{year}-{month:02}" for year in range(2000, 2026) for month in range(1, 13))
    return every[-count:]


def in_order(count: int) -> Iterator[int]:
    """Yield the numbers of the pages in the order of their keys."""
    for part in sorted(range(100), key=lambda one: f"{one}/"):
        yield from sorted(range(part, count, 100), key=lambda page: f"{page}.")


def lines_of(name: str, count: int, each: int) -> Iterator[str]:
    """Yield the lines of a month: `each` captures of each of `count` pages, one a day, with digests as random as those
    of real pages.
    """
    page_mark, record = 987654321, "<urn:uuid:00000000-0000-0000-0000-000000000000>"
    digest, whole = "D" * 32, "0" * 64
    at = MORNING.replace(year=int(name[:4]), month=int(name[5:]), day=15)
    url = url_of(page_mark)
    made = Capture(
        "default", urlkey(url), url, at, "response", 200, "text/html", digest, whole, 2000,
        Location(_SEGMENT, 77777, 2500), 3000, record, "example", "run-1",
    )  # fmt: skip
    form = cdxj.line(made).replace("%", "%%")
    fields = ((f"/{page_mark % 100}/", "/%(part)d/"), (str(page_mark), "%(page)d"), (record, "%(record)s"))
    for fixed, field in (*fields, (digest, "%(digest)s"), (whole, "%(whole)s")):
        form = form.replace(fixed, field)
    form = f'{form.replace("77777", "%(offset)d")[:-1]},"row":%(row)d}}'
    forms = [form.replace(f" {at:%Y%m}15", f" {at:%Y%m}{day:02}", 1) for day in range(15, 15 - each, -1)][::-1]
    chance = random.Random(name)
    for page, form in product(in_order(count), forms):
        drawn = chance.randbytes(68)
        hashed = drawn.hex()
        yield form % {
            "part": page % 100,
            "page": page,
            "record": f"<urn:uuid:{hashed[:8]}-{hashed[8:12]}-{hashed[12:16]}-{hashed[16:20]}-{hashed[20:32]}>",
            "digest": b32encode(drawn[48:]).decode(),
            "whole": hashed[32:96],
            "offset": page * 3000,
            "row": page + 1,
        }


def write(root: Path, store: LocalStore, name: str, count: int, total: int, each: int) -> None:
    """Write a month of `count` pages, `each` captures of every page; `total` are the captures of all months."""
    facts = {_SEGMENT: MonthSegment("default", "w.warc.gz", "m.json", 0, total)}
    with closing(MonthWriter(name, root, None)) as writer:
        for line in lines_of(name, count, each):
            writer.add_line(line, _SEGMENT)
        writer.stored(store, facts)
    (root / f"{name}.gz").unlink()  # the store has its own


def memory() -> int:
    """Return the memory of this process: resident bytes without files."""
    fields = psutil.Process().memory_info()
    return int(fields.rss - fields.shared)


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
    arguments.add_argument("--months", type=int, default=10, help="over how many months the captures are spread")
    arguments.add_argument("--each", type=int, default=1, help="captures of each page in a month, 15 at most")
    arguments.add_argument("--block", type=int, default=writing.BLOCK, help="lines of a block")
    arguments.add_argument("--rows", type=int, default=100_000, help="captures of the same pages that are in rows")
    arguments.add_argument(
        "--store", type=Path, help="a directory that keeps the months: those in it are not made again"
    )
    arguments.add_argument("--make", metavar="MONTH", nargs="+", default=(), help="make only these months, and end")
    wanted = arguments.parse_args()
    names = names_of(wanted.months)
    count = wanted.captures // len(names) // wanted.each
    writing.BLOCK = wanted.block
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory)
        store = LocalStore(wanted.store or root / "store")
        there, began = stored_months(store), time.process_time()
        missing = [name for name in wanted.make or names if name not in there]
        for name in missing:
            write(root, store, name, count, count * wanted.each * len(names), wanted.each)
        if missing:
            took = (time.process_time() - began) / (count * wanted.each * len(missing))
            print(f"written with {took * 1e6:.1f} µs of CPU each: {' '.join(missing)}. {load()}")
        if not wanted.make:
            measure(root, store, count, wanted.each, wanted.rows)


def measure(root: Path, store: LocalStore, count: int, each: int, rows: int) -> None:
    """Attach the months of `count` pages, and print what lookups in them cost."""
    keys = [keys[-1] for _, keys in sorted(stored_months(store).items())]
    written, made = [(read_month(store, key), key) for key in keys], count * each * len(keys)
    assert sum(month.captures for month, _ in written) == made, "the store has months of another number of captures"
    size, blocks = sum(one.size for month, _ in written for one in month.objects), [m.blocks.size for m, _ in written]
    print(f"{made} captures in {len(keys)} months: {size / made:.1f} bytes each. {load()}")
    print(f"indices of blocks: {sum(blocks) / made:.2f} bytes a capture, the largest {max(blocks) / 1e6:.1f} MB")
    with closing(open_database(f"sqlite:///{root / 'pressmark.db'}")) as database:
        index, months = Index(database, now=lambda: MORNING), Months(database, store)
        index.use_months(months)
        for month, key in written:
            months.attach(month, key)
        before, began = memory(), time.process_time()
        months.files()
        took, held = time.process_time() - began, memory() - before
        print(f"the first lookup reads the indices: {took:.2f} s of CPU; they hold {held / 1e6:.1f} MB. {load()}")
        chance = random.Random(2)
        inside = min(count, rows // VERSIONS)
        pages = [chance.randrange(inside) for _ in range(LOOKUPS)]
        look_up("months", index, months, pages, each * len(keys))
        print(f"lookups and their blocks hold {(memory() - before - held) / 1e6:.1f} MB more")
        make_rows(database, index, inside * VERSIONS)
        look_up("both", index, months, pages, each * len(keys) + VERSIONS)
        look_up("rows", Index(database, now=lambda: MORNING), months, pages, VERSIONS)


if __name__ == "__main__":
    main()
