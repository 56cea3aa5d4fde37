"""``python -m benchmarks.search [TEXTS] [--questions N] [--home DIRECTORY]``: time of a page of search results.

The texts come from a generator with a fixed seed, three in five English, the others Chinese, 2.7 KB each. Each query
runs once, for the first twenty texts with snippets, in one thread; kinds alternate. The report has the thread's CPU and
wall time, which is longer on a shared machine. Before that, it reads feeds of fifty entries. A given home is kept, and
used as it is if it exists.
"""

from __future__ import annotations

import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from archive.database.engine import open_database
from archive.index.changes import Changes
from archive.texts.search.search import search
from benchmarks.machine import called, load
from benchmarks.search.made import make, questions, source_of

BAR = 50
"""Milliseconds, at the 99th percentile of all questions."""
_WARM = 100
_BEHIND = "of everything, the page after it"
_FEEDS = {
    "of everything": {},
    _BEHIND: {},
    "of a source": {"source": source_of(7)},
    "of a collection": {"collection": "default"},
}
_FEED_ROUNDS = 5


def percentile(sorted_values: Sequence[float], share: float) -> float:
    return sorted_values[min(len(sorted_values) - 1, int(len(sorted_values) * share))]


def line(name: str, values: Sequence[float]) -> str:
    there = sorted(values)
    shown = "".join(f"{percentile(there, share):9.1f}" for share in (0.5, 0.95, 0.99))
    return f"{name:40}{len(there):7}{shown}{there[-1]:9.1f}"


def ask(file: Path, texts: int, count: int) -> None:
    database = open_database(f"sqlite:///{file}")
    used: dict[str, list[float]] = defaultdict(list)
    waited: list[float] = []
    found = 0
    for number, question in enumerate(questions(_WARM + count, texts)):
        cpu, clock = time.thread_time(), time.perf_counter()
        found += len(search(database, question.words, question.narrowed).items)
        if number >= _WARM:
            used[question.kind].append((time.thread_time() - cpu) * 1000)
            waited.append((time.perf_counter() - clock) * 1000)
    database.close()
    every = [value for values in used.values() for value in values]
    print(f"{'ms of CPU':40}{'asked':>7}{'median':>9}{'95 %':>9}{'99 %':>9}{'worst':>9}")
    for kind, values in used.items():
        print(line(kind, values))
    print(line("all", every))
    print(line("all, by the clock", waited))
    print(f"{found / (_WARM + count):.1f} texts found a question; bar: {BAR} ms at 99 % of all")


def feeds(file: Path) -> None:
    """Read the newest entries of each kind of feed, with the text before each change."""
    database = open_database(f"sqlite:///{file}")
    changes = Changes(database)
    last = changes.page()[-1].place
    for name, whose in _FEEDS.items():
        used = []
        for _ in range(_FEED_ROUNDS):
            cpu = time.thread_time()
            changes.page(before=last if name == _BEHIND else None, **whose)
            used.append((time.thread_time() - cpu) * 1000)
        print(f"{'feed, ' + name:40}{min(used):9.1f} ms of CPU, the best of {_FEED_ROUNDS}")
    database.close()


def main() -> None:
    arguments = called("benchmarks.search", __doc__)
    arguments.add_argument("texts", type=int, nargs="?", default=100_000)
    arguments.add_argument("--questions", type=int, default=2_000)
    arguments.add_argument("--home", type=Path, help="where the database is made; without it, nothing is kept")
    wanted = arguments.parse_args()
    with tempfile.TemporaryDirectory() as passing:
        file = (wanted.home or Path(passing)) / "pressmark.db"
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            begun = time.process_time()
            database = open_database(f"sqlite:///{file}")
            make(database, wanted.texts)
            database.close()
            print(f"{wanted.texts} texts made and indexed in {time.process_time() - begun:.0f} s of CPU")
        print(f"{file.stat().st_size / 1e6:.0f} MB. {load()}")
        feeds(file)
        ask(file, wanted.texts, wanted.questions)
        print(load())


if __name__ == "__main__":
    main()
