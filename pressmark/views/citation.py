"""Citations of a snapshot: APA, BibTeX, and a permanent link."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from archive.retrieval.snapshot import Snapshot

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
_SPECIAL = {"\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
_SPECIAL |= {character: f"\\{character}" for character in "#$%&_"}


@dataclass(frozen=True, slots=True)
class Work:
    """The known facts of a cited page."""

    url: str
    title: str | None
    author: str | None
    date: str | None
    """When it says that it was published, ISO 8601, used to the day at most."""
    kept: datetime
    permanent: str
    """The permanent link."""

    @property
    def site(self) -> str:
        return urlsplit(self.url).hostname or self.url


def work_of(found: Snapshot, permanent: str) -> Work:
    """Return the facts that a citation of a snapshot needs; `permanent` is its permanent link."""
    text, kept = found.text, found.capture
    return Work(
        url=kept.url,
        title=text.title if text else None,
        author=text.author if text else None,
        date=text.date if text else None,
        kept=kept.at,
        permanent=permanent,
    )


def apa(work: Work) -> str:
    """Return the form of APA 7 for archived web pages (section 10.16)."""
    title = _sentence(work.title or work.url)
    written = f"({_apa_date(work.date)})."
    head = f"{_sentence(work.author)} {written} {title}" if work.author else f"{title} {written}"
    kept = f"{_MONTHS[work.kept.month - 1]} {work.kept.day}, {work.kept.year}"
    return f"{head} {work.site}. Archived {kept}, from {work.url} at {work.permanent}"


def bibtex(work: Work) -> str:
    """Return a biblatex entry of the type `online`; `note` is the original's own address."""
    year = _DATE.match(work.date or "")
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


def _apa_date(date: str | None) -> str:
    found = _DATE.match(date or "")
    if not found:
        return "n.d."
    year, month, day = found.groups()
    if not month or not 1 <= int(month) <= 12:
        return year
    return f"{year}, {_MONTHS[int(month) - 1]}{f' {int(day)}' if day else ''}"


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    return text if text.endswith((".", "?", "!", "。", "？", "！")) else f"{text}."


def _tex(text: str) -> str:
    return "".join(_SPECIAL.get(character, character) for character in " ".join(text.split()))
