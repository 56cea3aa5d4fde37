"""/api/v1/threads: a forum thread over all its pages, with the history of its posts."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from starlette.responses import JSONResponse

from pressmark.http.dependencies import Desk, Part
from pressmark.http.problems import Refused
from pressmark.http.target import url_after
from pressmark.views.capture_choice import check_archived, moment_of
from pressmark.views.threads import whole_json

router = Part(prefix="/api/v1", tags=["threads"])

_BEFORE = 4
"""Segments of the path before the URL: api, v1, threads, timestamp."""


@router.get("/threads/{timestamp}/{url:path}", response_model=dict[str, Any])
def show_thread(
    request: Request,
    timestamp: str,
    url: str,  # noqa: ARG001 (FastAPI has decoded it: it is taken from the raw path instead)
    service: Desk,
) -> JSONResponse:
    """Return the forum thread that a page belongs to, with all that was archived up to a time. Instead of a time, write
    `latest` for all that is archived.

    In the address of the request, write the URL of any page of the thread after the time. Each post comes with the
    times of the captures that first showed the post, its edits and its deletion. `missing` lists the pages of the
    thread that are not archived.
    """
    wanted = url_after(request, _BEFORE)
    whole = service.archive.thread(wanted, moment_of(timestamp))
    if whole is None:
        check_archived(service, wanted, timestamp)
        raise Refused(404, f"Pressmark found no forum posts on {wanted}")
    return JSONResponse(whole_json(whole))
