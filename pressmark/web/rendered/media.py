"""The files of video and audio, for the players on the page of a snapshot."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import Response, StreamingResponse

from archive.values.byte_span import Span, span_of
from pressmark.http.dependencies import Desk, Part
from pressmark.http.raw_answer import SANDBOX
from pressmark.http.target import url_after
from pressmark.views.capture_choice import snapshot_at
from pressmark.views.media.found import captures_of, content, file_of

router = Part(include_in_schema=False)


@router.get("/view/media/{file}/{timestamp}/{rest:path}")
def media(request: Request, file: str, timestamp: str, service: Desk) -> Response:
    """Send a file, or the range of it that a player requests. Its type is ours: no browser runs it."""
    with snapshot_at(service, url_after(request, 4), timestamp) as found:
        kept = file_of(service, found.capture, file)
    captures, size = captures_of(service, kept), kept.length
    headers = SANDBOX | {"Accept-Ranges": "bytes", "Cache-Control": "private, max-age=300"}
    if kept.mime is None:
        headers["Content-Disposition"] = f'attachment; filename="file.{_ending(kept.extension)}"'
    span = span_of(request.headers.get("range"), size)
    if span == "unsatisfiable":
        return Response(status_code=416, headers=headers | {"Content-Range": f"bytes */{size}"})
    part = span if isinstance(span, Span) else Span(0, size)
    headers["Content-Length"] = str(part.length)
    if isinstance(span, Span):
        headers["Content-Range"] = span.of(size)
    return StreamingResponse(
        content(service, captures, part),
        206 if isinstance(span, Span) else 200,
        headers,
        media_type=kept.mime or "application/octet-stream",
    )


def _ending(extension: str) -> str:
    return extension if extension.isascii() and extension.isalnum() else "bin"
