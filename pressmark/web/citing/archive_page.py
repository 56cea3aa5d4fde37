"""The page that a bookmark or the browser opens to archive and cite a page. It acts on no GET: its buttons do."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import Request
from fastapi.responses import HTMLResponse, Response

from config.values.urls import check_url
from pressmark.http.dependencies import Desk, Part
from pressmark.http.render import page
from pressmark.http.target import named_in, public_home
from pressmark.views.capture_pages import captures_of, shows_page
from pressmark.web.citing.extension_zip import FILE_NAME, extension

router = Part(include_in_schema=False)


@router.get("/archive")
def show_page(request: Request, service: Desk) -> HTMLResponse:
    """Show a form with the URL, its newest capture of the page itself, and a bookmark that opens this from anywhere."""
    url = named_in(request).strip()
    unfit = _why_unfit(url) if url else None
    found = captures_of(service, url).items if url and not unfit else []
    newest = next(filter(shows_page, found), None)
    home = public_home(request, service.settings)
    return page(
        request,
        "archive-page.html",
        scripts=("copy.js",),
        url=url,
        unfit=unfit,
        newest=newest,
        answered=next(iter(found), None),
        cite=newest.page.replace("/snapshot/", "/view/cite/", 1) if newest else None,
        bookmark=f"javascript:location.href='{quote(home, safe=':/')}/archive?url='+encodeURIComponent(location.href)",
        home=home,
    )


@router.get("/archive/extension.zip")
def send_extension() -> Response:
    """Send the browser extension, to be loaded unpacked."""
    named = {"Content-Disposition": f'attachment; filename="{FILE_NAME}"'}
    return Response(extension(), media_type="application/zip", headers=named)


def _why_unfit(url: str) -> str | None:
    """Return why no page can have this URL; None if one can."""
    try:
        check_url(url)
    except ValueError as error:
        return str(error)
    return None
