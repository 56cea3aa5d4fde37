"""Pages drawn by scripts, shown by Chromium. It makes no connection: each of its requests is fetched by the worker.

`crawler.engine.drawing` uses it. Nothing here is imported for a source that does without a browser.
"""
