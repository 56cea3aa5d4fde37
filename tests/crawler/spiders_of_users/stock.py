"""A spider under stock Scrapy: ``python stock.py FILE.py:SPIDER BASE`` prints its items, a JSON object a line."""

from __future__ import annotations

import importlib
import json
import sys
from typing import Any

from itemadapter import ItemAdapter
from scrapy import signals
from scrapy.crawler import AsyncCrawlerProcess


def main(name: str, base: str) -> None:
    process = AsyncCrawlerProcess({"LOG_ENABLED": False, "RETRY_TIMES": 1, "DOWNLOAD_DELAY": 0})
    file, _, spider = name.partition(":")
    crawler = process.create_crawler(getattr(importlib.import_module(file.removesuffix(".py")), spider))

    def scraped(item: Any) -> None:
        print(json.dumps(ItemAdapter(item).asdict()))

    crawler.signals.connect(scraped, signals.item_scraped)
    process.crawl(crawler, base=base)
    process.start()


if __name__ == "__main__":
    main(*sys.argv[1:])
