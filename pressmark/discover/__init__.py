"""Inspection of a site before it becomes a source: feeds, sitemaps, engine, a proposal and a trial fetch.

`add`, the API and the pages use it. It writes only source files.
"""
