"""The other addresses of pages, so that a request for one finds the captures under another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, delete, select

from archive.database.engine import Database
from archive.database.postgresql import has_room
from archive.database.schema import aliases
from archive.database.statements import batches, insert_or_replace
from archive.database.writers import retried
from archive.values.urlkey import urlkey
from extractor.values.identity import plain
from extractor.values.urls import normalise

Why = Literal["spelling", "canonical"]
"""spelling: the URLs themselves show that they are one page. canonical: the page declares its address."""

MOST_CLAIMS = 3
"""Maximum number of pages with the same canonical address: with more, it is ignored."""
_LOCK = "aliases"
_AT_ONCE = 500
"""Keys in one query."""


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
            self._write(list(rows.values()))

    @retried
    def _write(self, rows: Sequence[Mapping[str, object]]) -> None:
        with self._database.beside(_LOCK) as connection:
            connection.execute(insert_or_replace(connection, aliases, "urlkey"), rows)

    def forget(self, pages: Iterable[str]) -> None:
        """Delete what these pages said of their canonical addresses."""
        self._forget([urlkey(page) for page in pages])

    @retried
    def _forget(self, keys: Sequence[str]) -> None:
        with self._database.beside(_LOCK) as connection:
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

    def same_page(self, urls: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Return for each URL the other known addresses of its page on the same site, whether it has captures or not.

        A page may declare an address of another site as its own, so these do not count.
        """
        plains = {url: plain(normalise(url) or url) for url in urls}
        named = self._rows(aliases.c.urlkey, {urlkey(each) for each in (*plains, *plains.values())})
        pages = {row.urlkey: row.page for row in named}
        own = {
            url: {each for each in (bare, pages.get(urlkey(url)), pages.get(urlkey(bare))) if each}
            for url, bare in plains.items()
        }
        others = defaultdict[str, set[str]](set)
        for row in self._rows(aliases.c.page_key, {urlkey(page) for mine in own.values() for page in mine}):
            others[row.page_key].add(row.url)
        found = {url: own[url].union(*(others[urlkey(page)] for page in own[url])) for url in urls}
        return {url: tuple(sorted(each for each in found[url] if _is_other(each, url))) for url in urls}

    def _rows(self, column: ColumnElement[str], keys: Iterable[str]) -> Iterator[Any]:
        """Yield the aliases with these keys."""
        for batch in batches(sorted(keys), _AT_ONCE):
            with self._database.reading() as connection:
                yield from connection.execute(select(aliases).where(column.in_(batch))).all()


def _is_other(address: str, url: str) -> bool:
    """Return whether an address has the site of a URL, and another key."""
    key, of_url = urlkey(address), urlkey(url)
    return key != of_url and key.partition(")")[0] == of_url.partition(")")[0]
