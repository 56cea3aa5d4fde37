"""The pictures on the cards of sources: a screenshot, a lead image, or a placeholder.

A card names its picture by an address of ours, and a browser requests it only once the card is near: a list of sources
costs no search for pictures.
"""

from __future__ import annotations

from hashlib import sha256

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from archive.retrieval.lead_images import newest_lead_image
from archive.retrieval.rendered import latest_picture
from archive.values.capture import SCREENSHOT
from archive.values.timestamps import timestamp14
from pressmark.http.dependencies import Desk, Part
from pressmark.http.raw_answer import SANDBOX
from pressmark.http.stage.stage import Stage
from pressmark.http.target import home_of
from pressmark.service.service import Service
from pressmark.views.capture_choice import stamp_of
from pressmark.views.links import link

router = Part(include_in_schema=False)

_KEPT = {"Cache-Control": "private, max-age=300"}
_INITIALS = 2


@router.get("/sources/{name}/picture")
def picture(request: Request, name: str, service: Desk) -> Response:
    """Lead to the newest picture of a source, or return a placeholder. Raises UnknownSource."""
    source = service.sources.get(name)
    where = picture_of(service, source.seeds[0]) if source.draws and source.seeds else None
    stage: Stage | None = request.app.state.stage
    if where:
        where = f"/view/picture/{where}"
    elif stage and (found := newest_lead_image(service.database, service.index, name)):
        where = stage.address(home_of(request), found.url, stamp_of(service, found), "im_")
    if where:
        return RedirectResponse(where, 302, headers=_KEPT)
    return Response(placeholder(name), media_type="image/svg+xml", headers=SANDBOX | _KEPT)


def picture_of(service: Service, seed: str) -> str | None:
    """Return where the newest screenshot of a start URL is, after `/view/picture/`; None if there is none."""
    found = latest_picture(service.index, seed)
    return f"{timestamp14(found.at)}/{link(found.url.removeprefix(SCREENSHOT))}" if found else None


def placeholder(name: str) -> str:
    """Return an SVG image with the initials of a source, in a colour that its name decides."""
    words = [word for word in name.split("-") if word]
    initials = "".join(word[0] for word in words[:_INITIALS]).upper()
    hue = int.from_bytes(sha256(name.encode()).digest()[:2]) % 360
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 180" width="320" height="180">'
        f'<rect width="320" height="180" fill="hsl({hue} 32% 38%)"/>'
        '<text x="160" y="116" font-size="72" font-family="system-ui, sans-serif" text-anchor="middle" '
        f'fill="hsl({hue} 40% 92%)">{initials}</text></svg>'
    )
