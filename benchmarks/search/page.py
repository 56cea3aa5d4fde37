"""``python -m benchmarks.search.page [TEXTS] [--requests N] [--home DIRECTORY]``: CPU of a page of search results.

The texts are those of ``benchmarks.search``, four times as long: 10 KB. Each query is asked once, so that no answer is
a repeated one; most find the twenty texts of a page. The CPU is that of the server with all its threads: the best of
three rounds, each with other queries. A given home is kept, and used as it is if it exists.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

import psutil

from archive.database.engine import open_database
from benchmarks.machine import called, load
from benchmarks.retrieval.__main__ import measured, ours
from benchmarks.retrieval.client import Connection, ask_all
from benchmarks.search.made import KINDS, make, questions

BAR = 5
"""Milliseconds of CPU for a page of results."""
ROUNDS = 3
_LONGER = 3.7
"""Texts of 10 KB."""
_PLACES = {"page": "/search?q=", "API": "/api/v1/search?q="}


def words(count: int, texts: int) -> list[str]:
    """Return queries of all kinds, without their filters."""
    return [question.words for question in questions(count, texts)]


def made(home: Path, texts: int) -> None:
    (home / "sources").mkdir(parents=True)
    database = open_database(f"sqlite:///{home / 'pressmark.db'}")
    make(database, texts, _LONGER)
    database.close()


def measure(server: psutil.Process, port: int, asked: Sequence[str]) -> None:
    each = len(asked) // ROUNDS
    for name, place in _PLACES.items():
        paths = [place + quote(one) for one in asked]
        rounds = [measured(server, port, paths[at : at + each])[0] for at in range(0, ROUNDS * each, each)]
        print(f"{name:6}{min(rounds):8.1f} ms of CPU a request; rounds: " + ", ".join(f"{one:.1f}" for one in rounds))
    connection = Connection(port)
    found = [connection.get(_PLACES["page"] + quote(one))[1].count(b"<li>") for one in asked[: 5 * len(KINDS)]]
    print(f"{sum(found) / len(found):.1f} texts on a page; bar: {BAR} ms")


def main() -> None:
    arguments = called("benchmarks.search.page", __doc__)
    arguments.add_argument("texts", type=int, nargs="?", default=10_000)
    arguments.add_argument("--requests", type=int, default=360)
    arguments.add_argument("--home", type=Path, help="where the home is made; without it, nothing is kept")
    wanted = arguments.parse_args()
    with tempfile.TemporaryDirectory() as passing:
        home = wanted.home or Path(passing) / "home"
        if not home.exists():
            made(home, wanted.texts)
        (home / "told").unlink(missing_ok=True)
        asked = words(60 + wanted.requests, wanted.texts)
        with ours(home) as server:
            port = int((home / "told").read_text().rpartition(":")[2])
            ask_all(port, [_PLACES["page"] + quote(one) for one in asked[:60]])
            print(f"{wanted.texts:,} texts of 10 KB. {load()}")
            measure(server, port, asked[60:])
        print(load())


if __name__ == "__main__":
    main()
