"""The garbage collector pauses while a page is read, runs rarely while pages are crawled, and continues as before."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from extractor.html.page import Page
from extractor.reading import extract
from extractor.values.collector import resting, seldom

LONG = Page("http://example.org/", b"<article>" + b"<p>A word <b>in</b> a line of its own.</p>" * 3_000)


@pytest.fixture
def collections() -> Iterator[list[str]]:
    """Record an entry for each run of the collector."""
    ran: list[str] = []

    def note(phase: str, info: dict[str, int]) -> None:
        ran.append(phase)

    gc.callbacks.append(note)
    yield ran
    gc.callbacks.remove(note)


def test_a_long_page_is_read_without_the_collector(collections: list[str]) -> None:
    assert extract(LONG)
    during = list(collections)

    extract.__wrapped__(LONG)  # type: ignore[attr-defined]

    assert during in ([], ["start", "stop"])  # its own run after it continues
    assert len(collections) - len(during) > 10


@pytest.mark.parametrize("on", [True, False])
def test_the_state_of_the_collector_is_restored_even_if_reading_fails(on: bool) -> None:
    try:
        (gc.enable if on else gc.disable)()
        with pytest.raises(ValueError), resting():
            assert not gc.isenabled()
            raise ValueError
        assert gc.isenabled() is on
    finally:
        gc.enable()


def _hold(objects: int) -> list[list[int]]:
    return [[] for _ in range(objects)]


def test_it_comes_seldom_while_pages_are_crawled(collections: list[str]) -> None:
    gc.collect()
    collections.clear()
    assert _hold(20_000)
    as_usual = len(collections)
    collections.clear()

    with seldom():
        assert _hold(20_000)

    assert 0 < len(collections) < as_usual / 5


def test_its_thresholds_are_afterwards_as_they_were_though_a_crawl_fails() -> None:
    before = gc.get_threshold()

    with pytest.raises(ValueError), seldom():
        assert gc.get_threshold() != before
        raise ValueError

    assert gc.get_threshold() == before
