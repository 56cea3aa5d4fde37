"""/robots.txt: what crawlers may fetch of this archive (RFC 9309)."""

from __future__ import annotations

from fastapi.responses import PlainTextResponse

from pressmark.http.dependencies import Desk, Part
from pressmark.http.hidden.crawlers import robots_txt

router = Part(include_in_schema=False)


@router.get("/robots.txt")
def robots(service: Desk) -> PlainTextResponse:
    """Say what the setting `http.indexing` allows."""
    return PlainTextResponse(robots_txt(service.settings.http.indexing))
