"""Debian's Chromium, driven by playwright, and a service whose archive holds pages of strangers."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest
from browser.strangers import Stranger
from journeys.household import QUICK, Household, Served
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from specimens.segments import SegmentFile

from config.settings import load_settings
from pressmark.service.assembly import open_pressmark

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
TOKEN = "a token of these tests, and of nothing else"
PATIENCE = 120_000
"""The longest wait for anything in milliseconds: machines are busy."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@contextmanager
def launched(*flags: str) -> Iterator[Browser]:
    """Start Chromium with the usual flags and the given ones."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("chromium is not installed: apt-get install chromium")
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, headless=True, args=[*FLAGS, *flags])
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    opened = browser.new_context()
    opened.set_default_timeout(PATIENCE)
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture
def stranger() -> Iterator[Stranger]:
    """A live server that must get no request from readers of its archived pages."""
    with Stranger() as server:
        yield server


@pytest.fixture(scope="module")
def keep(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path, Callable[[SegmentFile], None]], None]:
    """Import a WARC into the archive of a home, as one from elsewhere."""

    def take_in(home: Path, write: Callable[[SegmentFile], None]) -> None:
        directory = tmp_path_factory.mktemp("warc")
        segment = SegmentFile(directory, f"20260131T120000Z-1-0-{directory.name[-4:]:0>4}")
        write(segment)
        with open_pressmark(load_settings({"home": str(home), "spool.ballast": "0B"})) as service:
            service.archive.ingest(segment.path)

    return take_in


@contextmanager
def serving(home: Path, **settings: str) -> Iterator[Served]:
    """A service that requires a token. `settings` are environment variables without their prefix."""
    more = {f"PRESSMARK_{name}": value for name, value in settings.items()}
    with Household(home, {**QUICK, "PRESSMARK_TOKEN": TOKEN, **more}).serving() as served:
        yield served


def session_of(served: Served) -> Any:
    """Return the cookie of a logged-in user."""
    answer = served.ask("POST", "/login", form=f"token={quote_plus(TOKEN)}")
    name, _, value = answer.headers["Set-Cookie"].partition(";")[0].partition("=")
    return {"name": name, "value": value, "url": served.url, "httpOnly": True, "sameSite": "Strict"}
