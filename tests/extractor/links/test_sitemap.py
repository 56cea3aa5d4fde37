"""Sitemaps of all forms, intact and damaged."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.links.sitemap import MOST_ENTRIES, Entry, News, Sitemap, read_sitemap

URL = "https://e.org/sitemap.xml"
URLSET = b"""<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
  xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url><loc>https://e.org/1?a=1&amp;b=2</loc><lastmod>2026-11-24T18:00:00+08:00</lastmod></url>
<url><loc>
  https://e.org/2 </loc>
  <news:news><news:publication>
  <news:name>The Gazette</news:name><news:language>en</news:language></news:publication>
  <news:publication_date>2026-11-24</news:publication_date><news:title>Tide &amp; Time</news:title></news:news>
  <image:image><image:loc>https://e.org/2.png</image:loc></image:image></url>
<url><loc>https://e.org/1?a=1&amp;b=2</loc></url>
<url><loc>/3</loc><lastmod>yesterday</lastmod></url>
<url><loc>mailto:desk@e.org</loc></url><url></url>
</urlset>"""
PAGES = (
    Entry("https://e.org/1?a=1&b=2", datetime(2026, 11, 24, 10, tzinfo=UTC)),
    Entry(
        "https://e.org/2",
        datetime(2026, 11, 24, tzinfo=UTC),
        News(datetime(2026, 11, 24, tzinfo=UTC), "Tide & Time", "en", "The Gazette"),
    ),
    Entry("https://e.org/3"),
)


@pytest.mark.parametrize("body", [URLSET, gzip.compress(URLSET, mtime=0), b"\xef\xbb\xbf \n" + URLSET])
def test_a_sitemap_lists_its_pages_once_with_their_dates(body: bytes) -> None:
    assert read_sitemap(body, URL) == Sitemap(PAGES, ())


def test_an_index_lists_further_sitemaps() -> None:
    body = b"""<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap><loc>https://e.org/a.xml.gz</loc>
    <lastmod>2026-11</lastmod></sitemap></sitemapindex>"""

    assert read_sitemap(body, URL) == Sitemap((), (Entry("https://e.org/a.xml.gz", datetime(2026, 11, 1, tzinfo=UTC)),))


@pytest.mark.parametrize("namespace", [b"", b' xmlns="https://www.sitemaps.org/schemas/sitemap/0.9"', b' xmlns="x"'])
def test_the_namespace_may_be_wrong(namespace: bytes) -> None:
    body = b"<urlset" + namespace + b"><url><loc>https://e.org/1</loc></url></urlset>"

    assert read_sitemap(body, URL).pages == (Entry("https://e.org/1"),)


def test_a_text_sitemap_has_one_address_per_line() -> None:
    assert read_sitemap(b"https://e.org/1\r\n\r\nhttps://e.org/2\nno address\n", URL).pages == (
        Entry("https://e.org/1"),
        Entry("https://e.org/2"),
    )


def test_a_truncated_sitemap_is_read_as_far_as_possible() -> None:
    assert read_sitemap(URLSET[:420], URL).pages[0] == PAGES[0]
    assert read_sitemap(gzip.compress(URLSET)[:-20], URL).pages


def test_entities_are_never_expanded_and_nothing_is_fetched() -> None:
    levels = b"".join(b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10) for n in range(1, 10))
    body = (
        b"""<!DOCTYPE u [<!ENTITY e0 "x"><!ENTITY f SYSTEM "file:///etc/passwd">%s]><urlset>
    <url><loc>https://e.org/&e9;</loc></url><url><loc>https://e.org/&f;</loc></url><url><loc>https://e.org/ok</loc></url>
    </urlset>"""
        % levels
    )

    assert {entry.url for entry in read_sitemap(body, URL).pages} <= {"https://e.org/", "https://e.org/ok"}


def test_an_endless_sitemap_is_read_to_the_limit_of_the_protocol() -> None:
    body = b"<urlset>" + b"".join(b"<url><loc>https://e.org/%d</loc></url>" % n for n in range(MOST_ENTRIES + 50))

    assert len(read_sitemap(body, URL).pages) == MOST_ENTRIES


@pytest.mark.parametrize("body", [b"", b"<", b"<html><body><a href=/x>x</a></body></html>", b"\x1f\x8b", b"{}"])
def test_other_content_gives_an_empty_sitemap(body: bytes) -> None:
    assert read_sitemap(body, URL) == Sitemap((), ())


@given(st.integers(0, len(URLSET)), st.binary(max_size=20), st.integers(0, 40))
def test_no_sitemap_makes_reading_raise(place: int, piece: bytes, gone: int) -> None:
    read_sitemap(URLSET[:place] + piece + URLSET[place + gone :], URL)
