"""What a fetch outside the frontier (robots.txt, a login) needs of its run."""

from __future__ import annotations

from typing import Protocol

from config.source import Source
from crawler.frontier.fetch_queue import FetchQueue
from crawler.frontier.page_fetch import Fetch
from crawler.frontier.result_writer import ResultWriter
from crawler.policy.order import Ending, Order
from crawler.policy.politeness import PolitenessClient
from crawler.policy.shared import Parts
from crawler.run.requests import Requests
from crawler.run.run_log import RunLog


class FetchContext(Protocol):
    """The part of a run that such a fetch uses. `crawler.engine.crawl.Crawl` implements it."""

    order: Order
    source: Source
    parts: Parts
    politeness_client: PolitenessClient
    requests: Requests
    result_writer: ResultWriter
    fetch_queue: FetchQueue
    log: RunLog
    ending: Ending | None

    def fetch(self, host: str, *, secret: bool = False) -> Fetch:
        """Begin a fetch."""
        ...

    def wake(self) -> None:
        """Make the engine ask for the next request."""
