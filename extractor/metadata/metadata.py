"""Find title, authors, dates and language of a page: from metadata first, then from the visible page.

Every field has its origin: ``json-ld``, ``open-graph``, ``dublin-core``, ``meta``, ``microdata``, ``heading``,
``title element``, ``byline`` (with the Chinese label before the name), ``card``, ``time element``,
``date line``, ``url``, ``script``; ``modified …`` for a page with only a date of change.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, partial

from extractor.html.page import Page
from extractor.metadata.author_links import day_beside_author
from extractor.metadata.authors import authors_of
from extractor.metadata.claim import ARTICLES, THREADS, Claim
from extractor.metadata.datelines import changed_date, date_beside_heading, machine_times, shown_date
from extractor.metadata.foreign_dates import foreign_date
from extractor.metadata.labels import labelled
from extractor.metadata.page_facts import read_about
from extractor.metadata.program_dates import date_in_state
from extractor.metadata.structured import claims
from extractor.metadata.titles import title_of
from extractor.values.dates import date_in_path, read_date
from extractor.values.own_zone import in_own_zone, may_be_shown
from extractor.values.text import About

_MONTH_FIRST = ("en-us", "en-ph")
_DAY_FIRST = ("zh-hk", "zh-mo", "zh-sg")
_YEAR_FIRST = ("zh", "ja", "ko", "hu", "lt", "mn", "fa")
"""Languages with the year first: a date that ends with the year is foreign there, and ambiguous."""
"""Languages in which a short date, ``26.11.24``, begins with the year."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """The metadata of a page."""

    title: str | None = None
    authors: tuple[str, ...] = ()
    date: str | None = None
    """The date of publication: ISO 8601 with the given precision and zone."""
    modified: str | None = None
    language: str | None = None
    """As declared, e.g. ``zh-CN``; not always correct."""
    thread: bool | None = None
    """Whether the page declares a discussion (True) or an article (False); None if neither."""
    about: About = field(default_factory=About)
    origins: dict[str, str] = field(default_factory=dict)
    """Field → origin of its value."""


def read_metadata(page: Page) -> Metadata:
    said = list(claims(page))
    language = _language(page, said)
    labels = cache(partial(labelled, page))
    title, authors, date = title_of(page, said), authors_of(page, said, labels), _published(page, said, language)
    modified = _first_date(said, "modified")
    about, origins = read_about(page, said, labels)
    found = {"title": title, "author": authors, "date": date, "modified": modified, "language": language}
    return Metadata(
        title=title[0] if title else None,
        authors=authors[0] if authors else (),
        date=date[0] if date else None,
        modified=modified[0] if modified else None,
        language=language[0] if language else None,
        thread=_is_thread({claim.value for claim in said if claim.field == "kind"}),
        about=about,
        origins={name: value[1] for name, value in found.items() if value} | origins,
    )


def _is_thread(kinds: set[str]) -> bool | None:
    """Return whether it is a thread by schema.org types; Open Graph's `article` means nothing, as forums use it too."""
    if not kinds.isdisjoint(THREADS):
        return True
    return None if kinds.isdisjoint(ARTICLES) else False


def _published(page: Page, said: Sequence[Claim], language: tuple[str, str] | None) -> tuple[str, str] | None:
    """Return the date in the metadata, else the visible one; for a page with only a date of change, that one."""
    claimed = _first_date(said, "published")
    tag = language[0].lower() if language else ""
    day_first = _day_comes_first(tag)
    if claimed:
        return in_own_zone(claimed[0], _published_too(page, said, day_first, claimed[0])), claimed[1]
    shown = shown_date(page, day_first) or foreign_date(page, _values(said, "published"), tag)
    told = shown or _changed(said) or date_in_state(page) or changed_date(page, day_first)
    told = told or date_beside_heading(page, day_first) or day_beside_author(page, day_first)
    return told or _pictured(said)


def _values(said: Iterable[Claim], name: str) -> list[str]:
    return [claim.value for claim in said if claim.field == name]


def _published_too(page: Page, said: Iterable[Claim], day_first: bool | None, claimed: str) -> Iterator[str]:
    """Yield other dates of publication, the visible one last if it may be the same time."""
    yield from filter(None, map(read_date, _values(said, "published")))
    yield from machine_times(page)
    shown = shown_date(page, day_first) if may_be_shown(claimed, page.octets) else None
    if shown and not shown[1].startswith("modified"):
        yield shown[0]


def _pictured(said: Iterable[Claim]) -> tuple[str, str] | None:
    """Return the day in the address of the lead image: images are stored by day, and news is published at once."""
    days = (date_in_path(claim.value) for claim in said if claim.field == "image")
    return next(((day, "image address") for day in days if day), None)


def _changed(said: Iterable[Claim]) -> tuple[str, str] | None:
    modified = _first_date(said, "modified")
    return (modified[0], f"modified {modified[1]}") if modified else None


def _day_comes_first(language: str) -> bool | None:
    """Return whether ``03/04/2026`` is in April; None if the language does not decide."""
    tag = language.lower().replace("_", "-")
    if tag in ("", "en") or (tag.startswith(_YEAR_FIRST) and tag not in _DAY_FIRST):
        return None
    return tag not in _MONTH_FIRST


def _first_date(said: Iterable[Claim], name: str) -> tuple[str, str] | None:
    for claim in said:
        if claim.field == name and (written := read_date(claim.value)):
            return written, claim.origin
    return None


def _language(page: Page, said: Iterable[Claim]) -> tuple[str, str] | None:
    root = page.tree.root
    declared = root.attrs.get("lang") or root.attrs.get("xml:lang") if root is not None else None
    if declared:
        return declared, "html"
    return next(((claim.value, claim.origin) for claim in said if claim.field == "language"), None)
