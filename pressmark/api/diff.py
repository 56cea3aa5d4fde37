"""/api/v1/diff: the differences between two captures of a URL."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import JSONResponse

from pressmark.http.dependencies import Desk, Part
from pressmark.http.target import url_after
from pressmark.views.diff import DiffShape, compared, diff_shape

router = Part(prefix="/api/v1", tags=["snapshots"])

_BEFORE = 5
"""Segments of the path before the URL: api, v1, diff, start, end."""


@router.get("/diff/{start}/{end}/{url:path}", response_model=DiffShape)
def show_difference(
    request: Request,
    start: str,
    end: str,
    url: str,  # noqa: ARG001 (FastAPI has decoded it: it is taken from the raw path instead)
    service: Desk,
) -> JSONResponse:
    """Compare two captures (archived versions) of a URL: text, title, author, date, headers and posts. You give two
    times; for each, the capture nearest to it is used.

    `latest` means the newest capture. `previous`, as the first time, means the version before the second time.
    Everything after the two times is the URL, including its query.
    """
    with compared(service, url_after(request, _BEFORE), start, end) as found:
        return JSONResponse(diff_shape(found).model_dump(mode="json"))
