"""The kinds of walk, by the name that a source calls them: which links of a page are followed.

The engine runs them. A walk fetches nothing itself, and sees its run as `run.Run`.
"""

from __future__ import annotations

from crawler.spiders.feed import FeedWalk
from crawler.spiders.forum import ForumWalk
from crawler.spiders.listing import ListingWalk
from crawler.spiders.page import PageWalk
from crawler.spiders.series import SeriesWalk
from crawler.spiders.site import SiteWalk
from crawler.spiders.sitemap import SitemapWalk
from crawler.spiders.walk import Walk

SPIDERS: dict[str, type[Walk]] = {
    "page": PageWalk,
    "site": SiteWalk,
    "listing": ListingWalk,
    "feed": FeedWalk,
    "sitemap": SitemapWalk,
    "forum": ForumWalk,
    "series": SeriesWalk,
}
