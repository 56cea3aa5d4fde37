"""The result of a page and its consequence: done, moved, retried, failed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from crawler.frontier.page_fetch import Fetch
from crawler.frontier.result_writer import ResultWriter
from crawler.policy.backoff import backoff
from crawler.policy.rows import FetchResult, Link, State
from crawler.run.run_log import RunLog

_MOST_UNANSWERED = 30
"""Consecutive pages without an answer after which the rest of a host's pages is written off."""


class Verdicts:
    """The calls by which the spider reports the result of a page. Each fetch gets exactly one verdict."""

    def __init__(
        self,
        result_writer: ResultWriter,
        log: RunLog,
        *,
        retries: int,
        pause: float,
        wall: Callable[[], float],
        give_up: Callable[[str], int],
    ) -> None:
        """Set up the verdicts.

        `pause` is the seconds before the first retry; `give_up` writes a host off and returns the number of its URLs.
        """
        self._result_writer, self._log = result_writer, log
        self._retries, self._pause = retries, pause
        self._wall, self._give_up = wall, give_up
        self._unanswered: dict[str, int] = {}

    def done(self, fetch: Fetch, links: Sequence[Link] = (), reason: str | None = None) -> None:
        """Note that a page is done; `reason` says why it was not read, if it wasn't."""
        self._finish(fetch, State.DONE, reason, links)

    def moved(self, fetch: Fetch, target: Link, reason: str) -> None:
        self._finish(fetch, State.REDIRECTED, reason, (target,))

    def again(self, fetch: Fetch, reason: str, wait: float | None = None) -> None:
        """Retry a page later, or fail it after too many attempts.

        `wait` is the time that the server requests, in seconds.
        """
        attempts = fetch.row.attempts + 1 if fetch.row else 1
        seconds = backoff(attempts - 1, self._pause) if wait is None else wait
        if attempts > self._retries:
            self.failed(fetch, reason)
        else:
            self._finish(fetch, State.PENDING, reason, due=self._wall() + seconds, attempts=attempts)

    def failed(self, fetch: Fetch, reason: str) -> None:
        """Note that a page failed permanently."""
        if fetch.row is not None:
            self._log.failure(fetch.row.url, reason)
        self._finish(fetch, State.FAILED, reason)

    def returned(self, fetch: Fetch) -> None:
        """Return a page that was abandoned because the run stops: it counts as never tried."""
        self._finish(fetch, State.PENDING)

    def answered(self, fetch: Fetch) -> None:
        """Note that a host answers."""
        self._unanswered.pop(fetch.host, None)

    def unanswered(self, fetch: Fetch, reason: str) -> None:
        """Note that a host did not answer. After enough consecutive times, nothing more is requested from it."""
        count = self._unanswered[fetch.host] = self._unanswered.get(fetch.host, 0) + 1
        self.again(fetch, reason)
        if count == _MOST_UNANSWERED:
            urls = self._give_up(fetch.host)
            self._log.event("host-given-up", host=fetch.host, urls=urls, unanswered=count, reason=reason)

    def _finish(
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
            self._result_writer.finish(fetch)
        else:
            page = row.page or row.id
            settled = FetchResult(row.id, state, reason, links, page, due, attempts or row.attempts)
            self._result_writer.finish(fetch, settled)
