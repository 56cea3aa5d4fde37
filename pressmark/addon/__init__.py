"""An add-on for any Scrapy project: ``ADDONS = {"pressmark.addon.Archive": 500}`` keeps what its spiders fetch.

How it is used and what it changes: docs/how-to/scrapy-addon.md.
"""

from pressmark.addon.archive import Archive

__all__ = ["Archive"]
