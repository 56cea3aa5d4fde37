from __future__ import annotations

from datetime import UTC, datetime

import pytest
from scrapy.http import Response

from archive.values.capture import Context
from archive.values.errors import ArchiveError
from crawler.engine.host_load import note_load
from crawler.frontier.page_fetch import Fetch
from crawler.policy.politeness import Politeness
from crawler.policy.shared import Receipt

NOW = datetime(2026, 1, 31, tzinfo=UTC)


class Nowhere:
    def acknowledged(self, fetch: Fetch, receipt: Receipt) -> None: ...
    def failed(self, error: Exception | ArchiveError) -> None: ...
    def commit(self) -> None: ...


def wait_after(*answers: tuple[str, int, dict[str, str]]) -> float:
    """Return the seconds that a host is left alone after answers: URL, status, header."""
    client = Politeness(clock=lambda: 0.0).politeness_client(lambda host: None)
    fetch = Fetch(Nowhere(), "h", Context("news", "gazette", "run-1"), lambda fetch, result: None)
    for url, status, headers in answers:
        note_load(fetch, Response(url, status=status, headers=headers), client, pause=5.0, now=NOW)
    return client.wait_for("h", delay=0.0, concurrency=1)


@pytest.mark.parametrize("status", [429, 503])
def test_a_host_that_is_overloaded_is_left_alone_as_long_as_it_asks(status: int) -> None:
    assert wait_after(("http://h/a", status, {"Retry-After": "30"})) == 30


def test_a_host_that_names_no_time_is_left_alone_for_a_pause() -> None:
    assert wait_after(("http://h/a", 503, {})) >= 5.0


def test_other_answers_pause_nothing() -> None:
    assert wait_after(("http://h/a", 200, {}), ("http://h/b", 404, {"Retry-After": "30"})) == 0


def test_one_page_pauses_its_host_for_a_minute_at_most_and_a_second_one_for_longer() -> None:
    long = {"Retry-After": "600"}

    assert wait_after(("http://h/a", 429, long)) == 60
    assert wait_after(("http://h/a", 429, long), ("http://h/b", 429, long)) == 600
    assert wait_after(("http://h/a", 429, long), ("http://h/c", 200, {}), ("http://h/b", 429, long)) == 60
