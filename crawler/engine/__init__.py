"""One run: Scrapy's engine with our scheduler, downloader and recorder, from its start to its outcome.

The worker starts it through `process.Crawls`. It chooses no links: the walks do.
"""
