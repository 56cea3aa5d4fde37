"""An add-on for any Scrapy project: ``ADDONS = {"pressmark.addon.Archive": 500}`` keeps what its spiders fetch.

How it is used and what it changes: docs/how-to/scrapy-addon.md.
"""

from pressmark.service.package_names import check_package_names

check_package_names()

from pressmark.addon.archive import Archive  # noqa: E402 - what it imports has just been checked

__all__ = ["Archive"]
