"""A process that crawls, to be killed: ``python -m crawling.victim SEED FRONTIER KEPT [MANNER]``.

KEPT gets the URL of every exchange before it is acknowledged. The outcome is the last line of the output. The manner
`doomed` kills itself right after the frontier has settled pages with links, a quarter of the way. `careless` does so
too, and saves links later than the pages they are on, as crawlers do that keep the two apart. `halved` kills itself
when the first links of a page with more are saved; `hasty` does so too, and counts that page as done.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from crawling.crawls import LOOPBACK, now, source
from crawling.memory import MemoryArchive, Receipt

from archive.values.capture import Capture, Context
from archive.warc.derived import Derived
from archive.warc.exchange import Exchange
from crawler.frontier.frontier import Frontier
from crawler.policy.order import Order
from crawler.policy.rows import FetchResult, Link, State
from crawler.process import Crawls


class FileArchive(MemoryArchive):
    """Writes down what it archives before it acknowledges it."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        super().__init__(wait=0.03)

    def latest_many(self, collection: str, urls: Sequence[str]) -> Mapping[str, Capture]:
        return {}

    def _keep(self, exchange: Exchange | Derived, context: Context, token: object) -> Receipt:
        url = exchange.url if isinstance(exchange, Derived) else exchange.request.url
        os.write(self._file, f"{url}\n".encode())
        return super()._keep(exchange, context, token)


settle = Frontier.write_results
late: list[Link] = []


def doomed_settle(frontier: Frontier, settled: Sequence[FetchResult]) -> set[int]:
    """Run `Frontier.write_results`, and end the process once 250 pages are settled and the last of them had links."""
    taken = settle(frontier, settled)
    die_after(250, frontier, settled)
    return taken


def careless_settle(frontier: Frontier, settled: Sequence[FetchResult]) -> set[int]:
    """Do what `Frontier.write_results` must not do: let links wait while there is enough other work."""
    late.extend(link for one in settled for link in one.links)
    settle(frontier, [one._replace(links=()) for one in settled])
    die_after(250, frontier, settled)
    if frontier.states[State.PENDING] < 20:
        frontier.add(late)
        late.clear()
    return set(frontier.waiting())


def die_after(pages: int, frontier: Frontier, settled: Sequence[FetchResult]) -> None:
    if frontier.states[State.DONE] >= pages and any(one.links for one in settled):
        os.kill(os.getpid(), signal.SIGKILL)


def halved_settle(frontier: Frontier, settled: Sequence[FetchResult]) -> set[int]:
    """Run `Frontier.write_results`, and end the process in the middle of the links of a page."""
    taken = settle(frontier, settled)
    if any(one.state is State.LEASED for one in settled):
        os.kill(os.getpid(), signal.SIGKILL)
    return taken


def hasty_settle(frontier: Frontier, settled: Sequence[FetchResult]) -> set[int]:
    """Tell `Frontier.write_results` what is wrong: that a page is done with the first of its links."""
    taken = settle(frontier, [one._replace(state=State.DONE) for one in settled])
    if any(one.state is State.LEASED for one in settled):
        os.kill(os.getpid(), signal.SIGKILL)
    return taken


MANNERS = {
    "": settle,
    "doomed": doomed_settle,
    "careless": careless_settle,
    "halved": halved_settle,
    "hasty": hasty_settle,
}


def main(seed: str, frontier: str, kept: str, manner: str = "") -> None:
    Frontier.write_results = MANNERS[manner]  # type: ignore[method-assign]
    archive = FileArchive(Path(kept))
    crawls = Crawls(recorder=archive, index=archive, now=now, backoff=0.05)
    archive.acknowledged = crawls.acknowledged
    of = source(seed, walk="site", politeness={"concurrency": 8})
    order = Order("killed", of, frontier=Path(frontier), permissions=LOOPBACK)
    print(asyncio.run(crawls.crawl(order)).outcome)


if __name__ == "__main__":
    main(*sys.argv[1:])
