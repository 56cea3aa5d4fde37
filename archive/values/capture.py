"""A capture: one entry of the index, with URL, time and the location of the record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

Kind = Literal["response", "resource", "conversion", "revisit", "not-modified", "failed"]
"""`resource` and `conversion` are payloads without an HTTP message (ISO 28500:2017, 6.6 and 6.8): what a browser drew,
and records of other tools.

`failed` is an exchange without a response: it is in the WARC and in the journal, never in the index."""

Truncated = Literal["length", "time", "disconnect", "unspecified"]
"""Why a response is truncated: the values of WARC-Truncated (ISO 28500:2017, 5.13)."""

WITH_PAYLOAD: frozenset[str] = frozenset({"response", "resource", "conversion"})
"""The kinds whose own record holds the payload."""


DamageState = Literal["quarantined", "missing", "damaged", "original"]
"""Cut off in recovery; in no file any more; damaged; a revisit of such a record."""

SCREENSHOT, THUMBNAIL, PAGE_INFO = "urn:view:", "urn:thumbnail:", "urn:pageinfo:"
"""The prefixes of the URNs of a page's picture, of a small one, and of what it requested and said; Browsertrix uses the
same ones."""
MEDIA = "urn:media:"
"""The same of the list of a page's video and audio: `archive.values.media`."""
BESIDE_PAGE = (MEDIA, SCREENSHOT, THUMBNAIL, PAGE_INFO, "urn:fullPage:", "urn:text:", "urn:textFinal:")
"""All prefixes that are known, those of Browsertrix alone, too."""


def page_of(url: str) -> str:
    """Return the URL of the page that a URN is about (``urn:view:https://example.org/``), any other URL unchanged."""
    at = url.find(":http") if url.startswith("urn:") else -1
    return url[at + 1 :] if at > 0 else url


@dataclass(frozen=True, slots=True)
class Location:
    """The location of a record: a byte range of a segment."""

    segment: str
    """The segment's name while it was written, without suffix: ``20260131T120000Z-7-0-ab12cd34``."""
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Reference:
    """The capture that holds the payload of a revisit (WARC-Refers-To, -Target-URI, -Date)."""

    record_id: str
    url: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Damaged:
    """Why the bytes of a capture can't be read."""

    state: DamageState
    reason: str
    found_at: datetime


@dataclass(frozen=True, slots=True)
class Context:
    """What the crawl knows of an exchange beyond its bytes: source, run and the like."""

    collection: str
    source: str
    run: str
    page_id: str | None = None
    """WARC-Page-ID: one id for a page and its requisites."""
    via: str | None = None
    """The URL that led here."""
    hops: int = 0
    record_auth: bool = False
    """Whether Authorization and Cookie values stay readable in the request record."""
    not_modified: Reference | None = None
    """The original of a 304: the capture whose validators the request had."""
    reservations: tuple[tuple[str, str], ...] = ()
    """What the site says elsewhere of the use of the page: `archive.values.reservations`."""


class Capture(NamedTuple):
    """What the index knows of one captured record.

    It is a tuple, since captures are created by the hundred thousand: a frozen dataclass with as many fields takes
    three to four times as long to create.
    """

    collection: str
    urlkey: str
    url: str
    at: datetime
    kind: Kind
    status: int | None
    mime: str | None
    digest: str | None
    """SHA-1 of the payload in base32, without ``sha1:`` (the digest of CDX)."""
    sha256: str | None
    """SHA-256 of the payload in hexadecimal, which decides whether two payloads are equal."""
    payload_length: int
    location: Location
    span: int
    """Bytes from `location.offset` to the end of the exchange: response, request and metadata records."""
    record_id: str
    """``<urn:uuid:…>`` of the main record."""
    source: str
    run: str
    refers_to: Reference | None = None
    etag: str | None = None
    last_modified: str | None = None
    redirect: str | None = None
    """The absolute target of a 3xx response."""
    truncated: Truncated | None = None
    error: str | None = None
    reservations: str | None = None
    """What the site says of the use of the page, in lines: `archive.values.reservations`."""
    damaged: Damaged | None = None
    """None for a capture that can be read, as far as the index knows. Only the index sets it."""

    @property
    def has_payload(self) -> bool:
        """Whether the capture's own record holds the payload."""
        return self.kind in WITH_PAYLOAD
