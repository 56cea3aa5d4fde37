"""Parse pages into trees that are safe to read: limits for hostile markup, queries, class words, regions.

All readers of HTML use it. It does not interpret the content of a page.
"""
