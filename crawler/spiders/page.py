"""The seeds alone, with what they need to be displayed."""

from __future__ import annotations

from crawler.spiders.walk import Walk


class PageWalk(Walk):
    """Follows nothing."""
