"""Describe a cited snapshot for programs that read its pages: COinS, `citation_*` elements, schema.org."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import urlencode

from pressmark.views.citations.work import Work


def coins(work: Work) -> str:
    """Return the `title` of a COinS span: a ContextObject in key-value form (Z39.88-2004, format dc)."""
    pairs = [
        ("ctx_ver", "Z39.88-2004"),
        ("rft_val_fmt", "info:ofi/fmt:kev:mtx:dc"),
        ("rft.type", "webpage"),
        ("rft.title", work.title or work.url),
        *(("rft.creator", author) for author in work.creators),
        *((("rft.date", work.day),) if work.day else ()),
        ("rft.publisher", work.site),
        ("rft.source", work.url),
        ("rft.identifier", work.permanent),
    ]
    return urlencode(pairs)


def meta(work: Work) -> Iterator[tuple[str, str]]:
    """Yield the `citation_*` elements that Google Scholar and Zotero read."""
    yield "citation_title", work.title or work.url
    for author in work.creators:
        yield "citation_author", author
    if work.day:
        yield "citation_publication_date", work.day.replace("-", "/")
    if work.language:
        yield "citation_language", work.language
    yield "citation_public_url", work.permanent


def json_ld(work: Work) -> str:
    """Return a description of the page for programs (schema.org in JSON-LD 1.1): `archivedAt` is the permanent link.

    It is safe inside an HTML script element: no ``<`` is in it.
    """
    page = {
        "@context": "https://schema.org",
        "@type": "WebPage",
        "name": work.title or work.url,
        "author": [{"@type": "Person", "name": author} for author in work.creators],
        "datePublished": work.day,
        "inLanguage": work.language,
        "publisher": {"@type": "Organization", "name": work.site},
        "url": work.url,
        "archivedAt": work.permanent,
    }
    told = json.dumps({key: value for key, value in page.items() if value}, ensure_ascii=False)
    return told.replace("<", "\\u003c")
