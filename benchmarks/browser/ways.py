"""One way to get the pages, in a separate process: ``python -m benchmarks.browser.ways WAY URL PAGES DIRECTORY``.

browser: our run with `fetch: browser`, with records and index; http: the same with `fetch: http`; playwright: each page
in a new context, until the network is idle, with its document and a picture of it, and nothing archived.
"""

from __future__ import annotations

import base64
import os
import shutil
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import uvloop

from benchmarks.crawl.ours import LOOPBACK, Meter, archive
from benchmarks.machine import called
from config.source import Source
from crawler.policy.order import Order, Outcome


def ours(urls: Sequence[str], directory: Path, mode: str) -> None:
    politeness = {"delay": timedelta(), "concurrency": 6, "robots": "ignore"}
    facts = {"source": "benchmark", "seeds": urls, "walk": "page", "fetch": mode, "politeness": politeness}
    source = Source.model_validate(facts | {"addresses": ["127.0.0.0/8"]})
    order = Order("benchmark", source, frontier=directory / "frontier.db", permissions=LOOPBACK)
    with archive(directory, Meter()) as crawls:

        async def crawl() -> Outcome:
            return await crawls.crawl(order)

        outcome = uvloop.run(crawl())
    assert (outcome.pages, outcome.failures) == (len(urls), 0), outcome


def playwright(urls: Sequence[str], directory: Path) -> None:
    from playwright.sync_api import sync_playwright

    flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=flags)
        for number, url in enumerate(urls):
            context = browser.new_context(viewport={"width": 1280, "height": 1024})
            page = context.new_page()
            page.goto(url)
            page.wait_for_load_state("networkidle")
            (directory / f"{number}.html").write_text(page.content())
            protocol = context.new_cdp_session(page)  # Playwright itself makes no WebP
            size = protocol.send("Page.getLayoutMetrics")["cssContentSize"]
            clip = {"x": 0, "y": 0, "width": 1280, "height": size["height"], "scale": 1}
            asked = {"format": "webp", "quality": 60, "captureBeyondViewport": True, "clip": clip}
            made = protocol.send("Page.captureScreenshot", asked)
            (directory / f"{number}.webp").write_bytes(base64.b64decode(made["data"]))
            context.close()
        browser.close()


def main(way: str, url: str, pages: int, directory: Path) -> None:
    urls = [f"{url}/p/{number}" for number in range(pages)]
    if way == "playwright":
        playwright(urls, directory)
    else:
        ours(urls, directory, way)


if __name__ == "__main__":
    arguments = called("benchmarks.browser.ways", __doc__)
    arguments.add_argument("way", choices=("browser", "http", "playwright"))
    arguments.add_argument("url")
    arguments.add_argument("pages", type=int)
    arguments.add_argument("directory", type=Path)
    main(**vars(arguments.parse_args()))
