"""Decisions of a crawl without I/O: scope, traps, robots.txt, politeness, what an answer means.

Every room of the crawler asks it. It never fetches, writes or waits.
"""
