"""The shapes of captures, snapshots and their texts."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from archive.values.capture import Kind
from config.values.use import Use
from pressmark.views.media.shapes import MediumShape
from pressmark.views.shapes import Listing, Shape

UseOf = Literal["source", "removed source", "settings", "unknown"]


class DamagedShape(Shape):
    """Why the bytes of a capture are out of reach. The next run of its source fetches the page again."""

    state: Literal["quarantined", "missing", "damaged", "original"]
    """Cut off when the spool was recovered; missing in all files; changed since it was written; a revisit of such a
    record.
    """
    reason: str
    found_at: datetime


class Original(Shape):
    """The capture that a revisit refers to."""

    url: str
    at: datetime
    record_id: str


class CaptureShape(Shape):
    """One capture of a URL."""

    url: str
    timestamp: str = Field(examples=["20260131120000"])
    """UTC, to the second."""
    stamp: str
    """Its name in addresses: the timestamp, with ~ and its record id if the URL was captured twice in a second."""
    at: datetime
    status: int | None
    mime: str | None
    kind: Kind
    """The kind of record: the payload of a revisit was archived before, a not-modified one answered 304."""
    length: int
    """Bytes of the payload."""
    sha256: str | None
    """Of the payload."""
    digest: str | None
    """SHA-1 in base32, the digest of CDX."""
    collection: str
    source: str
    run: str
    redirect: str | None = None
    """The target of a 3xx answer."""
    original: Original | None = None
    """Which capture holds the payload of a revisit."""
    truncated: str | None = None
    verdict: str | None = None
    """What it is instead of the page: blocked, captcha, login, soft-404, parked; null for a page."""
    damaged: DamagedShape | None = None
    """Why its bytes are out of reach; null for a capture that can be read."""
    segment: str
    offset: int
    record_id: str
    page: str
    """The page that shows it."""


class Captures(Listing[CaptureShape]):
    """The captures of a URL."""

    alias_of: str | None = None
    """The address under which the page is archived, if the requested URL has no captures."""


class TextShape(Shape):
    """The text extracted from a page."""

    state: Literal["done", "none", "failed"]
    """Extracted; nothing there to extract; failed, and `reason` says how."""
    reason: str | None = None
    title: str | None = None
    author: str | None = None
    """The authors in one line."""
    authors: list[str] = Field(default=[])
    date: str | None = None
    """When it was published, in ISO 8601, as precise as the page is."""
    modified: str | None = None
    language: str | None = None
    section: str | None = None
    tags: list[str] = Field(default=[])
    image: str | None = None
    """The URL of the lead image."""
    caption: str | None = None
    """The caption of the lead image."""
    description: str | None = None
    site: str | None = None
    source: str | None = None
    """The agency or site that it was taken from."""
    canonical: str | None = None
    """The canonical URL that the page names."""
    next: str | None = None
    """The next part of this article."""
    free: bool | None = None
    """False for a page that says that it is for subscribers only."""
    origins: dict[str, str] = Field(default={})
    """Where the value of each field came from."""
    text: str | None = None
    sha256: str | None = None
    extractor: str | None = None
    version: str | None = None


class LinksShape(Shape):
    """The addresses of a snapshot in its forms."""

    page: str
    json_: str = Field(alias="json")
    raw: str
    text: str
    markdown: str
    thread: str
    headers: str


class WithheldShape(Shape):
    """Why exports and language models do not get the text of a page."""

    said: str
    """What reserves text and data mining, with the place before it: `tdmrep.json tdm-reservation: 1`. A field without a
    place is in the head of the answer."""
    use: Use | None
    """What the pages of its source are archived for, which lets that bind; null while that is unknown."""
    use_of: UseOf
    """Where `use` is set; that of a removed source is the one of its last run. It is unknown while a file with a
    mistake may describe the source, or while the directory of sources can't be read."""


class SnapshotShape(Shape):
    """A retrieved capture."""

    url: str
    timestamp: str
    at: datetime
    status: int | None
    mime: str | None
    kind: Kind
    original: Original | None = None
    headers: list[tuple[str, str]]
    """Fields of the response in their order and case on the wire."""
    reservations: list[tuple[str, str]]
    """What the site says of the use of the page: `status` for a refusal with 402 or 451, fields of its head such as
    `tdm-reservation` and `x-robots-tag`, and, with the place before the name, what robots.txt, ai.txt, tdmrep.json and
    `meta` elements of the page say."""
    withheld: WithheldShape | None = None
    """Why exports and language models do not get the text; null if they do."""
    length: int
    """Bytes of the archived payload, with its content coding."""
    sha256: str | None
    collection: str
    source: str
    run: str
    truncated: str | None = None
    verdict: str | None = None
    """What it is instead of the page: blocked, captcha, login, soft-404, parked."""
    text: TextShape | None = None
    """Null until it is extracted."""
    media: list[MediumShape] = Field(default=[])
    """Video and audio that were found in the page when it was archived."""
    links: LinksShape
