"""/api/v1/articles: an article over all its parts."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from starlette.responses import JSONResponse

from pressmark.http.dependencies import Desk, Part
from pressmark.http.problems import Refused
from pressmark.http.target import url_after
from pressmark.views.articles import article_json
from pressmark.views.capture_choice import check_archived, moment_of

router = Part(prefix="/api/v1", tags=["articles"])

_BEFORE = 4
"""Segments of the path before the URL: api, v1, articles, timestamp."""


@router.get("/articles/{timestamp}/{url:path}", response_model=dict[str, Any])
def show_article(
    request: Request,
    timestamp: str,
    url: str,  # noqa: ARG001 (FastAPI has decoded it: it is taken from the raw path instead)
    service: Desk,
) -> JSONResponse:
    """Return a whole article of several pages, from the captures (archived versions) nearest to a time. Instead of a
    time, write `latest` for the newest captures.

    In the address of the request, write the URL of any page of the article after the time. `text` and `markdown` join
    all archived pages of the article. `complete` says whether all its pages are archived, and `missing` names the first
    one that is not.
    """
    wanted = url_after(request, _BEFORE)
    found = service.archive.article(wanted, moment_of(timestamp))
    if found is None:
        check_archived(service, wanted, timestamp)
        raise Refused(404, f"Pressmark found no text on {wanted}")
    return JSONResponse(article_json(found))
