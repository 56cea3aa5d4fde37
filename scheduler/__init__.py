"""When to crawl, and what came of it."""
