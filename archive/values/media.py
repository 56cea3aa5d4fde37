"""What was found of the video and audio of a page: a record beside the page lists it, and where each file is archived.

The record is a `resource` of ``urn:media:URL``, as JSON. The files themselves are ordinary captures, exactly as the
servers sent them: one for a file, one for each segment of a stream (RFC 8216).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

MEDIA_TYPE = "application/json"
State = Literal["kept", "too-large", "live", "left-out", "failed"]
_STATES = frozenset(get_args(State))
PLAYED = {
    "mp4": "video/mp4",
    "m4v": "video/mp4",
    "mov": "video/mp4",
    "webm": "video/webm",
    "ogv": "video/ogg",
    "mp3": "audio/mpeg",
    "m4a": "audio/mp4",
    "aac": "audio/aac",
    "ogg": "audio/ogg",
    "oga": "audio/ogg",
    "opus": "audio/ogg",
    "weba": "audio/webm",
    "wav": "audio/wav",
    "flac": "audio/flac",
    "ts": "video/mp2t",
}
"""The media types of files by their extension, as yt-dlp names it. Others are offered as files without a type."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One capture that holds a file, or a part of one."""

    record: str
    """WARC-Record-ID."""
    url: str
    length: int
    """Bytes of the payload."""


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A file: its pieces one after the other."""

    tracks: Literal["both", "video", "audio"]
    extension: str
    pieces: tuple[Piece, ...]
    asked: str = ""
    """The URL that was requested for it: of the file, its playlist, or the last segment. Older lists have none."""

    @property
    def length(self) -> int:
        return sum(piece.length for piece in self.pieces)

    @property
    def mime(self) -> str | None:
        """The media type; None for one that no browser plays."""
        found = PLAYED.get(self.extension)
        if found and self.tracks == "audio":
            return found.replace("video/", "audio/")
        return found


@dataclass(frozen=True, slots=True)
class Medium:
    """A video or a recording of a page."""

    extractor: str
    """The part of yt-dlp that found it: a site, or ``Generic``."""
    id: str
    title: str
    state: State
    reason: str = ""
    """Why it is not archived, as a sentence."""
    duration: float | None = None
    """Seconds."""
    files: tuple[MediaFile, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        return self.extractor, self.id


def written(media: Sequence[Medium], keep: str = "") -> bytes:
    """Return the payload of the record; `keep` is the keep.media of the source, by which they were looked for."""
    return json.dumps({"keep": keep, "media": [asdict(one) for one in media]}, ensure_ascii=False).encode()


def kept_by(payload: bytes) -> str:
    """Return the keep.media by which a record was made; empty if it does not say."""
    try:
        return str(json.loads(payload).get("keep", ""))
    except (ValueError, AttributeError, RecursionError):
        return ""


def read(payload: bytes) -> tuple[Medium, ...]:
    """Read the payload of a record. Anyone's WARC may have one: what is not as we write it is left out."""
    return tuple(filter(None, map(_medium, _listed(payload) or ())))


def is_whole(payload: bytes) -> bool:
    """Return whether a payload is a list as some version of Pressmark writes it: `read` leaves out nothing of it."""
    try:
        found = json.loads(payload, object_pairs_hook=_once)
        return found.keys() <= _KEYS and isinstance(found["media"], list) and all(map(_is_as_written, found["media"]))
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError):
        return False


_KEYS = {"keep", "tool", "media"}
"""The former version with `tool` is not released; it named its files in the same way."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _is_as_written(one: dict[str, Any]) -> bool:
    if (medium := _medium(one)) is None:
        return False
    given = {**one, "files": [{"asked": "", **file} for file in one["files"]]}
    again: dict[str, Any] = json.loads(json.dumps(asdict(medium)))
    return again == {"duration": None, **given}


def _listed(payload: bytes) -> list[Any] | None:
    try:
        listed = json.loads(payload)["media"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return listed if isinstance(listed, list) else None


def _medium(value: Any) -> Medium | None:
    try:
        files = tuple(map(_file, value["files"]))
        duration = value.get("duration")
        if value["state"] not in _STATES:
            return None
        return Medium(
            str(value["extractor"]),
            str(value["id"]),
            str(value["title"]),
            value["state"],
            str(value["reason"]),
            float(duration) if duration is not None else None,
            files,
        )
    except (TypeError, KeyError, ValueError, AttributeError, OverflowError):
        return None


def _file(value: Any) -> MediaFile:
    if value["tracks"] not in ("both", "video", "audio"):
        raise ValueError(value["tracks"])
    pieces = tuple(Piece(str(one["record"]), str(one["url"]), _length(one["length"])) for one in value["pieces"])
    return MediaFile(value["tracks"], str(value["extension"])[:10], pieces, str(value.get("asked", "")))


def _length(value: Any) -> int:
    if not isinstance(value, int) or value < 0:
        raise ValueError(value)
    return value
