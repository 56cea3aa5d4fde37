"""The text of a page, as values that don't need the libraries of the extractor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from extractor.values.thread import Thread

EXTRACTOR = "pressmark"
VERSION = "68"
"""Increased with every change that may give another text, or other fields, for the same page."""


@dataclass(frozen=True, slots=True)
class About:
    """Other metadata; every field may be unknown."""

    section: str | None = None
    tags: tuple[str, ...] = ()
    image: str | None = None
    """The absolute URL of the lead image."""
    caption: str | None = None
    """The caption of the lead image, or its alternative text."""
    description: str | None = None
    site: str | None = None
    """The name of the site, from the page."""
    source: str | None = None
    """The original source of the text: the name after 来源."""
    canonical: str | None = None
    """The canonical URL that the page declares."""
    next: str | None = None
    """The next page of this article."""
    free: bool | None = None
    """False if the page declares that it is for subscribers only: its text is a stub."""


@dataclass(frozen=True, slots=True)
class Text:
    """The text and metadata of a page."""

    title: str | None
    authors: tuple[str, ...]
    date: str | None
    """The date of publication: ISO 8601 with the precision and zone of the page."""
    modified: str | None
    language: str | None
    """ISO 639-1."""
    text: str
    """The paragraphs, one per line; empty if no main text was found."""
    extractor: str
    version: str
    """Our version, and that of the block model: ``11+blocks-7d2c9fcf``. Without a text, ours alone."""
    origins: Mapping[str, str] = field(default_factory=dict)
    """Field → origin of its value: ``json-ld``, ``byline 作者``, ``date line`` …"""
    thread: Thread | None = None
    """The posts of a forum page, which are its text; for an article, the comments under it."""
    about: About = field(default_factory=About)
    """Other metadata: section, tags, lead image and so on."""
    markdown: str | None = None
    """The text as Markdown; None if its structure is unknown: for PDFs, posts, and texts from libraries."""

    @property
    def author(self) -> str | None:
        """Return the authors in one line."""
        return "; ".join(self.authors) or None
