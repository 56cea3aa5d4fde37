"""An add-on for any Scrapy project: ``ADDONS = {"pressmark.addon.Archive": 500}`` archives what its spiders fetch.

For its use and what it changes see docs/how-to/scrapy-addon.md.
"""

from pressmark.service.package_names import check_package_names

check_package_names()

from pressmark.addon.archive import Archive  # noqa: E402 - what it imports has just been checked

__all__ = ["Archive"]
