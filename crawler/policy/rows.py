"""What the frontier holds: URLs, their roles in the walk, and their states."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from hashlib import blake2b
from typing import NamedTuple


class Role(IntEnum):
    """The role of a URL in the walk, which decides how its answer is read."""

    PAGE = 0
    REQUISITE = 1
    """Something that a page needs to be displayed: fetched from any host, without a depth."""
    LISTING = 2
    FEED = 3
    SITEMAP = 4
    THREAD = 5
    """A page of a forum's thread."""


class State(IntEnum):
    """The state of a URL. The numbers are in the file and in `crawler.frontier.statements`."""

    PENDING = 0
    LEASED = 1
    DONE = 2
    REDIRECTED = 3
    """Done; its answer led to another URL, which has its own row."""
    FAILED = 4
    DROPPED = 5
    """Not fetched, for a reason: robots.txt, a limit, no change since the last capture."""
    ALIAS = 6
    """Another address of a page that has its own row; fetched only if that one fails."""


class Link(NamedTuple):
    """A URL to be added, in its normal form."""

    url: str
    role: Role = Role.PAGE
    depth: int = 0
    hops: int = 0
    """Redirects, and style sheets inside style sheets, between the page and this URL."""
    seed: bool = False
    modified: float | None = None
    """Fetch only if our last capture is older than this, in seconds since 1970; 0: only if there is none."""
    target: bool = False
    """True for a redirect target: it belongs to the redirecting page.

    A target that itself only redirected may be visited again (a site that sets a cookie on the way needs this).
    """
    mark: str | None = None
    """What else the list says of it: if this differs from last time, it is fetched."""


class Row(NamedTuple):
    """A leased URL."""

    id: int
    url: str
    host: int
    role: int
    depth: int
    attempts: int
    """The number of earlier attempts."""
    hops: int
    seed: int
    page: int | None
    """The row of the page that it belongs to; None: it is a page itself."""
    modified: float | None
    mark: str | None
    via: str | None


class FetchResult(NamedTuple):
    """The result of a leased URL."""

    id: int
    state: State
    reason: str | None = None
    links: Sequence[Link] = ()
    page: int | None = None
    """The value of `Row.page` for the requisites and redirect targets among the links."""
    due: float = 0.0
    """When a URL that is PENDING again may be leased, in seconds since 1970."""
    attempts: int = 0
    modified: float | None = None
    """For a skipped URL: the change that its list gave when that was decided."""


class Moved(NamedTuple):
    """A URL that redirected."""

    url: str
    end: str
    """The final target."""
    reason: str | None
    """Why the final target was not fetched, if it was not."""


class SeedFate(NamedTuple):
    """The state of a seed, or of its redirect target."""

    url: str
    state: State
    reason: str | None


def host_of(url: str) -> str:
    """Return the host, without its port, of an absolute URL in its normal form."""
    authority = url.split("/", 3)[2].rpartition("@")[2]
    return authority.partition("]")[0][1:] if authority[:1] == "[" else authority.partition(":")[0]


def key_of(url: str) -> bytes:
    """Return a key of 80 bits: among a million URLs, the chance that two share a key is 4 in 10^13."""
    return blake2b(url.encode(), digest_size=10).digest()
