"""Our whole path, in a separate process: ``python -m benchmarks.crawl.ours SEED DIRECTORY``.

The recording download handler, the frontier, link extraction, records with their digests, the group commit with its
fsyncs, index rows and urlkeys: what `pressmark run` does, except shipping. It reports its CPU by resource usage,
including threads; start-up is the time before the first page is acknowledged.
"""

from __future__ import annotations

import json
import resource
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

import uvloop

from archive.database.engine import open_database
from archive.index.index import Index
from archive.spool.recorder import Receipt, Recorder
from archive.spool.sealed import Sealed
from archive.spool.spool import Spool
from benchmarks.crawl.cpu import cpu
from benchmarks.machine import called
from config.groups.permissions import Allow, Permissions
from config.source import Source
from crawler.policy.order import Order, Outcome
from crawler.process import Crawls
from extractor.values.collector import seldom
from pressmark.processes.cores import one_core
from pressmark.processes.indexer import Indexer

LOOPBACK = Permissions(Allow(addresses=(ip_network("127.0.0.0/8"),)))
"""Permits the sites that are measured."""


def now() -> datetime:
    return datetime.now(UTC)


class Meter:
    """CPU between the first acknowledged page and the end."""

    def __init__(self) -> None:
        self.first = 0.0
        self.pages = 0

    def hear(self, receipts: Sequence[Receipt]) -> None:
        if not self.first:
            self.first, self.pages = cpu(), -len(receipts)
        self.pages += len(receipts)


@contextmanager
def archive(
    directory: Path, meter: Meter, sealed: Callable[[Sealed], object] = lambda sealed: None
) -> Iterator[Crawls]:
    """Create spool, recorder and index with its thread, as in a worker."""
    database = open_database(f"sqlite:///{directory}/pressmark.db")
    index = Index(database, now=now)
    spool = Spool(directory / "spool", worker="benchmark", epoch=1, now=now, ballast=0)

    def opened(name: str, path: Path, collection: str) -> None:
        index.opened(name, collection=collection, worker="benchmark", epoch=1, path=path, at=now())

    indexer = Indexer(index, opened=opened, sealed=sealed)
    thread = threading.Thread(target=indexer.run, daemon=True)
    thread.start()

    def acknowledged(receipts: Sequence[Receipt]) -> None:
        indexer.add([receipt.capture for receipt in receipts if receipt.capture])
        crawls.acknowledged(receipts)
        meter.hear(receipts)

    recorder = Recorder(
        spool, originals=index.originals, acknowledged=acknowledged, opened=indexer.opened, sealed=indexer.sealed
    )
    crawls = Crawls(recorder=recorder, index=index, now=now)
    yield crawls
    indexer.flush(60)
    recorder.close()
    indexer.flush(60)
    indexer.stop()
    thread.join()
    spool.close()
    database.close()


def source_of(seed: str, walk: str = "site") -> Source:
    politeness = {"delay": timedelta(), "concurrency": 16}
    facts = {"source": "benchmark", "seeds": [seed], "walk": walk, "politeness": politeness}
    return Source.model_validate(facts | {"addresses": ["127.0.0.0/8"]})


def main(seed: str, directory: str) -> None:
    meter = Meter()
    place = Path(directory)
    outcomes: list[Outcome] = []
    with one_core(), seldom(), archive(place, meter) as crawls:

        async def crawl() -> Outcome:
            return await crawls.crawl(
                Order("benchmark", source_of(seed), frontier=place / "frontier.db", permissions=LOOPBACK)
            )

        outcomes.append(uvloop.run(crawl()))
    used = cpu() - meter.first
    print(
        json.dumps(
            {
                "pages": outcomes[0].pages,
                "outcome": outcomes[0].outcome,
                "ms_per_page": used * 1000 / meter.pages,
                "start_up_ms": meter.first * 1000,
                "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            }
        )
    )


if __name__ == "__main__":
    arguments = called("benchmarks.crawl.ours", __doc__)
    arguments.add_argument("seed")
    arguments.add_argument("directory")
    main(**vars(arguments.parse_args()))
