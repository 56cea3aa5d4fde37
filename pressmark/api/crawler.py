"""How sites learn who crawls them, and verify it: a page about the crawler, and the keys that sign its requests.

The directory of keys follows draft-ietf-webbotauth-httpsig-protocol-01, 5.5 and B.1.
"""

from __future__ import annotations

import json

from fastapi import Request
from fastapi.responses import HTMLResponse, Response

from config.errors import ConfigError
from crawler.policy.robots import product
from crawler.wire.bot_key import BotKey
from crawler.wire.signatures import MEDIA_TYPE, VALID, WELL_KNOWN, directory_fields
from pressmark.discover.drafted_source import user_agent
from pressmark.http.dependencies import Desk, Part
from pressmark.http.problems import Refused
from pressmark.http.render import page
from pressmark.service.keys import published_keys
from pressmark.service.service import Service

router = Part(include_in_schema=False)

_KEPT = 3600
"""Seconds for which sites may keep the keys."""


@router.get(WELL_KNOWN)
def send_keys(service: Desk) -> Response:
    """Send the public keys as a JSON Web Key Set (RFC 7517), signed by each of them."""
    keys, public_url = _keys(service), service.settings.public_url
    if not keys or public_url is None:
        raise Refused(404, "this service signs no requests")
    body = json.dumps({"keys": [key.jwk for key in keys]}, separators=(",", ":")).encode()
    headers = directory_fields(keys, public_url, body, service.now())
    return Response(body, media_type=MEDIA_TYPE, headers=headers | {"Cache-Control": f"max-age={_KEPT}"})


@router.get("/crawler")
def show_crawler(request: Request, service: Desk) -> HTMLResponse:
    """Show who crawls, by which User-Agent, and how a site recognises it."""
    settings = service.settings
    agent = user_agent(settings)
    return page(
        request,
        "crawler.html",
        navigated=False,
        contact=settings.contact,
        agent=agent,
        product=product(agent),
        keys=[key.jwk for key in _keys(service)],
        directory=f"{settings.public_url or ''}{WELL_KNOWN}",
        minutes=VALID.seconds // 60,
    )


def _keys(service: Service) -> list[BotKey]:
    try:
        return published_keys(service.settings)
    except (ConfigError, OSError):
        # Anybody may call this, so the answer names no path: the next signed run fails and names the file.
        raise Refused(503, "the keys that sign requests can't be read now") from None
