"""Scrapy with its LinkExtractor: ``python -m benchmarks.crawl.stock SEED [--archive NAME DIRECTORY]``.

Alone it stores nothing; with `--archive`, an add-on of Scrapy archives all responses. It also runs in the environment
of a peer, so it imports Scrapy and none of our packages.
"""

from __future__ import annotations

import json
import resource
from collections.abc import Iterator, Sequence
from typing import Any

import scrapy
from scrapy.crawler import CrawlerProcess
from scrapy.http import Response
from scrapy.linkextractors import LinkExtractor

from benchmarks.crawl.cpu import cpu
from benchmarks.machine import called


class Site(scrapy.Spider):
    name = "stock"
    links = LinkExtractor()
    first = last = 0.0
    pages = 0

    def __init__(self, seed: str, **facts: Any) -> None:
        super().__init__(**facts)
        self.start_urls = [seed]

    def parse(self, response: Response, **_: Any) -> Iterator[scrapy.Request]:
        if not Site.first:
            Site.first = cpu()
        Site.pages += 1
        Site.last = cpu()
        for link in self.links.extract_links(response):  # type: ignore[arg-type]
            yield response.follow(link)


def archive(name: str, directory: str) -> dict[str, Any]:
    """Return the settings that add an archive to a project, from its documentation."""
    if name == "pressmark":
        return {"ADDONS": {"pressmark.addon.Archive": 500}, "PRESSMARK_HOME": directory}
    webarchive = {"scrapy_webarchive.extensions.WaczExporter": 543}
    return {"EXTENSIONS": webarchive, "SW_EXPORT_URI": f"{directory}/"}


def main(seed: str, archived: Sequence[str] | None) -> None:
    settings = {"CONCURRENT_REQUESTS": 16, "CONCURRENT_REQUESTS_PER_DOMAIN": 16, "ROBOTSTXT_OBEY": True}
    settings |= {"LOG_LEVEL": "ERROR"} | (archive(*archived) if archived else {})
    process = CrawlerProcess(settings)
    process.crawl(Site, seed=seed)
    process.start()
    print(
        json.dumps(
            {
                "pages": Site.pages,
                "ms_per_page": (Site.last - Site.first) * 1000 / (Site.pages - 1),
                "closing_ms_per_page": (cpu() - Site.last + cpu(resource.RUSAGE_CHILDREN)) * 1000 / (Site.pages - 1),
                "start_up_ms": Site.first * 1000,
                "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            }
        )
    )


if __name__ == "__main__":
    arguments = called("benchmarks.crawl.stock", __doc__)
    arguments.add_argument("seed")
    arguments.add_argument("--archive", dest="archived", nargs=2, metavar=("NAME", "DIRECTORY"))
    main(**vars(arguments.parse_args()))
