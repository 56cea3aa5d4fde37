"""Extract metadata of a page: title, authors, dates, section, lead image, paywall.

The readers of articles and threads use it. It never reads the body text.
"""
