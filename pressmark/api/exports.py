"""/api/v1/exports: captures in the formats of other programs, streamed while they are exported."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from enum import StrEnum
from typing import Annotated

from fastapi import Query, Request
from starlette.responses import StreamingResponse

from archive.export import EXPORTERS
from archive.export.compressed import CODINGS
from pressmark.http.dependencies import Desk, Part
from pressmark.http.target import named_in
from pressmark.upkeep.exports import exporter_of, exports_of, selection_of

router = Part(prefix="/api/v1", tags=["exports"])

Format = StrEnum("Format", {name: name for name in EXPORTERS})  # type: ignore[misc]
Compression = StrEnum("Compression", {name: name for name in CODINGS})  # type: ignore[misc]
_MEDIA_TYPES = [one.media_type for one in EXPORTERS.values()] + [one.media_type for one in CODINGS.values()]
Text = Annotated[str | None, Query(max_length=8192)]


@router.get(
    "/exports/{format}",
    response_class=StreamingResponse,
    responses={200: {"content": {kind: {} for kind in _MEDIA_TYPES}}},
)
def export(
    request: Request,
    format: Format,
    service: Desk,
    *,
    source: Text = None,
    run: Text = None,
    collection: Text = None,
    url: Text = None,
    since: Text = None,
    until: Text = None,
    with_text: bool = False,
    latest: bool = False,
    language: Text = None,
    media_type: Annotated[str | None, Query(alias="type", max_length=256)] = None,
    posts: bool = False,
    compress: Compression | None = None,
    sign: bool = False,
) -> StreamingResponse:
    """Export captures (archived versions of pages) to a file. Select them by source, run, collection, beginning of the
    URL, or time.

    `since` and `until` are times as YYYYMMDDhhmmss, or only their first digits; `until=2026` includes the whole year.
    `with_text`: only captures whose text was extracted; `latest`: only the newest of these captures for each URL;
    `language`: such as zh or en; `type`: a media type, such as text/html or image/*. For a page that had not changed (a
    revisit record), the text and the type of the earlier capture count. `posts`: one row for each forum post instead of
    one for each capture (formats jsonl and parquet). `compress`: jsonl or cdxj in gzip or Zstandard. `sign` signs a
    WACZ with the key of the settings. The answer does not state its length: if the connection ends before the last
    chunk, the file is incomplete. The connection also ends this way if a record is damaged.
    """
    named = named_in(request) if url else None
    selection = selection_of(
        service,
        source=source,
        run=run,
        collection=collection,
        url=named,
        since=since,
        until=until,
        with_text=with_text,
        latest=latest,
        language=language,
        media_type=media_type,
    )
    exporter = exporter_of(service, str(format), sign=sign, posts=posts, compress=compress and str(compress))
    with ExitStack() as opening:
        stream = opening.enter_context(exports_of(service).streamed(exporter, selection, service.now()))
        opened = opening.pop_all()

    def pieces() -> Iterator[bytes]:
        with opened:
            yield from stream.pieces

    disposition = f'attachment; filename="{stream.name}"'
    return StreamingResponse(pieces(), media_type=exporter.media_type, headers={"Content-Disposition": disposition})
