"""A browser that has ended has left no process and no file."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from crawling.crawls import processes_in as processes

from crawler.browser.chromium import Chromium

pytestmark = pytest.mark.system


def test_a_browser_that_has_ended_has_left_no_process_and_no_file(tmp_path: Path) -> None:
    own = tmp_path / "run.browser"

    async def left() -> list[int]:
        browser = await Chromium.start("chromium", own, lambda event: None)
        assert processes(own)
        await browser.end()
        return processes(own)

    assert asyncio.run(asyncio.wait_for(left(), 120)) == []
    assert not own.exists()
