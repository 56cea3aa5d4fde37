"""When to crawl, and the results of the crawls."""
