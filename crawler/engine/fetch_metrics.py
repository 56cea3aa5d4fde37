"""Metrics of fetches: counts by source and result, and durations. No metric names a URL."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import TYPE_CHECKING

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
    NotSupported,
    ResponseDataLossError,
)
from twisted.python.failure import Failure

from archive.values.counters import Figure, Figures
from crawler.frontier.page_fetch import Stopped
from crawler.wire.connect import HandshakeFailed
from crawler.wire.guard import AddressForbidden
from crawler.wire.proxy import ProxyRefused

if TYPE_CHECKING:
    from scrapy.http import Response

    from crawler.frontier.page_fetch import Fetch

_CLASSES: tuple[tuple[type[BaseException], str], ...] = (
    (AddressForbidden, "forbidden"),
    (CannotResolveHostError, "dns"),
    (DownloadConnectionRefusedError, "refused"),
    (DownloadTimeoutError, "timeout"),
    (DownloadCancelledError, "too-long"),
    (ResponseDataLossError, "torn"),
    (HandshakeFailed, "tls"),
    (ProxyRefused, "proxy"),
    (Stopped, "stopped"),
    (NotSupported, "unsupported"),
)
_STATUSES = {number: f"{number}xx" for number in range(1, 6)}


_ANSWERS, _ANSWER_MS, _SLOWEST_MS = "answers", "answer-ms", "slowest-ms"
"""What the tally of a run has of its answers: how many, the milliseconds of all, and those of the slowest."""


def measure(
    figures: Figures, fetch: Fetch, outcome: Response | Failure, tally: MutableMapping[str, int] | None = None
) -> None:
    """Count a download that is over, and in the tally of its run how long its answer took."""
    figures.count(Figure.FETCHES, fetch.context.source, class_of(outcome))
    figures.time(Figure.FETCH_SECONDS, fetch.seconds)
    if tally is not None and not isinstance(outcome, Failure):
        taken = round(fetch.seconds * 1000)
        tally[_ANSWERS] = tally.get(_ANSWERS, 0) + 1
        tally[_ANSWER_MS] = tally.get(_ANSWER_MS, 0) + taken
        tally[_SLOWEST_MS] = max(tally.get(_SLOWEST_MS, 0), taken)


def answer_times(tally: Mapping[str, int]) -> dict[str, int] | None:
    """Return how long the answers of a run took, for its log, in milliseconds; None without answers.

    The time of an answer is that from the beginning of its download, with the connection, to its last byte.
    """
    if not (answers := tally.get(_ANSWERS, 0)):
        return None
    mean = round(tally.get(_ANSWER_MS, 0) / answers)
    return {"answers": answers, "mean_ms": mean, "slowest_ms": tally.get(_SLOWEST_MS, 0)}


def class_of(outcome: Response | Failure) -> str:
    """Return the class of a result.

    ``2xx`` to ``5xx`` for an answer, ``odd`` for an answer with another status; otherwise a word for why there is none.
    """
    if not isinstance(outcome, Failure):
        return _STATUSES.get(outcome.status // 100, "odd")
    error = outcome.value
    for each in (error, error and error.__cause__):
        for kind, name in _CLASSES:
            if isinstance(each, kind):
                return name
    return "broken"
