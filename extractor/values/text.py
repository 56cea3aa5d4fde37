"""The text of a page, as values that don't need the libraries of the extractor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from extractor.values.thread import Thread

EXTRACTOR = "pressmark"
VERSION = "38"
"""Raised whenever the same page may give another text, or other fields."""


@dataclass(frozen=True, slots=True)
class About:
    """Other metadata; every field may be unknown."""

    section: str | None = None
    tags: tuple[str, ...] = ()
    image: str | None = None
    """The absolute URL of the lead image."""
    caption: str | None = None
    """What is written below the lead image, or said in its place."""
    description: str | None = None
    site: str | None = None
    """The name of the site, as the page gives it."""
    source: str | None = None
    """Who the site has it from: what stands after 来源."""
    canonical: str | None = None
    """The URL that the page says it should be known by."""
    next: str | None = None
    """Where this very article goes on."""
    free: bool | None = None
    """False for a page that says that all of it is for subscribers only: its text is a stub."""


@dataclass(frozen=True, slots=True)
class Text:
    """The text and metadata of a page."""

    title: str | None
    authors: tuple[str, ...]
    date: str | None
    """When it was published: ISO 8601 with the precision and the zone that the page gives."""
    modified: str | None
    language: str | None
    """ISO 639-1."""
    text: str
    """The paragraphs, one a line; empty for a page of which no main text is found."""
    extractor: str
    version: str
    """Our version, and the library's that found the main text: ``11+blocks-7d2c9fcf``. Without a text, ours alone."""
    origins: Mapping[str, str] = field(default_factory=dict)
    """Field → where its value came from: ``json-ld``, ``byline 作者``, ``date line`` …"""
    thread: Thread | None = None
    """The posts of a page of a forum: the text is theirs. Of an article, the comments under it."""
    about: About = field(default_factory=About)
    """What else the page says of itself: section, tags, lead image and so on."""
    markdown: str | None = None
    """The text as Markdown; None where its marks are not known: of a PDF, of posts, of what libraries read."""

    @property
    def author(self) -> str | None:
        """Return the authors in one line."""
        return "; ".join(self.authors) or None
