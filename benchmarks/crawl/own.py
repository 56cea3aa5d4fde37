"""A user's spider as a source, in a separate process: ``python -m benchmarks.crawl.own SEED NOTHING DIRECTORY``.

The spider of `benchmarks.crawl.stock` in its child, with all that a worker does for it: fetching, recording, index. CPU
is that of both processes. NOTHING is a page without links: a run of it alone gives the start-up, which is subtracted.
"""

from __future__ import annotations

import json
import resource
from datetime import timedelta
from pathlib import Path

import uvloop

from benchmarks.crawl.cpu import cpu
from benchmarks.crawl.ours import LOOPBACK, Meter, archive
from benchmarks.machine import called
from config.source import Source
from crawler.policy.order import Order, Outcome
from crawler.process import Crawls
from extractor.values.collector import seldom
from pressmark.processes.cores import one_core


def source_of(seed: str) -> Source:
    facts = {"source": "own", "spider": "benchmarks.crawl.stock:Site", "arguments": {"seed": seed}}
    politeness = {"delay": timedelta(), "concurrency": 16}
    return Source.model_validate(facts | {"addresses": ["127.0.0.0/8"], "politeness": politeness})


def crawled(crawls: Crawls, seed: str, place: Path) -> tuple[Outcome, float]:
    """Crawl in a child, and wait for its end. Return the outcome, and the CPU seconds of this process and the child."""
    place.mkdir()
    before = cpu() + cpu(resource.RUSAGE_CHILDREN)
    order = Order(
        place.name, source_of(seed), frontier=place / "f.db", spiders=place, items=place / "items", permissions=LOOPBACK
    )
    outcome = uvloop.run(crawls.crawl(order))
    return outcome, cpu() + cpu(resource.RUSAGE_CHILDREN) - before


def main(seed: str, nothing: str, directory: str) -> None:
    place = Path(directory)
    with one_core(), seldom(), archive(place, Meter()) as crawls:
        _, start_up = crawled(crawls, nothing, place / "one")
        outcome, whole = crawled(crawls, seed, place / "all")
    found = {"pages": outcome.pages, "outcome": outcome.outcome, "start_up_ms": start_up * 1000}
    print(json.dumps(found | {"ms_per_page": (whole - start_up) * 1000 / (outcome.pages - 1)}))


if __name__ == "__main__":
    arguments = called("benchmarks.crawl.own", __doc__)
    arguments.add_argument("seed")
    arguments.add_argument("nothing")
    arguments.add_argument("directory")
    main(**vars(arguments.parse_args()))
