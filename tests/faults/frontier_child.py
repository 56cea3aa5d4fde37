"""A process that works through a tree of pages in a frontier, to be killed or given false results by the kernel.

    python frontier_child.py FILE PAGES [careless]

It says on its standard output, a line each: `done NUMBER` once the result of a page is written, and `over`. A
`careless` one is broken on purpose, as a control: its file is never synced.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from crawler.frontier.frontier import Frontier
from crawler.policy.rows import FetchResult, Link, Row, State

SITE = "http://a.example/"
LINKS = 40
"""Of each page: so few pages fill the log of the database, and it is written into the file."""


def number_of(row: Row) -> int:
    return int(row.url.removeprefix(SITE))


def links_of(number: int, pages: int) -> list[Link]:
    first = number * LINKS + 1
    return [Link(f"{SITE}{n}") for n in range(first, min(first + LINKS, pages))]


def work(path: Path, pages: int, *, careless: bool) -> None:
    frontier = Frontier(path)
    if careless:
        frontier._db.execute("PRAGMA synchronous = OFF")
    frontier.add([Link(f"{SITE}0")])
    for host in list(frontier.waiting()):
        while rows := frontier.lease(host, 25, 0.0):
            frontier.write_results(
                [FetchResult(row.id, State.DONE, links=links_of(number_of(row), pages)) for row in rows]
            )
            os.writev(1, [f"done {number_of(row)}\n".encode() for row in rows])
    frontier.close()
    os.writev(1, [b"over\n"])


if __name__ == "__main__":
    work(Path(sys.argv[1]), int(sys.argv[2]), careless="careless" in sys.argv)
