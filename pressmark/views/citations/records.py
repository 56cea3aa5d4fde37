"""Citations of a snapshot as records that reference managers read: BibTeX, RIS, CSL-JSON."""

from __future__ import annotations

import json
import re
from hashlib import sha256
from typing import Any

from pressmark.views.citations.names import name_of
from pressmark.views.citations.work import Work

_SPECIAL = {"\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
_SPECIAL |= {character: f"\\{character}" for character in "#$%&_"}


def bibtex(work: Work) -> str:
    """Return a biblatex entry of the type `online`, written by bibtexparser; `note` is the original's own address.

    Biblatex reads `url` verbatim, so nothing is escaped in it. The key has the site, the day of the capture, and 32
    bits of the permanent link: a file of many entries has each once.
    """
    from bibtexparser.entrypoint import write_string
    from bibtexparser.library import Library
    from bibtexparser.model import Entry, Field
    from bibtexparser.writer import BibtexFormat

    site = re.sub(r"[^a-z0-9]+", "", work.site.lower().removeprefix("www."))[:20] or "page"
    key = f"{site}{work.kept:%Y%m%d}{sha256(work.permanent.encode(errors='replace')).hexdigest()[:8]}"
    fields = {
        "author": " and ".join(_tex_name(author, work.language) for author in work.creators),
        "title": f"{{{_tex(work.name)}}}",
        "date": work.day,
        "organization": _tex(work.site),
        "url": _braces_encoded(work.permanent),
        "urldate": f"{work.kept:%Y-%m-%d}",
        "note": f"Archived copy of \\url{{{_braces_encoded(work.url)}}}",
    }
    known = [Field(name, value) for name, value in fields.items() if value]
    layout = BibtexFormat()  # type: ignore[no-untyped-call]
    layout.indent, layout.trailing_comma = "  ", True
    return write_string(Library([Entry("online", key, known)]), bibtex_format=layout).strip()


def ris(work: Work) -> str:
    """Return a RIS record of the type ELEC, written by rispy, lines ended by CR LF (RIS specification of 2011)."""
    import rispy

    record = {
        "type_of_reference": "ELEC",
        "authors": [_written(author, work.language) for author in work.creators],
        "title": work.name,
        "secondary_title": work.site,
        "year": f"{work.issued[0]:04}" if work.issued else None,
        "date": work.day.replace("-", "/"),
        "language": work.language,
        "urls": [work.permanent],
        "file_attachments2": _line(work.url),
        "access_date": f"{work.kept:%Y/%m/%d}",
        "notes": [_line(f"Archived copy of {work.url}")],
    }
    known = {name: value for name, value in record.items() if value}
    lines = rispy.dumps([known], implementation=_writer())
    return "".join(f"{line}\r\n" for line in lines.rstrip("\n").split("\n"))


def csl_json(work: Work) -> str:
    """Return a list with one item of CSL-JSON (schema csl-data 1.0.2)."""
    return json.dumps([csl_item(work)], ensure_ascii=False, indent=2)


def csl_item(work: Work) -> dict[str, Any]:
    """Return the page as an item of CSL-JSON: what is known of it."""
    kept = work.kept
    item = {
        "id": work.permanent,
        "type": "webpage",
        "title": work.name,
        "author": [name_of(author, work.language) for author in work.creators],
        "container-title": work.site,
        "issued": {"date-parts": [list(work.issued)]} if work.issued else None,
        "accessed": {"date-parts": [[kept.year, kept.month, kept.day]]},
        "language": work.language,
        "URL": work.permanent,
        "archive": "Pressmark",
        "archive_location": work.url,
    }
    return {key: value for key, value in item.items() if value}


def _writer() -> Any:
    from rispy import RisWriter

    class Plain(RisWriter):  # type: ignore[misc]
        """Write a record without a number above it: RIS has none."""

        def set_header(self, count: int) -> str:
            return ""

    return Plain


def _written(author: str, language: str | None) -> str:
    """Return an author with the family name first, a comma and the given name."""
    name = name_of(author, language)
    return name.get("literal") or f"{name['family']}, {name['given']}"


def _tex_name(author: str, language: str | None) -> str:
    """Return an author for BibTeX: braces keep a name whole that has no parts."""
    name = name_of(author, language)
    return f"{{{_tex(name['literal'])}}}" if "literal" in name else _tex(f"{name['family']}, {name['given']}")


def _braces_encoded(url: str) -> str:
    """Return an address that ends no group of TeX."""
    return url.replace("{", "%7B").replace("}", "%7D")


def _line(text: str) -> str:
    return " ".join(text.split())


def _tex(text: str) -> str:
    return "".join(_SPECIAL.get(character, character) for character in _line(text))
