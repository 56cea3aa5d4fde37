"""Citations of a snapshot in the formats that reference managers read: BibTeX, RIS, CSL-JSON, COinS."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from pressmark.views.citation import DATE, Work

_SPECIAL = {"\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
_SPECIAL |= {character: f"\\{character}" for character in "#$%&_"}


def bibtex(work: Work) -> str:
    """Return a biblatex entry of the type `online`; `note` is the original's own address."""
    year = DATE.match(work.date or "")
    key = re.sub(r"[^a-z0-9]+", "", work.site.lower().removeprefix("www."))[:20] or "page"
    fields = {
        "author": f"{{{_tex(work.author)}}}" if work.author else None,
        "title": f"{{{_tex(work.title or work.url)}}}",
        "date": year[0] if year else None,
        "organization": _tex(work.site),
        "url": work.permanent,
        "urldate": f"{work.kept:%Y-%m-%d}",
        "note": f"Archived copy of \\url{{{work.url}}}",
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@online{{{key}{work.kept:%Y%m%d},", *lines, "}"])


def ris(work: Work) -> str:
    """Return a RIS record of the type ELEC, lines ended by CR LF (RIS specification of 2011)."""
    found = DATE.match(work.date or "")
    fields = [
        ("TY", "ELEC"),
        *(("AU", author) for author in _authors(work)),
        ("TI", work.title or work.url),
        ("T2", work.site),
        *((("PY", found[1]), ("DA", found[0].replace("-", "/"))) if found else ()),
        *((("LA", work.language),) if work.language else ()),
        ("UR", work.permanent),
        ("L2", work.url),
        ("Y2", f"{work.kept:%Y/%m/%d}"),
        ("N1", f"Archived copy of {work.url}"),
        ("ER", ""),
    ]
    return "".join(f"{name}  - {_line(value)}\r\n" for name, value in fields)


def csl_json(work: Work) -> str:
    """Return a list with one item of CSL-JSON (schema csl-data 1.0.2)."""
    item = {key: value for key, value in _csl(work).items() if value}
    return json.dumps([item], ensure_ascii=False, indent=2)


def coins(work: Work) -> str:
    """Return the `title` of a COinS span: a ContextObject in key-value form (Z39.88-2004, format dc)."""
    found = DATE.match(work.date or "")
    pairs = [
        ("ctx_ver", "Z39.88-2004"),
        ("rft_val_fmt", "info:ofi/fmt:kev:mtx:dc"),
        ("rft.type", "webpage"),
        ("rft.title", work.title or work.url),
        *(("rft.creator", author) for author in _authors(work)),
        *((("rft.date", found[0]),) if found else ()),
        ("rft.publisher", work.site),
        ("rft.source", work.url),
        ("rft.identifier", work.permanent),
    ]
    return urlencode(pairs)


def meta(work: Work) -> Iterator[tuple[str, str]]:
    """Yield the `citation_*` elements that Google Scholar and Zotero read."""
    found = DATE.match(work.date or "")
    yield "citation_title", work.title or work.url
    for author in _authors(work):
        yield "citation_author", author
    if found:
        yield "citation_publication_date", found[0].replace("-", "/")
    if work.language:
        yield "citation_language", work.language
    yield "citation_public_url", work.permanent


def json_ld(work: Work) -> str:
    """Return a description of the page for programs (schema.org in JSON-LD 1.1): `archivedAt` is the permanent link.

    It is safe inside an HTML script element: no ``<`` is in it.
    """
    found = DATE.match(work.date or "")
    page = {
        "@context": "https://schema.org",
        "@type": "WebPage",
        "name": work.title or work.url,
        "author": [{"@type": "Person", "name": author} for author in _authors(work)],
        "datePublished": found[0] if found else None,
        "inLanguage": work.language,
        "publisher": {"@type": "Organization", "name": work.site},
        "url": work.url,
        "archivedAt": work.permanent,
    }
    told = json.dumps({key: value for key, value in page.items() if value}, ensure_ascii=False)
    return told.replace("<", "\\u003c")


def _csl(work: Work) -> dict[str, Any]:
    found = DATE.match(work.date or "")
    issued = [int(part) for part in found.groups() if part] if found else []
    kept = work.kept
    return {
        "id": work.permanent,
        "type": "webpage",
        "title": work.title or work.url,
        "author": [{"literal": author} for author in _authors(work)],
        "container-title": work.site,
        "issued": {"date-parts": [issued]} if issued else None,
        "accessed": {"date-parts": [[kept.year, kept.month, kept.day]]},
        "language": work.language,
        "URL": work.permanent,
        "archive": "Pressmark",
        "archive_location": work.url,
    }


def _authors(work: Work) -> tuple[str, ...]:
    return work.authors or ((work.author,) if work.author else ())


def _line(text: str) -> str:
    return " ".join(text.split())


def _tex(text: str) -> str:
    return "".join(_SPECIAL.get(character, character) for character in " ".join(text.split()))
