"""Citations of a snapshot in the styles that people print: APA, MLA, Chicago, GB/T 7714."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from archive.retrieval.snapshot import Snapshot


_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_SHORT_MONTHS = ("Jan.", "Feb.", "Mar.", "Apr.", "May", "June", "July", "Aug.", "Sept.", "Oct.", "Nov.", "Dec.")
_ENDS = (".", "?", "!", "。", "？", "！")
DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


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
    authors: tuple[str, ...] = ()
    """Each author, as the page names them; empty if only the line `author` is known."""
    language: str | None = None

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
        authors=tuple((text.fields or {}).get("authors", ())) if text else (),
        language=text.language if text else None,
    )


def apa(work: Work) -> str:
    """Return the form of APA 7 for archived web pages (section 10.16)."""
    title = _sentence(work.title or work.url)
    written = f"({_year_first(work.date) or 'n.d.'})."
    head = f"{_sentence(work.author)} {written} {title}" if work.author else f"{title} {written}"
    return f"{head} {work.site}. Archived {_month_first(_day_of(work))}, from {work.url} at {work.permanent}"


def mla(work: Work) -> str:
    """Return the form of MLA 9 (sections 5.84 to 5.99), with the archived copy at the end."""
    date = _day_first(work.date)
    published = f"{work.site}, {f'{date}, ' if date else ''}{work.url}."
    return f"{_author_and_title(work)} {published} Archived {_day_first(_day_of(work))}, {work.permanent}."


def chicago(work: Work) -> str:
    """Return the bibliography form of the Chicago Manual of Style 17 (section 14.207)."""
    date = _month_first(work.date)
    written = f" {date}." if date else ""
    kept = f"Archived {_month_first(_day_of(work))}."
    return f"{_author_and_title(work)} {work.site}.{written} {kept} {work.permanent}."


def gbt7714(work: Work) -> str:
    """Return the form of GB/T 7714—2015 for electronic resources (section 4.6): [EB/OL].

    The date of the visit is the date of the capture, and the way of access is the permanent link.
    """
    author = f"{work.author}. " if work.author else ""
    found = DATE.match(work.date or "")
    published = f"({found[0]})" if found else ""
    title = work.title or work.url
    return f"{author}{title}[EB/OL]. {published}[{_day_of(work)}]. {work.permanent}."


def _author_and_title(work: Work) -> str:
    """Return the author as a sentence, and the title in quotation marks with its full stop inside."""
    author = f"{_sentence(work.author)} " if work.author else ""
    title = work.title or work.url
    return f"{author}“{title}”" if title.endswith(_ENDS) else f"{author}“{title}.”"


def _day_of(work: Work) -> str:
    """Return the date of the capture."""
    return f"{work.kept:%Y-%m-%d}"


def _year_first(date: str | None) -> str | None:
    """Return ``2026, January 30``, as precise as the date is."""
    if (parts := _parts(date)) is None:
        return None
    year, month, day = parts
    return f"{year}, {_MONTHS[month - 1]}{f' {day}' if day else ''}" if month else year


def _day_first(date: str | None) -> str | None:
    """Return ``30 Jan. 2026``, as precise as the date is (MLA 9, 5.69)."""
    if (parts := _parts(date)) is None:
        return None
    year, month, day = parts
    named = f"{_SHORT_MONTHS[month - 1]} " if month else ""
    return f"{f'{day} ' if day else ''}{named}{year}"


def _month_first(date: str | None) -> str | None:
    """Return ``January 30, 2026``, as precise as the date is."""
    if (parts := _parts(date)) is None:
        return None
    year, month, day = parts
    return f"{_MONTHS[month - 1]} {f'{day}, ' if day else ''}{year}" if month else year


def _parts(date: str | None) -> tuple[str, int, int] | None:
    """Return year, month and day of a date; 0 for what it lacks or has wrong."""
    found = DATE.match(date or "")
    if not found:
        return None
    year, month, day = found[1], int(found[2] or 0), int(found[3] or 0)
    return (year, month, day) if 1 <= month <= 12 else (year, 0, 0)


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    return text if text.endswith(_ENDS) else f"{text}."
