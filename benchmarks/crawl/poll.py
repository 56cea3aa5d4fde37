"""A poll of an unchanged feed, in CPU per run in a worker: ``python -m benchmarks.crawl.poll FEED DIRECTORY``."""

from __future__ import annotations

import json
from pathlib import Path

import uvloop

from benchmarks.crawl.cpu import cpu
from benchmarks.crawl.ours import LOOPBACK, Meter, archive, source_of
from benchmarks.machine import called
from crawler.policy.order import Order, Outcome
from pressmark.processes.cores import one_core

POLLS, WARM = 60, 10


def main(feed: str, directory: str) -> None:
    place = Path(directory)
    source = source_of(feed, "feed")
    with one_core(), archive(place, Meter()) as crawls:

        async def poll(number: int) -> Outcome:
            return await crawls.crawl(
                Order(f"poll-{number}", source, frontier=place / f"{number}.db", permissions=LOOPBACK)
            )

        async def polls() -> tuple[float, set[str]]:
            await poll(0)
            for number in range(1, WARM):
                await poll(number)
            began = cpu()
            outcomes = {(await poll(WARM + number)).outcome for number in range(POLLS)}
            return (cpu() - began) * 1000 / POLLS, outcomes

        used, outcomes = uvloop.run(polls())
    print(json.dumps({"ms_per_poll": used, "outcomes": sorted(outcomes)}))


if __name__ == "__main__":
    arguments = called("benchmarks.crawl.poll", __doc__)
    arguments.add_argument("feed")
    arguments.add_argument("directory")
    main(**vars(arguments.parse_args()))
