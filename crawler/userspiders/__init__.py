"""Scrapy spiders of the user's own, as sources: their code runs in a child process, and the worker fetches for it.

`crawler.process` starts them. No code of a user runs in the worker.
"""
