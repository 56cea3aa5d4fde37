"""Cost of a page that a browser draws, compared with Playwright: ``python -m benchmarks.browser``."""
