"""How sites learn who crawls them, and verify it: a page about the crawler, and the keys that sign its requests.

The directory of keys follows draft-ietf-webbotauth-httpsig-protocol-01, 5.5 and B.1.
"""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import HTMLResponse, Response

from config.errors import ConfigError
from crawler.policy.robots import product
from crawler.wire.key_directory import MEDIA_TYPE, VALID, WELL_KNOWN
from pressmark.discover.drafted_source import user_agent
from pressmark.http.dependencies import Desk, Part
from pressmark.http.problems import Refused
from pressmark.http.render import page
from pressmark.service.keys import KeyDirectory, key_directory
from pressmark.service.service import Service

router = Part(include_in_schema=False)

_KEPT = 3600
"""Seconds for which sites may keep the keys."""


@router.get(WELL_KNOWN)
def send_keys(service: Desk) -> Response:
    """Send the public keys as a JSON Web Key Set (RFC 7517), signed by each of them."""
    if (found := _directory(service)) is None:
        raise Refused(404, "this service signs no requests")
    headers = {**found.fields, "Cache-Control": f"max-age={_KEPT}"}
    return Response(found.body, media_type=MEDIA_TYPE, headers=headers)


@router.get("/crawler")
def show_crawler(request: Request, service: Desk) -> HTMLResponse:
    """Show who crawls, by which User-Agent, and how a site recognises it."""
    settings, directory = service.settings, _directory(service)
    agent = user_agent(settings)
    return page(
        request,
        "crawler.html",
        navigated=False,
        contact=settings.contact,
        agent=agent,
        product=product(agent),
        keys=directory.keys if directory else [],
        directory=f"{settings.public_url or ''}{WELL_KNOWN}",
        minutes=VALID.seconds // 60,
    )


def _directory(service: Service) -> KeyDirectory | None:
    try:
        return key_directory(service.settings, service.database, service.now())
    except (ConfigError, OSError):
        # Anybody may call this, so the answer names no path: the next signed run fails and names the file.
        raise Refused(503, "the keys that sign requests can't be read now") from None
