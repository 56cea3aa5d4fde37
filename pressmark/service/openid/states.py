"""Whether people can log in with OpenID Connect, for the doctor, /readyz and the pages."""

from __future__ import annotations

from collections.abc import Iterator

from pressmark.service.exits import Exit
from pressmark.service.service import Service
from pressmark.service.states import Condition, condition


def login_conditions(service: Service) -> Iterator[Condition]:
    """Return what is wrong with the provider. The first call asks it, later ones use what it answered."""
    if service.openid is not None and (why := service.openid.problem()) is not None:
        yield condition("login-provider-unusable", title=service.openid.settings.title, why=why)


def examine_login(service: Service) -> Iterator[tuple[str, Exit]]:
    """Say how people log in."""
    if service.openid is not None:
        yield f"people can log in with {service.openid.settings.title} (OpenID Connect)", Exit.OK
    else:
        yield "people log in with a password or an access token of this service", Exit.OK
