"""Slow down for a host that answers that it is overloaded."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from crawler.frontier.page_fetch import Fetch
from crawler.policy.answers import CROWDED, meaning_of
from crawler.policy.backoff import backoff
from crawler.policy.politeness import PolitenessClient

if TYPE_CHECKING:
    from scrapy.http import Response


def note_load(fetch: Fetch, answer: Response, client: PolitenessClient, *, pause: float, now: datetime) -> None:
    """Pause the host of an answer that says it is overloaded (429, 503); any other answer ends such a pause.

    The host is paused for as long as it asks; else from `pause` seconds on, longer with each attempt.
    """
    if answer.status not in CROWDED:
        client.note_success(fetch.host)
        return
    meaning = meaning_of(answer.status, answer.headers, answer.url, now)
    attempts = fetch.row.attempts if fetch.row else 0
    client.pause(fetch.host, backoff(attempts, pause) if meaning.wait is None else meaning.wait, page=answer.url)
