"""Forty pages and more, each of one line with one way out: none leads anywhere when its archived copy is shown."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from browser.conftest import serving, session_of
from browser.strangers import Stranger
from conftest import figure
from journeys.household import Served
from playwright.sync_api import Error, Page
from services.waiting import eventually
from specimens.segments import SegmentFile, answered

pytestmark = [pytest.mark.system, pytest.mark.slow]

LINES = (Path(__file__).parent / "harms" / "forty.txt").read_text().splitlines()
TRIED = figure(4, len(LINES), len(LINES))
GRACE = 400
"""Milliseconds that a page gets to do its harm after it has loaded."""


def told(line: str, stranger: Stranger, served: Served) -> str:
    """Return a page that requests its own number from the stranger."""
    away = stranger.url
    said = line.replace("STRANGERHOST", away.removeprefix("http://")).replace("STRANGER", away)
    return f"<!doctype html><title>threat</title>{said.replace('ARCHIVE', served.url)}"


@pytest.fixture(scope="module")
def archive(
    tmp_path_factory: pytest.TempPathFactory, keep: Callable[[Path, Callable[[SegmentFile], None]], None]
) -> Iterator[tuple[Served, Stranger]]:
    home = tmp_path_factory.mktemp("forty") / "home"
    home.mkdir()
    with Stranger() as stranger, serving(home, REPLAY__SCRIPTS="true") as served:

        def write(segment: SegmentFile) -> None:
            for number, line in enumerate(LINES, 1):
                body = told(line, stranger, served).encode()
                fields = ("Content-Type: text/html; charset=utf-8",)
                segment.write(answered(f"http://kept.example/{number}", body, headers=fields))

        keep(home, write)
        yield served, stranger


@pytest.mark.parametrize("way", ["snapshot", "view/scripts"])
def test_no_page_of_forty_requests_anything_from_the_live_web(
    archive: tuple[Served, Stranger], page: Page, way: str
) -> None:
    served, stranger = archive
    page.context.add_cookies([session_of(served)])
    assert len(LINES) >= 40
    numbers = sorted(random.SystemRandom().sample(range(1, len(LINES) + 1), TRIED))
    harmed = {}
    for number in numbers:
        stranger.asked.clear()
        page.goto(f"{served.url}/{way}/latest/http://kept.example/{number}")
        page.frame_locator("iframe.replay").locator("body:not(:has(#told))").wait_for(state="attached")
        page.wait_for_timeout(GRACE)
        if stranger.asked:
            harmed[LINES[number - 1]] = list(stranger.asked)

    assert harmed == {}
    assert stranger.cookies == []


def test_each_page_of_forty_does_so_where_nothing_guards_it(archive: tuple[Served, Stranger], page: Page) -> None:
    served, stranger = archive
    for number in sorted(random.SystemRandom().sample(range(1, len(LINES) + 1), TRIED)):
        address = stranger.has(f"/unguarded/{number}", told(LINES[number - 1], stranger, served))
        stranger.asked.clear()
        eventually(lambda address=address: led(page, address), within=60)  # type: ignore[misc]
        eventually(lambda number=number: heard(page, stranger, number), within=60)  # type: ignore[misc]


def led(page: Page, address: str) -> bool:
    """Go to an address; return False if the page before it led elsewhere meanwhile."""
    try:
        page.goto(address, wait_until="commit")
    except Error as error:
        if "interrupted by another navigation" in str(error):
            return False
        raise
    return True


def heard(page: Page, stranger: Stranger, number: int) -> bool:
    """Return whether the page of this number has reached the stranger."""
    page.wait_for_timeout(50)
    return any(target.strip("/").partition("?")[0].partition("/")[0] == str(number) for target in stranger.asked)
