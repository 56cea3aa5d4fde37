"""The shapes of video and audio."""

from __future__ import annotations

from pydantic import Field

from archive.values.media import State
from pressmark.views.shapes import Shape


class MediaFileShape(Shape):
    """A file of a video or a recording."""

    tracks: str
    """both, video, or audio: a site may offer picture and sound as two files."""
    mime: str | None
    """Null for a file that no browser plays."""
    length: int
    """Bytes."""
    pieces: int
    """The number of captures that make it: more than one for a stream."""
    link: str
    """Where the file is."""


class MediumShape(Shape):
    """A video or a recording that was found in a page when it was archived."""

    title: str
    state: State
    """kept; too-large; live: it was broadcast then; left-out: the source wants only its sound, which is in no file of
    its own; failed."""
    reason: str | None
    """Why it is not archived."""
    duration: float | None
    """Seconds."""
    found_by: str
    """The part of yt-dlp that found it."""
    files: list[MediaFileShape] = Field(default=[])
