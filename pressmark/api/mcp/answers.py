"""The shapes of the answers: each names its evidence, so that a model can cite it and a person can check it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from pressmark.views.shapes import Shape


class Evidence(Shape):
    """The capture that an answer comes from."""

    url: str
    """The address of the page at that time."""
    at: datetime
    """When it was captured, UTC."""
    record_id: str
    """WARC-Record-ID."""
    sha256: str | None
    """SHA-256 of the payload, in hexadecimal."""
    link: str
    """The snapshot in Pressmark: a permanent link if the setting `public_url` is set, else a path."""


class Hit(Shape):
    """A text that matches a search."""

    evidence: Evidence
    title: str
    snippet: str
    language: str | None
    source: str
    current: bool
    """False if the page has another text by now."""


class Hits(Shape):
    """A page of search results, best match first."""

    items: list[Hit]
    next: str | None
    """The cursor of the next page; null on the last one."""


class Version(Shape):
    """A capture of a page."""

    evidence: Evidence
    status: int | None
    kind: str
    """The kind of record: response, revisit (payload archived before), not-modified, resource, conversion."""
    instead: str | None
    """What it is instead of the page: blocked, captcha, login, soft-404, parked; null for a page."""
    damaged: str | None
    """Why its bytes can't be read; null for a capture that can be read."""


class Versions(Shape):
    """The captures of a page, newest first."""

    items: list[Version]
    next: str | None


class PageText(Shape):
    """The text of a page, or a part of a long one."""

    evidence: Evidence
    citation: str
    """In the style of APA 7."""
    title: str | None
    author: str | None
    date: str | None
    """When it was published, as the page says."""
    language: str | None
    text: str
    """Markdown where it is known, else plain text."""
    offset: int
    """Characters before this part."""
    total: int
    """Characters of the whole text."""
    next_offset: int | None
    """The `offset` of the next part; null at the end."""


class Change(Shape):
    """A line that differs between two captures."""

    kind: str
    """changed, deleted or inserted."""
    old: str | None
    new: str | None


class Differences(Shape):
    """What changed between two captures of a page."""

    url: str
    old: Evidence
    new: Evidence
    changed: bool
    """Whether anything but noise changed: relative times, counters and the like are noise."""
    lines: list[Change]
    facts: list[dict[str, Any]]
    """Title, author, date and the like that changed: name, old, new."""
    posts: list[dict[str, Any]]
    """Posts or comments that were added, edited or removed."""
    left_out: int = Field(default=0)
    """Changed lines and posts beyond the limit of one answer."""
    link: str


class Thread(Shape):
    """A forum thread over all its pages."""

    url: str
    title: str | None
    complete: bool
    """False if a page of the thread is not archived; `missing` names it."""
    missing: list[str]
    deleted: datetime | None
    deleted_why: str | None
    """What shows that the site no longer has the thread: a status, words of a notice, or a message without posts."""
    posts: list[dict[str, Any]]
    """As docs/formats/threads.md describes them, with edits and deletions."""
    offset: int
    total: int
    next_offset: int | None


class News(Shape):
    """A page that is new, or has a new text."""

    evidence: Evidence
    novelty: str
    """new or changed."""
    title: str | None
    author: str | None
    language: str | None
    source: str
    beginning: str
    """The beginning of the text."""


class WhatIsNew(Shape):
    """New and changed pages, newest first."""

    items: list[News]
    next: str | None


class SourceLine(Shape):
    """A source of the archive."""

    name: str
    state: str
    collection: str
    seeds: list[str]


class SourceLines(Shape):
    """The sources, by name."""

    items: list[SourceLine]
    next: str | None


class Requested(Shape):
    """A run that was requested, and its state."""

    run: str
    state: str
    reason: str | None
    url: str | None
    """The address to archive."""
    pages: int
    """Pages that it fetched so far."""
