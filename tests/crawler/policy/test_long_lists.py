"""A page with very many links is read in slices, between which other runs of the process get their turn."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from crawling.crawls import Run, archiving, now, source

from crawler.engine.crawl import Crawl
from crawler.frontier.frontier import Frontier
from crawler.policy.rows import Role, Row
from crawler.policy.shared import Parts
from crawler.spiders import SPIDERS
from extractor.html.page import Page

SITE = "http://a.example"
MANY = 3_000


def sitemap(host: str) -> bytes:
    entries = (f"<url><loc>{host}/{number}</loc><lastmod>2026-11-24</lastmod></url>" for number in range(MANY))
    return f"<urlset>{''.join(entries)}</urlset>".encode()


def anchors(host: str) -> bytes:
    return "".join(f"<a href='{host}/{number}'>x</a>" for number in range(MANY)).encode()


@pytest.mark.parametrize("host", [SITE, "http://outside.example"])
@pytest.mark.parametrize(
    ("walk", "role", "body", "type"),
    [("sitemap", Role.SITEMAP, sitemap, "application/xml"), ("site", Role.PAGE, anchors, "text/html")],
)
def test_very_many_links_are_let_in_in_slices(
    tmp_path: Path, walk: str, role: Role, body: Callable[[str], bytes], type: str, host: str
) -> None:
    url = f"{SITE}/list"
    row = Row(1, url, 1, role, 0, 0, 0, 1, None, None, None, None)
    with archiving() as archive:
        order = Run(tmp_path, archive).order(source(url, walk=walk))
        crawl = Crawl(order, Parts(archive, archive, now), lambda: None, Frontier(order.frontier))
        reader = SPIDERS[walk](crawl)

        async def turns() -> tuple[int, int]:
            reading, count = asyncio.ensure_future(reader._read(Page(url, body(host), type), row)), 0
            while not reading.done():
                count += 1
                await asyncio.sleep(0)
            return count, len(await reading)

        count, found = asyncio.run(turns())
        crawl.close()
        crawl.frontier.close()

    assert count >= MANY / 100
    assert found + crawl.frontier.tally["dropped:outside"] == MANY
    assert found == (MANY if host == SITE else 0)
