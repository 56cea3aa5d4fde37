"""Read where a page leads: links, feeds, sitemaps, listings, pagers; and decide whether it is the page.

The crawler and the readers of metadata use it. It never fetches.
"""
