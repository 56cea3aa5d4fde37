"""What a page leads to: links, feeds, sitemaps, listings, pagers, and whether it is worth keeping.

The crawler asks it, the readers of metadata too. It never fetches.
"""
