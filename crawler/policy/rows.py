"""What the frontier holds: URLs, what they are to the walk, and where they stand."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from hashlib import blake2b
from typing import NamedTuple


class Role(IntEnum):
    """What a URL is to the walk, and so how its answer is read."""

    PAGE = 0
    REQUISITE = 1
    """Something that a page needs to be shown: it is fetched from any host and has no depth."""
    LISTING = 2
    FEED = 3
    SITEMAP = 4
    THREAD = 5
    """A page of a forum's thread."""


class State(IntEnum):
    """Where a URL stands. The numbers are in the file, and in `frontiersql`."""

    PENDING = 0
    LEASED = 1
    DONE = 2
    REDIRECTED = 3
    """Done, and its answer led to another URL, which has a row of its own."""
    FAILED = 4
    DROPPED = 5
    """Not fetched, for a reason: robots.txt, a limit, nothing new since the last capture."""
    ALIAS = 6
    """Another address of a page that is had by one of its own; fetched only if that one comes to nothing."""


class Link(NamedTuple):
    """A URL to be added, in its normal form."""

    url: str
    role: Role = Role.PAGE
    depth: int = 0
    hops: int = 0
    """Redirects, and style sheets inside style sheets, that led here from the page."""
    seed: bool = False
    modified: float | None = None
    """Fetch only when our last capture is older than this, in seconds since 1970; 0: only when there is none."""
    target: bool = False
    """True for where a redirect leads: it belongs to the redirecting page, and one that merely redirected itself may be
    visited again (a site that sets a cookie on the way does so)."""
    mark: str | None = None
    """What the list that names it says of it besides: when it differs from last time, it is fetched."""


class Row(NamedTuple):
    """A leased URL."""

    id: int
    url: str
    host: int
    role: int
    depth: int
    attempts: int
    """How often it was tried before."""
    hops: int
    seed: int
    page: int | None
    """The row of the page that it belongs to; None: it is its own."""
    modified: float | None
    mark: str | None
    via: str | None


class Settled(NamedTuple):
    """What came of a leased URL."""

    id: int
    state: State
    reason: str | None = None
    links: Sequence[Link] = ()
    page: int | None = None
    """What `Row.page` of requisites and redirect targets among the links becomes."""
    due: float = 0.0
    """When a URL that is PENDING again may be leased, in seconds since 1970."""
    attempts: int = 0
    modified: float | None = None
    """Of one that is passed over: what its list had told when that was decided."""


class Moved(NamedTuple):
    """A URL that redirected."""

    url: str
    end: str
    """Where that ended."""
    reason: str | None
    """Why that was not had, if it was not."""


class SeedFate(NamedTuple):
    """Where a seed, or what it redirected to, stands."""

    url: str
    state: State
    reason: str | None


def host_of(url: str) -> str:
    """The host of an absolute URL in its normal form, without its port."""
    authority = url.split("/", 3)[2].rpartition("@")[2]
    return authority.partition("]")[0][1:] if authority[:1] == "[" else authority.partition(":")[0]


def key_of(url: str) -> bytes:
    """80 bits: among a million URLs, two share a key with a chance of 4 in 10^13."""
    return blake2b(url.encode(), digest_size=10).digest()
