"""Metrics of fetches: counts by source and result, and durations. No metric names a URL."""

from __future__ import annotations

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


def measure(figures: Figures, fetch: Fetch, outcome: Response | Failure) -> None:
    """Count a download that is over."""
    figures.count(Figure.FETCHES, fetch.context.source, class_of(outcome))
    figures.time(Figure.FETCH_SECONDS, fetch.seconds)


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
