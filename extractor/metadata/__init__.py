"""What a page says of itself: title, authors, dates, section, lead image, paywall.

The readers of articles and threads ask it. It never reads the body text.
"""
