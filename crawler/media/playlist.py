"""Read a media playlist of HTTP Live Streaming (RFC 8216). Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from urllib.parse import urljoin

_ATTRIBUTE = re.compile(r'(?<![A-Z0-9-])([A-Z0-9-]++)=("[^"]*"|[^,]*)')
_MOST = 20_000
"""Segments of a playlist: more than a day in pieces of five seconds."""


class PlaylistUnfit(ValueError):
    """A playlist that can't be archived as a file, and why, as a sentence."""


class StreamGoesOn(PlaylistUnfit):
    """A stream whose end is not known yet."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a stream: a URL, or a range of bytes of one."""

    url: str
    first: int | None = None
    length: int | None = None
    initial: bool = False
    """Whether it is the initialisation section of an fMP4 file (RFC 8216, 4.3.2.5), which MPEG-2 TS does not have."""

    @property
    def range(self) -> str | None:
        """The value of the field Range (RFC 9110, 14.2); None for all bytes."""
        if self.first is None or self.length is None:
            return None
        return f"bytes={self.first}-{self.first + self.length - 1}"


def is_playlist(body: bytes) -> bool:
    """Return whether a body begins as a playlist does."""
    return body.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"#EXTM3U")


def segments_of(text: str, url: str) -> list[Segment]:
    """Return the segments of a playlist in their order, with the initialisation section of each. Raises PlaylistUnfit.

    One after the other, they are the stream.
    """
    lines = [line.strip() for line in text.removeprefix("\ufeff").splitlines() if line.strip()]
    if not lines or lines[0] != "#EXTM3U":
        raise PlaylistUnfit("the server sent something else than a playlist of HTTP Live Streaming")
    found: list[Segment] = []
    span: str | None = None
    for line in lines[1:]:
        tag, _, value = line.partition(":")
        if tag == "#EXT-X-STREAM-INF":
            raise PlaylistUnfit("the playlist lists other playlists, and none of them was chosen")
        if tag == "#EXT-X-KEY" and _attributes(value).get("METHOD", "NONE") != "NONE":
            raise PlaylistUnfit("the stream is encrypted")
        if tag == "#EXT-X-BYTERANGE":
            span = value
        elif tag == "#EXT-X-MAP":
            about = _attributes(value)
            made = _segment(urljoin(url, about.get("URI", "")), about.get("BYTERANGE"), found)
            found.append(replace(made, initial=True))
        elif not line.startswith("#"):
            found.append(_segment(urljoin(url, line), span, found))
            span = None
        if len(found) > _MOST:
            raise PlaylistUnfit(f"the stream has more than {_MOST} segments")
    if "#EXT-X-ENDLIST" not in lines:
        raise StreamGoesOn("it is broadcast now; a later run archives it")
    if not found:
        raise PlaylistUnfit("the playlist has no segments")
    return found


def _segment(url: str, span: str | None, before: list[Segment]) -> Segment:
    """Return a segment; a range without an offset follows that of the segment before (RFC 8216, 4.3.2.2)."""
    if span is None:
        return Segment(url)
    length, _, offset = span.partition("@")
    last = before[-1] if before else None
    try:
        after = last.first + last.length if last and last.url == url and last.first is not None and last.length else 0
        return Segment(url, int(offset) if offset else after, int(length))
    except ValueError as error:
        raise PlaylistUnfit(f"a segment has the range {span:.40}, which does not name bytes") from error


def _attributes(value: str) -> dict[str, str]:
    return {name: found.strip('"') for name, found in _ATTRIBUTE.findall(value)}
