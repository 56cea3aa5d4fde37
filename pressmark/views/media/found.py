"""Find the video and audio of a capture, and read the bytes of their files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from archive.index.records import capture_named
from archive.retrieval.rendered import media_list
from archive.values.byte_span import Span
from archive.values.capture import Capture
from archive.values.errors import CaptureNotFound
from archive.values.media import MediaFile, Medium, read
from pressmark.views.links import link
from pressmark.views.media.shapes import MediaFileShape, MediumShape

if TYPE_CHECKING:
    from pressmark.service.service import Service

_LONGEST = 4 << 20
"""Bytes of a record that lists media; a stream of a day has a megabyte."""
_AT_ONCE = 1 << 16
_PAGES = (None, "text/html", "application/xhtml+xml")
"""The types of captures that a run looks for media in; that of a revisit may be unknown."""


def media_of(service: Service, capture: Capture) -> tuple[Medium, ...]:
    """Return what was found of the media of a capture: that of the record beside it, at its own moment."""
    beside = media_list(service.index, capture) if capture.mime in _PAGES else None
    if beside is None or beside.payload_length > _LONGEST:
        return ()
    with service.archive.open(beside) as found:
        return read(found.payload().body)


def media_shapes(service: Service, capture: Capture, stamp: str) -> list[MediumShape]:
    """Return the shapes; `stamp` names the capture in addresses."""
    end = f"{stamp}/{link(capture.url)}"
    return [
        MediumShape(
            title=one.title,
            state=one.state,
            reason=one.reason or None,
            duration=one.duration,
            found_by=one.extractor,
            files=[_file_shape(file, f"/view/media/{n}-{m}/{end}") for m, file in enumerate(one.files)],
        )
        for n, one in enumerate(media_of(service, capture))
    ]


def file_of(service: Service, capture: Capture, name: str) -> MediaFile:
    """Return a file by its name in addresses, such as ``0-0``. Raises CaptureNotFound."""
    medium, _, file = name.partition("-")
    try:
        if not (medium.isascii() and file.isascii()):
            raise ValueError(name)
        return media_of(service, capture)[int(medium)].files[int(file)]
    except (ValueError, IndexError) as error:
        raise CaptureNotFound(capture.url) from error


def captures_of(service: Service, file: MediaFile) -> list[Capture]:
    """Return the captures of the pieces of a file. Raises CaptureNotFound if one is lost, hidden or not as listed."""
    found = []
    for piece in file.pieces:
        capture = capture_named(service.database, piece.record)
        if capture is None or capture.damaged or capture.payload_length != piece.length:
            raise CaptureNotFound(piece.url)
        found.append(capture)
    return found


def content(service: Service, captures: Sequence[Capture], span: Span) -> Iterator[bytes]:
    """Yield bytes of a file that these captures make, one after the other."""
    skip, left = span.start, span.length
    for capture in captures:
        if left <= 0:
            return
        if skip >= capture.payload_length:
            skip -= capture.payload_length
            continue
        with service.archive.open(capture) as found:
            source = found.raw()
            source.seek(skip, 1)
            here = min(left, capture.payload_length - skip)
            skip, left = 0, left - here
            while here:
                part = source.read(min(here, _AT_ONCE))
                if not part:
                    raise EOFError(f"{here} bytes of {capture.url} are missing")
                here -= len(part)
                yield part


def _file_shape(file: MediaFile, address: str) -> MediaFileShape:
    return MediaFileShape(tracks=file.tracks, mime=file.mime, length=file.length, pieces=len(file.pieces), link=address)
