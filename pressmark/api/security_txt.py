"""/.well-known/security.txt: where to report a security problem of this service (RFC 9116)."""

from __future__ import annotations

from datetime import timedelta

from fastapi.responses import PlainTextResponse, Response

from pressmark.http.dependencies import Desk, Part
from pressmark.http.problems import problem

router = Part(include_in_schema=False)

_VALID = timedelta(days=90)
"""RFC 9116 recommends less than a year."""


@router.get("/.well-known/security.txt")
def security_txt(service: Desk) -> Response:
    """Name the contact of the settings, from the host that the service has."""
    settings = service.settings
    if settings.contact is None:
        return problem(404, "the setting contact names nobody to report to")
    expires = (service.now() + _VALID).strftime("%Y-%m-%dT%H:%M:%SZ")
    lines = [f"Contact: {settings.contact}", f"Expires: {expires}"]
    if settings.public_url is not None:
        lines.append(f"Canonical: {settings.public_url.rstrip('/')}/.well-known/security.txt")
    return PlainTextResponse("\n".join([*lines, "Preferred-Languages: en, zh", ""]))
