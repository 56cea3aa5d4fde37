"""The garbage collector pauses while a page is read, and then continues as before."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from extractor.html.page import Page
from extractor.reading import extract
from extractor.values.collector import resting

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
