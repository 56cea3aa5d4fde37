"""What passes between the process of yt-dlp and the worker."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from crawler.policy.answers import Answered

Tracks = Literal["both", "video", "audio"]
HTTP = ("http", "https")
HLS = ("m3u8", "m3u8_native")
DASH = ("http_dash_segments",)


class MediaMissing(Exception):
    """yt-dlp is not installed."""


class MediaFailed(Exception):
    """The media of a page could not be looked for, and why, as a sentence."""


class NotFetched(Exception):
    """A request of yt-dlp that gets no answer, and why."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that yt-dlp makes."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


Fetcher = Callable[[Asked], Awaitable[Answered]]
"""Fetches for yt-dlp. Raises NotFetched."""


@dataclass(frozen=True, slots=True)
class Format:
    """One form in which a site offers a video or a recording."""

    url: str
    protocol: str
    """As yt-dlp names it: ``https``, ``m3u8_native``, ``http_dash_segments`` and others."""
    extension: str
    tracks: Tracks
    size: int | None = None
    """Bytes, exact or estimated, if known."""
    headers: dict[str, str] = field(default_factory=dict)
    """What the site expects in a request for it, such as Referer."""
    fragments: tuple[str, ...] = ()
    """The URLs of its pieces, where its list is known already."""


@dataclass(frozen=True, slots=True)
class FoundMedium:
    """A video or a recording of a page, with the forms in which it is offered, the worst first."""

    extractor: str
    id: str
    title: str
    duration: float | None
    live: bool
    formats: tuple[Format, ...]


@dataclass(frozen=True, slots=True)
class FoundMedia:
    """What yt-dlp found for a page."""

    media: tuple[FoundMedium, ...]
    errors: tuple[str, ...]
    """Why something that it saw is not among them, a sentence each."""


def found_of(message: dict[str, Any]) -> FoundMedia:
    """Read the answer of the process. Raises TypeError, KeyError for one that it never gives."""
    media = tuple(
        FoundMedium(
            one["extractor"],
            one["id"],
            one["title"],
            one["duration"],
            one["live"],
            tuple(Format(**each | {"fragments": tuple(each["fragments"])}) for each in one["formats"]),
        )
        for one in message["media"]
    )
    return FoundMedia(media, tuple(message["errors"]))
