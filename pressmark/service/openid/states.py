"""Whether people can log in with OpenID Connect, for the doctor, /readyz and the pages."""

from __future__ import annotations

from collections.abc import Iterator

from pressmark.service.exits import Exit
from pressmark.service.service import Service
from pressmark.service.states import Condition, condition


def login_conditions(service: Service) -> Iterator[Condition]:
    """Return what was wrong with the provider when it was last asked. It is asked in the background."""
    if service.openid is not None and (why := service.openid.problem()) is not None:
        yield condition("login-provider-unusable", title=service.openid.settings.title, why=why)


def ask_provider(service: Service) -> None:
    """Ask the provider, unless this process has done so before, and wait for its answer."""
    if service.openid is not None:
        service.openid.problem(wait=True)


def examine_login(service: Service) -> Iterator[tuple[str, Exit]]:
    """Say how people log in."""
    if service.openid is not None:
        yield f"people can log in with {service.openid.settings.title} (OpenID Connect)", Exit.OK
    else:
        yield "people log in with a password or an access token of this service", Exit.OK
