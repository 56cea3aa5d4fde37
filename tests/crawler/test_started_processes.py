"""What a crawl starts uses all cores: the threads of the crawl keep to one, and a browser has many processes."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path

import pytest

from archive.values.core_affinity import kept_to
from crawler.browser.chromium import Chromium
from crawler.media.finder import MediaFinder
from crawler.userspiders.process import SpiderProcess

CORES = os.sched_getaffinity(0)
pytestmark = [pytest.mark.costly, pytest.mark.skipif(len(CORES) < 2, reason="needs two cores")]


async def browser(directory: Path) -> tuple[int, Chromium]:
    if shutil.which("chromium") is None:
        pytest.skip("chromium is not installed (apt-get install chromium)")
    started = await Chromium.start("chromium", directory, lambda event: None)
    return started.process, started


async def spider(directory: Path) -> tuple[int, SpiderProcess]:
    started = await SpiderProcess.start(1 << 30, directory.with_suffix(".said"))
    return started._process.pid, started


@pytest.mark.parametrize("start", [browser, spider])
def test_a_browser_and_a_spider_have_all_cores_though_the_crawl_keeps_to_one(start: object, tmp_path: Path) -> None:
    assert callable(start)

    async def live() -> set[int]:
        pid, started = await start(tmp_path / "own")
        try:
            return os.sched_getaffinity(pid)
        finally:
            await started.end()

    with kept_to(min(CORES)):
        assert asyncio.run(live()) == CORES
        assert os.sched_getaffinity(0) == {min(CORES)}


def test_yt_dlp_has_all_cores_though_the_crawl_keeps_to_one(tmp_path: Path) -> None:
    pytest.importorskip("yt_dlp")
    finder = MediaFinder(tmp_path / "own")

    async def live() -> set[int]:
        try:
            await finder._start()
            assert finder._process is not None
            return os.sched_getaffinity(finder._process.pid)
        finally:
            await finder.close()

    with kept_to(min(CORES)):
        assert asyncio.run(live()) == CORES
