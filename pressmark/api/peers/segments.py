"""``/segments/NAME``: files of the spool that are not in the store yet, for the other machines of the same database."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, BinaryIO

from fastapi import Header, Query, Response
from fastapi.responses import StreamingResponse

from archive.index.purges.given_up import is_given_up
from archive.spool.sealed import find_segment
from archive.store.streams import window
from pressmark.http.dependencies import Desk, Part
from pressmark.service.peers.signatures import HEADER, SIZE, Signatures
from pressmark.service.service import Service

router = Part(tags=["machines"])

_PIECE = 1 << 16
_LARGEST = 1 << 62


@router.get("/segments/{segment}", include_in_schema=False)
def segment(
    segment: str,
    service: Desk,
    offset: Annotated[int, Query(ge=0, le=_LARGEST)] = 0,
    length: Annotated[int, Query(ge=0, le=_LARGEST)] = 0,
    signature: Annotated[str, Header(alias=HEADER)] = "",
) -> Response:
    """Return a part of a file of the spool, and the size of the file, to a machine that signs its request.

    Everybody else gets 404. A part that ends after the file ends with the file.
    """
    file = _opened(service, segment) if _may(service, segment, offset, length, signature) else None
    if file is None:
        return Response(status_code=404)
    size = file.seek(0, 2)
    length = min(length, max(size - offset, 0))
    headers = {SIZE: str(size), "Content-Length": str(length)}
    return StreamingResponse(_pieces(window(file, offset, length, segment)), 200, headers, "application/octet-stream")


def _may(service: Service, segment: str, offset: int, length: int, signature: str) -> bool:
    if service.settings.worker.url is None or not signature or not service.database.is_shared:
        return False
    return Signatures(service.database, now=service.epochs.now).is_signed(segment, offset, length, signature)


def _opened(service: Service, segment: str) -> BinaryIO | None:
    """Open the file of a segment in our spool; None if it was sealed or released this moment: who asks looks again.

    One that was given up, and is back, is not served before what was purged meanwhile is purged in it.
    """
    if is_given_up(service.database, segment):
        return None
    path = find_segment(service.settings.spool_path / "open" / "any", segment)
    try:
        return path.open("rb") if path else None
    except FileNotFoundError:
        return None


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE):
            yield piece
