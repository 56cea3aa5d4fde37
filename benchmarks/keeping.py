"""``python -m benchmarks.keeping [CAPTURES]``: ingest WARCs, and rebuild the index from the store.

It measures both with rows alone, and with a text of 2.7 KB for one page in five: its row, words and sketch. Text
extraction is not included: see ``benchmarks.reading``. CPU is that of the process with all threads.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from archive.archive import Archive
from archive.database.engine import Database, open_database
from archive.index.index import Index
from archive.intake.ingest import ReadTexts
from archive.intake.rebuild import Rebuild
from archive.spool.sealed import Sealed
from archive.store.local import LocalStore
from archive.texts.texts import TextRow, Texts
from archive.values.urlkey import urlkey
from archive.warc.facts import captures_of
from archive.warc.record import read
from benchmarks.machine import called, load
from benchmarks.retrieval.made import MORNING, VERSIONS, make
from benchmarks.search.made import tongues


def now() -> datetime:
    return MORNING


def telling(what: str, work: Callable[[], int]) -> None:
    wall, cpu = time.perf_counter(), time.process_time()
    count = work()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(f"{what:48}{count / wall:10.0f} a second{count / cpu:10.0f} a CPU second   {load()}", flush=True)


def with_texts() -> ReadTexts:
    """Return a function that gives a unique text to the first capture of each page. Texts are made in advance."""
    chance = random.Random(3)
    said = [tongue.text(chance) for tongue in tongues() for _ in range(500)]

    def texts_of(sealed: Sealed) -> Sequence[TextRow]:
        with sealed.path.open("rb") as file:
            first = list(captures_of(read(file), sealed.name, sealed.collection, urlkey))[::VERSIONS]
        facts = {"extractor": "made", "version": "1", "language": "en", "title": "A page"}
        return [
            TextRow(
                one.record_id, sealed.name, one.url, one.at, one.digest, "done", text=f"{said[n % 1000]} {n}", **facts
            )
            for n, one in enumerate(first)
        ]

    return texts_of


def keep(home: Path, warcs: Sequence[Path], read_texts: ReadTexts | None, name: str) -> None:
    """Ingest WARCs, then rebuild their index in another database."""
    store = LocalStore(home / "store")

    def taken() -> int:
        database = fresh(home / "first.db")
        archive = Archive(Index(database, now=now), Texts(database), store, read_texts=read_texts)
        count = sum(archive.ingest(warc).captures for warc in warcs)
        database.close()
        return count

    def rebuilt() -> int:
        database = fresh(home / "again.db")
        done = Rebuild(store, Index(database, now=now)).run()
        database.close()
        assert not done.findings, done.findings
        return done.captures

    telling(f"taken in, {name}", taken)
    telling(f"rebuilt, {name}", rebuilt)


def fresh(file: Path) -> Database:
    file.parent.mkdir(parents=True, exist_ok=True)
    return open_database(f"sqlite:///{file}")


def main() -> None:
    arguments = called("benchmarks.keeping", __doc__)
    arguments.add_argument("captures", type=int, nargs="?", default=20_000)
    wanted = arguments.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        home = Path(directory)
        scratch = fresh(home / "scratch.db")
        make(home, wanted.captures, Index(scratch, now=now))
        scratch.close()
        warcs = sorted((home / "warcs").iterdir())
        print(f"{wanted.captures} captures in {len(warcs)} WARCs. {load()}", flush=True)
        keep(home / "rows", warcs, None, "rows alone")
        keep(home / "texts", warcs, with_texts(), "with texts")


if __name__ == "__main__":
    main()
