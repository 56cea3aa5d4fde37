"""What came of a page, and what follows from it: done, moved, tried again, failed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from crawler.frontier.acknowledgement import Settling
from crawler.frontier.page_fetch import Fetch
from crawler.policy.answers import backoff
from crawler.policy.rows import Link, Settled, State
from crawler.run.run_log import RunLog

_MOST_UNANSWERED = 30
"""Pages in a row that a host did not answer, after which the rest of its pages is written off."""


class Verdicts:
    """How the spider says what came of a page. Each fetch gets exactly one verdict."""

    def __init__(
        self,
        settling: Settling,
        log: RunLog,
        *,
        retries: int,
        pause: float,
        wall: Callable[[], float],
        give_up: Callable[[str], int],
    ) -> None:
        """`pause` is the seconds before the first retry; `give_up` writes a host off and says how many URLs that is."""
        self._settling, self._log = settling, log
        self._retries, self._pause = retries, pause
        self._wall, self._give_up = wall, give_up
        self._unanswered: dict[str, int] = {}

    def done(self, fetch: Fetch, links: Sequence[Link] = (), reason: str | None = None) -> None:
        """It is through; `reason` says why it was not read, if it wasn't."""
        self._settle(fetch, State.DONE, reason, links)

    def moved(self, fetch: Fetch, target: Link, reason: str) -> None:
        self._settle(fetch, State.REDIRECTED, reason, (target,))

    def again(self, fetch: Fetch, reason: str, wait: float | None = None) -> None:
        """It could not be had now: it is tried later, or has failed when it was tried often enough.

        `wait` is what the server asked for, in seconds.
        """
        attempts = fetch.row.attempts + 1 if fetch.row else 1
        seconds = backoff(attempts - 1, self._pause) if wait is None else wait
        if attempts > self._retries:
            self.failed(fetch, reason)
        else:
            self._settle(fetch, State.PENDING, reason, due=self._wall() + seconds, attempts=attempts)

    def failed(self, fetch: Fetch, reason: str) -> None:
        """It could not be had, for good."""
        if fetch.row is not None:
            self._log.failure(fetch.row.url, reason)
        self._settle(fetch, State.FAILED, reason)

    def returned(self, fetch: Fetch) -> None:
        """It was given up because the run stops, and is as if it had not been tried."""
        self._settle(fetch, State.PENDING)

    def answered(self, fetch: Fetch) -> None:
        """Its host lives."""
        self._unanswered.pop(fetch.host, None)

    def unanswered(self, fetch: Fetch, reason: str) -> None:
        """Its host did not answer. When that is so often enough in a row, nothing more is asked of it."""
        count = self._unanswered[fetch.host] = self._unanswered.get(fetch.host, 0) + 1
        self.again(fetch, reason)
        if count == _MOST_UNANSWERED:
            urls = self._give_up(fetch.host)
            self._log.event("host-given-up", host=fetch.host, urls=urls, unanswered=count, reason=reason)

    def _settle(
        self,
        fetch: Fetch,
        state: State,
        reason: str | None = None,
        links: Sequence[Link] = (),
        *,
        due: float = 0.0,
        attempts: int = 0,
    ) -> None:
        if (row := fetch.row) is None:
            self._settling.settle(fetch)
        else:
            page = row.page or row.id
            settled = Settled(row.id, state, reason, links, page, due, attempts or row.attempts)
            self._settling.settle(fetch, settled)
