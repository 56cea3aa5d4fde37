"""``python -m benchmarks.similar [TEXTS] [--pages N]``: what sketches of texts cost, to make, to keep and to ask.

The texts are those of `benchmarks.search`, 2.7 KB each, one in ten of them a reprint of the one before with a tenth of
its words written anew. A notice is said by so many addresses besides. Told is the CPU of the thread.
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Connection, insert, text

from archive.database.engine import Database, open_database
from archive.database.packed_text import page_text
from archive.database.schema import texts, worded, wordings
from archive.texts.search.similar import copies
from archive.texts.search.sketch import sketch
from archive.texts.search.sketch_rows import index_sketches
from benchmarks.machine import called, load
from benchmarks.search.__main__ import percentile
from benchmarks.search.made import MORNING, tongues

_BATCH = 1_000
_ASKED = 500


def made(count: int) -> Iterable[str]:
    chance, spoken = random.Random(3), tongues()
    before = ""
    for number in range(count):
        tongue = spoken[chance.random() < 0.4]
        if number % 10 == 9:
            words = before.split(" ") if " " in before else [before[at : at + 20] for at in range(0, len(before), 20)]
            begin = chance.randrange(len(words))
            words[begin : begin + len(words) // 10] = ["anew"] * (len(words) // 10)
            yield (" " if " " in before else "").join(words)
        else:
            before = tongue.text(chance)
            yield before


def sketch_and_index(connection: Connection, said: list[tuple[int, str]]) -> None:
    index_sketches(connection, [(number, sketch(text)) for number, text in said])


def keep(database: Database, said: list[tuple[int, str]], index: Callable[..., None]) -> float:
    """Seconds of CPU that sketches and bands took, beside the rows of the texts themselves."""
    used = 0.0
    for start in range(0, len(said), _BATCH):
        some = said[start : start + _BATCH]
        with database.writing() as connection:
            connection.execute(insert(wordings), [_wording(number) for number, _ in some])
            connection.execute(insert(texts), [_text(number, said) for number, said in some])
            connection.execute(insert(worded), [_link(number) for number, _ in some])
            begun = time.thread_time()
            index(connection, some)
            used += time.thread_time() - begun
    return used


def _wording(number: int) -> dict[str, object]:
    url = f"https://www.site-{number % 200}.example/{number}.html"
    at = MORNING + timedelta(minutes=number)
    facts = {"key": str(number), "gist": "", "reader": "made 1", "first_at": at, "last_at": at, "novelty": "new"}
    place = {"collection": "default", "source": "made", "urlkey": f"example,site-{number % 200})/{number}.html"}
    return {"id": number, "url": url, "record_id": str(number), **place, **facts}


def _text(number: int, said: str) -> dict[str, object]:
    at = MORNING + timedelta(minutes=number)
    return {
        "record_id": str(number),
        "segment": "s",
        "url": "",
        "at": at,
        "state": "done",
        "content": page_text(said, None, None),
    }


def _link(number: int) -> dict[str, object]:
    return {"record_id": str(number), "wording_id": number, "at": MORNING}


def ask(database: Database, name: str, numbers: Iterable[int]) -> None:
    used, found = [], 0
    for number in numbers:
        begun = time.thread_time()
        found += copies(database, str(number), "https://asked.example/", "").total > 1
        used.append((time.thread_time() - begun) * 1000)
    there = sorted(used)
    shown = " ".join(f"{percentile(there, share):.2f}" for share in (0.5, 0.95, 0.99))
    print(f"{name}: {shown} ms of CPU (median, 95 %, 99 %), {found} of {len(there)} have copies")


def main() -> None:
    arguments = called("benchmarks.similar", __doc__)
    arguments.add_argument("texts", type=int, nargs="?", default=100_000)
    arguments.add_argument("--pages", type=int, default=10_000, help="addresses that say the same notice")
    wanted = arguments.parse_args()
    measure(wanted.texts, wanted.pages)


def measure(count: int, pages: int) -> None:
    print(load())
    said = list(enumerate(made(count), 1))
    for name, of in (
        ("English", [one for _, one in said if " " in one]),
        ("Chinese", [o for _, o in said if " " not in o]),
    ):
        some = of[:_ASKED]
        begun = time.thread_time()
        for one in some:
            sketch(one)
        cost = (time.thread_time() - begun) * 1000 / len(some)
        size = statistics.mean(len(one.encode()) for one in some)
        print(f"sketch of a text, {name}, {size / 1000:.1f} KB: {cost:.3f} ms of CPU")
    with tempfile.TemporaryDirectory() as passing:
        database = open_database(f"sqlite:///{Path(passing) / 'pressmark.db'}")
        used = keep(database, said, sketch_and_index)
        print(f"sketch and rows: {used * 1000 / count:.3f} ms of CPU a text")
        notice = " ".join(f"notice{n} of the guard" for n in range(60))
        keep(database, [(count + 1 + n, notice) for n in range(pages)], sketch_and_index)
        print(f"{_octets(database) / (count + pages):.0f} octets a text")
        chance = random.Random(4)
        ask(database, "copies of a text", [chance.randrange(1, count + 1) for _ in range(_ASKED)])
        ask(database, "copies of a reprint", [chance.randrange(1, count // 10 + 1) * 10 for _ in range(_ASKED)])
        ask(database, f"copies of a notice that {pages} addresses say", [count + 1] * 50)
        database.close()
    print(load())


def _octets(database: Database) -> int:
    """What the two tables take, freed by taking them away."""
    pages, free = text("PRAGMA page_count"), text("PRAGMA freelist_count")
    with database.writing() as connection:
        before = connection.execute(free).scalar_one()
        connection.execute(text("SAVEPOINT measured"))
        connection.execute(text("DELETE FROM bands"))
        connection.execute(text("DELETE FROM sketches"))
        after = connection.execute(free).scalar_one()
        connection.execute(text("ROLLBACK TO measured"))
        assert connection.execute(pages).scalar_one() > after
        return int(after - before) * int(connection.execute(text("PRAGMA page_size")).scalar_one())


if __name__ == "__main__":
    main()
