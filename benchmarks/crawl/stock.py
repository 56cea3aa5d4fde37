"""Stock Scrapy with its LinkExtractor, which keeps nothing: ``python -m benchmarks.crawl.stock SEED``."""

from __future__ import annotations

import json
import resource
from collections.abc import Iterator
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
    first = 0.0
    pages = 0

    def parse(self, response: Response, **_: Any) -> Iterator[scrapy.Request]:
        if not Site.first:
            Site.first = cpu()
        Site.pages += 1
        for link in self.links.extract_links(response):  # type: ignore[arg-type]
            yield response.follow(link)


def main(seed: str) -> None:
    process = CrawlerProcess(
        {"LOG_LEVEL": "ERROR", "CONCURRENT_REQUESTS": 16, "CONCURRENT_REQUESTS_PER_DOMAIN": 16, "ROBOTSTXT_OBEY": True}
    )
    process.crawl(Site, start_urls=[seed])
    process.start()
    print(
        json.dumps(
            {
                "pages": Site.pages,
                "ms_per_page": (cpu() - Site.first) * 1000 / (Site.pages - 1),
                "start_up_ms": Site.first * 1000,
                "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            }
        )
    )


if __name__ == "__main__":
    arguments = called("benchmarks.crawl.stock", __doc__)
    arguments.add_argument("seed")
    main(**vars(arguments.parse_args()))
