"""Pictures of archived pages, as images of our own pages: no browser runs them."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import Response

from archive.retrieval.rendered import rendered, small_picture
from archive.values.capture import Capture
from pressmark.http.dependencies import Desk, Part
from pressmark.http.problems import Refused
from pressmark.http.raw_answer import SANDBOX
from pressmark.http.target import url_after
from pressmark.service.service import Service
from pressmark.views.capture_choice import snapshot_at

router = Part(include_in_schema=False)

_PICTURES = ("image/jpeg", "image/png", "image/webp")


@router.get("/view/picture/{timestamp}/{rest:path}")
def picture(request: Request, timestamp: str, service: Desk) -> Response:
    """Return the picture of a page."""
    with snapshot_at(service, url_after(request, 3), timestamp) as found:
        shown = rendered(service.index, found.capture).screenshot
    return _image(service, shown)


@router.get("/view/thumbnail/{timestamp}/{rest:path}")
def thumbnail(request: Request, timestamp: str, service: Desk) -> Response:
    """Return the small picture of a page; the picture, if it has no small one."""
    with snapshot_at(service, url_after(request, 3), timestamp) as found:
        shown = small_picture(service.index, found.capture)
    return _image(service, shown)


def _image(service: Service, shown: Capture | None) -> Response:
    if shown is None or shown.mime not in _PICTURES:
        raise Refused(404, "this capture has no screenshot")
    with service.archive.open(shown) as found:
        answer = Response(found.payload().body, media_type=shown.mime)
    answer.headers.update(SANDBOX | {"Cache-Control": "private, max-age=300"})
    return answer
