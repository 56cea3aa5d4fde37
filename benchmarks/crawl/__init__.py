"""Cost of a crawl, compared with peers: ``python -m benchmarks.crawl``."""
