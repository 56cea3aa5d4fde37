"""What a crawl costs, beside what its peers cost: ``python -m benchmarks.crawl``."""
