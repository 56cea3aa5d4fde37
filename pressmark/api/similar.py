"""/api/v1/similar: where else a text was published."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import JSONResponse

from pressmark.http.dependencies import Desk, Part
from pressmark.http.problems import Refused
from pressmark.http.target import url_after
from pressmark.views.capture_choice import moment_of
from pressmark.views.similar import CopiesShape, copies_shape

router = Part(prefix="/api/v1", tags=["snapshots"])

_BEFORE = 4
"""Segments of the path before the URL: api, v1, similar, timestamp."""
_MOST = 500
"""Maximum number of copies in one answer."""


@router.get("/similar/{timestamp}/{url:path}", response_model=CopiesShape)
def show_copies(
    request: Request,
    timestamp: str,
    url: str,  # noqa: ARG001 (FastAPI has decoded it: it is taken from the raw path instead)
    service: Desk,
) -> JSONResponse:
    """List other pages that have nearly the same text as a URL had at a time. Instead of a time, write `latest` for its
    newest text.

    In the address of the request, write the URL, with its query, after the time. `likeness` is the estimated share of
    the text that both pages have in common, from 0.6 to 1; to compare texts, Pressmark splits them into groups of three
    words, or five characters. At most 500 pages are returned, the most similar ones.
    """
    wanted = url_after(request, _BEFORE)
    found = service.archive.similar(wanted, moment_of(timestamp), limit=_MOST)
    if found is None:
        raise Refused(404, f"Pressmark found no text on {wanted}")
    return JSONResponse(copies_shape(found).model_dump(mode="json"))
