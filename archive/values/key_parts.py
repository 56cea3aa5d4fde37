"""The beginnings of the keys of objects that belong to a collection: the kind, and the collection."""

from __future__ import annotations

from urllib.parse import quote

OF_COLLECTIONS = ("warc/v1/", "cdxj/v1/", "text/v1/", "manifest/v1/", "run/v1/", "reread/v1/", "item/v1/")
"""The kinds whose keys continue with the collection, as `escaped` writes it: see `archive.warc.keys`."""


def escaped(name: str) -> str:
    """Escape a name for a key: ASCII letters, digits and ``-_.~`` stay, any other byte of its UTF-8 becomes ``=XX``."""
    part = quote(name, safe="").replace("%", "=")
    return "=2E" + part[1:] if part.startswith(".") else part
