"""Read sitemaps: XML and text, indexes, and the dates of news sitemaps (sitemaps.org 0.9)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from extractor.values.content import decode_content
from extractor.values.moments import parse_moment
from extractor.values.urls import resolve

if TYPE_CHECKING:
    from lxml import etree

LIMIT = 50 << 20
"""The protocol's limit on a sitemap, in uncompressed bytes."""
MOST_ENTRIES = 50_000
"""The protocol's limit on its entries."""

_GZIP_MAGIC = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class News:
    """An article in a news sitemap (Google's sitemap-news 0.9)."""

    published: datetime | None
    """Aware, UTC."""
    title: str | None = None
    language: str | None = None
    """ISO 639, unchanged: ``en``, ``zh-cn``."""
    publication: str | None = None
    """The name of the publication."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One address of a sitemap."""

    url: str
    lastmod: datetime | None = None
    """When it last changed, aware and in UTC: `lastmod`, or else the publication date of a news sitemap."""
    news: News | None = None


@dataclass(frozen=True, slots=True)
class Sitemap:
    """The pages or further sitemaps of a sitemap. Both are empty if the body is not a sitemap."""

    pages: tuple[Entry, ...]
    sitemaps: tuple[Entry, ...]


def read_sitemap(body: bytes, url: str) -> Sitemap:
    """Read a sitemap of any form, gzip or not, as far as possible if it is damaged. Never raises."""
    pages, sitemaps = entries(body, url)
    return Sitemap(tuple(pages), tuple(sitemaps))


def entries(body: bytes, url: str) -> tuple[Iterator[Entry], Iterator[Entry]]:
    """Iterate over the pages and sitemaps of a sitemap, lazily: there may be very many."""
    if body.startswith(_GZIP_MAGIC):
        body = decode_content(body, "gzip", LIMIT).body
    body = body[:LIMIT].lstrip(b"\xef\xbb\xbf \t\r\n")
    if body[:1] == b"<" or body[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return _xml_entries(body, url)
    return _unique(_text_entries(body, url)), iter(())


def _text_entries(body: bytes, base: str) -> Iterator[Entry]:
    for line in body.decode("utf-8", "replace").splitlines():
        if line.strip().startswith(("http://", "https://")):
            address = resolve(line, base)
            if address:
                yield Entry(address)


def _xml_entries(body: bytes, base: str) -> tuple[Iterator[Entry], Iterator[Entry]]:
    from lxml import etree

    # Only the five entities of XML are expanded, and nothing is fetched.
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        return iter(()), iter(())
    if root is None:
        return iter(()), iter(())
    return _unique(_entries(root, "url", base)), _unique(_entries(root, "sitemap", base))


def _entries(root: etree._Element, name: str, base: str) -> Iterator[Entry]:
    """Yield the entries called `name` in any namespace, since sites use wrong ones."""
    for element in root.iter(f"{{*}}{name}"):
        address = _value(element, "loc")
        url = resolve(address, base) if address else None
        if url:
            written = _value(element, "lastmod") or _value(element, "publication_date")
            yield Entry(url, parse_moment(written) if written else None, _news(element))


def _news(element: etree._Element) -> News | None:
    """Read the children of `news`; images and videos use the same names."""
    news = next(element.iter("{*}news"), None)
    if news is None:
        return None
    written = _value(news, "publication_date")
    paper = next(news.iter("{*}publication"), None)
    return News(
        published=parse_moment(written) if written else None,
        title=_value(news, "title"),
        language=_value(paper, "language") if paper is not None else None,
        publication=_value(paper, "name") if paper is not None else None,
    )


def _value(element: etree._Element, name: str) -> str | None:
    for child in element.iter(f"{{*}}{name}"):
        return None if len(child) else (child.text or "").strip() or None  # children: entities, left unexpanded
    return None


def _unique(entries: Iterator[Entry]) -> Iterator[Entry]:
    found: set[str] = set()
    for entry in entries:
        if entry.url not in found:
            found.add(entry.url)
            yield entry
        if len(found) >= MOST_ENTRIES:
            return
