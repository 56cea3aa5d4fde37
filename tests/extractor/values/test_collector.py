"""The collector of cycles rests while a page is read, and goes on as before."""

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
    """One entry for each time that the collector ran."""
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

    assert during in ([], ["start", "stop"])  # what it does of its own once it goes on
    assert len(collections) - len(during) > 10


@pytest.mark.parametrize("on", [True, False])
def test_it_is_afterwards_as_it_was_though_reading_fails(on: bool) -> None:
    try:
        (gc.enable if on else gc.disable)()
        with pytest.raises(ValueError), resting():
            assert not gc.isenabled()
            raise ValueError
        assert gc.isenabled() is on
    finally:
        gc.enable()
