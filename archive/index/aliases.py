"""The other addresses of pages, so that a request for one finds the captures under another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import delete, select

from archive.database.engine import Database
from archive.database.postgresql import has_room
from archive.database.schema import aliases
from archive.database.statements import insert_or_replace
from archive.values.urlkey import urlkey
from extractor.values.identity import plain
from extractor.values.urls import normalise

Why = Literal["spelling", "canonical"]
"""spelling: the URLs tell that they are one page. canonical: the page itself says which address it has."""

MOST_CLAIMS = 3
"""Pages that may name the same canonical address: where more do, it says nothing of them."""


@dataclass(frozen=True, slots=True)
class Alias:
    """An address, and the canonical address of its page."""

    url: str
    page: str
    reason: Why


class Aliases:
    def __init__(self, database: Database) -> None:
        self._database = database

    def note(self, found: Iterable[Alias]) -> None:
        """Store addresses. Skip those with the same key as their page, and those that the database can't index: they
        cost a request.
        """
        engine = self._database.engine
        rows = {
            key: {"urlkey": key, "url": one.url, "page": one.page, "page_key": page_key, "reason": one.reason}
            for one in found
            if (key := urlkey(one.url)) != (page_key := urlkey(one.page))
            and has_room(engine, key)
            and has_room(engine, page_key)
        }
        if rows:
            with self._database.writing() as connection:
                connection.execute(insert_or_replace(connection, aliases, "urlkey"), list(rows.values()))

    def forget(self, pages: Iterable[str]) -> None:
        """Delete what these pages said of their canonical addresses."""
        keys = [urlkey(page) for page in pages]
        with self._database.writing() as connection:
            for key in keys:
                where = (aliases.c.page_key == key, aliases.c.reason == "canonical")
                connection.execute(delete(aliases).where(*where))

    def canonical_of(self, urls: Sequence[str]) -> dict[str, str]:
        """Return the canonical addresses of the URLs whose pages name one with another key."""
        keys = {urlkey(url): url for url in urls}
        query = select(aliases.c.urlkey, aliases.c.page).where(
            aliases.c.urlkey.in_(list(keys)), aliases.c.reason == "canonical"
        )
        with self._database.reading() as connection:
            return {keys[key]: page for key, page in connection.execute(query)}

    def of(self, page: str) -> list[Alias]:
        """Return the other known addresses of a page."""
        query = select(aliases).where(aliases.c.page_key == urlkey(page)).order_by(aliases.c.url)
        with self._database.reading() as connection:
            return [Alias(row.url, row.page, row.reason) for row in connection.execute(query)]

    def addresses(self, url: str) -> list[str]:
        """Return the addresses to try for a page without captures under `url`, the likeliest first."""
        normal = normalise(url if "://" in url else f"http://{url}") or url
        with self._database.reading() as connection:
            query = select(aliases.c.page).where(aliases.c.urlkey == urlkey(normal))
            named = connection.execute(query).scalar_one_or_none()
        first = [each for each in (named, plain(normal)) if each]
        others = [alias.url for page in dict.fromkeys([*first, normal]) for alias in self.of(page)]
        return [each for each in dict.fromkeys([*first, *others]) if urlkey(each) != urlkey(normal)]
