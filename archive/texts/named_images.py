"""Query the lead images that the newest pages of a source name."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlsplit

from sqlalchemy import select

from archive.database.engine import Database
from archive.database.schema import texts, wordings


class NamedImage(NamedTuple):
    """An image that a page names, with the time and the collection of the page."""

    url: str
    at: datetime
    collection: str


def named_images(database: Database, source: str, limit: int) -> list[NamedImage]:
    """Return the lead images that so many of the newest texts of a source name, the newest first, each once."""
    query = (
        select(wordings.c.first_at, wordings.c.collection, texts.c.content)
        .join(texts, texts.c.record_id == wordings.c.record_id)
        .where(wordings.c.source == source, wordings.c.verdict.is_(None))
        .order_by(wordings.c.first_at.desc())
        .limit(limit)
    )
    with database.reading() as connection:
        rows = connection.execute(query).all()
    found: dict[str, NamedImage] = {}
    for at, collection, content in rows:
        url = ((content.fields if content else None) or {}).get("image")
        if isinstance(url, str) and urlsplit(url).scheme in ("http", "https"):
            found.setdefault(url, NamedImage(url, at, collection))
    return list(found.values())
