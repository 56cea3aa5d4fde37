"""What a fetch of something outside the frontier, robots.txt or a login, needs of its run."""

from __future__ import annotations

from typing import Protocol

from config.source import Source
from crawler.frontier.acknowledgement import Settling
from crawler.frontier.fetch_queue import Agenda
from crawler.frontier.page_fetch import Fetch
from crawler.policy.politeness import Guest
from crawler.policy.shared import Parts
from crawler.run.requests import Requests
from crawler.run.run_log import RunLog


class Fetching(Protocol):
    """One run, as far as such a fetch goes. `crawler.engine.crawl.Crawl` is one."""

    source: Source
    parts: Parts
    guest: Guest
    requests: Requests
    settling: Settling
    agenda: Agenda
    log: RunLog

    def fetch(self, host: str, *, secret: bool = False) -> Fetch:
        """Begin a fetch."""
        ...

    def wake(self) -> None:
        """Have the engine ask for the next request."""
