"""A browser that stops answering holds nothing, and one whose start is cancelled leaves nothing."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest
from crawling.crawls import processes_in as processes
from services.waiting import eventually

from crawler.browser import browser as of_runs
from crawler.browser.browser import Browser
from crawler.browser.chromium import Chromium
from crawler.browser.devtools import Devtools
from crawler.browser.messages import Asked, NotFetched
from crawler.policy.answers import Answered
from crawler.policy.shared import BrowserLimits

pytestmark = pytest.mark.system

PAGE = Answered(200, ((b"Content-Type", b"text/html"),), b"<!doctype html><title>t</title><p>text")
_ENDS = 120.0


async def refuse(asked: Asked) -> Answered:
    raise NotFetched("no")


@pytest.mark.costly
def test_a_page_is_drawn_when_the_browser_stopped_before_it(tmp_path: Path) -> None:
    async def main() -> str:
        browser = Browser(tmp_path / "p.browser", BrowserLimits(answers=20))
        try:
            await browser.draw("http://a.example/1", PAGE, refuse)
            assert browser.process is not None
            os.killpg(browser.process, signal.SIGSTOP)
            return (await browser.draw("http://a.example/2", PAGE, refuse)).html
        finally:
            await browser.close()

    assert "<p>text" in asyncio.run(asyncio.wait_for(main(), _ENDS))
    assert eventually(lambda: not processes(tmp_path)), "its crash handlers end by themselves"


def test_a_page_is_kept_when_the_browser_stops_after_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    close = of_runs.close_page

    async def main() -> tuple[str, int | None]:
        browser = Browser(tmp_path / "p.browser", BrowserLimits(answers=20))

        async def stop_and_close(devtools: Devtools) -> None:
            assert browser.process is not None
            os.killpg(browser.process, signal.SIGSTOP)
            await close(devtools)

        monkeypatch.setattr(of_runs, "close_page", stop_and_close)
        try:
            return (await browser.draw("http://a.example/1", PAGE, refuse)).html, browser.process
        finally:
            await browser.close()

    html, process = asyncio.run(asyncio.wait_for(main(), _ENDS))

    assert "<p>text" in html
    assert process is None
    assert eventually(lambda: not processes(tmp_path)), "its crash handlers end by themselves"


def test_a_start_that_is_cancelled_leaves_no_process(tmp_path: Path) -> None:
    mute = tmp_path / "mute"
    mute.write_text("#!/bin/sh\nsleep 300\n")
    mute.chmod(0o755)
    directory = tmp_path / "p.browser"

    async def main() -> None:
        starting = asyncio.ensure_future(Chromium.start(str(mute), directory, lambda event: None))
        async with asyncio.timeout(_ENDS / 2):
            while not processes(directory):
                await asyncio.sleep(0.01)
        starting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await starting

    asyncio.run(main())

    assert eventually(lambda: not processes(directory))
    assert not directory.exists()
