"""A service that logs people in at a real provider on loopback."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from services.browsing import PlainBrowser
from services.identity_provider import IdentityProvider, running_provider
from services.retrieving import served

from config.settings import Settings
from pressmark.service.assembly import open_pressmark
from pressmark.service.service import Service


@pytest.fixture(scope="session")
def shared_provider() -> Iterator[IdentityProvider]:
    """One program for all tests: it needs a second to start."""
    with running_provider() as provider:
        yield provider


@pytest.fixture
def provider(shared_provider: IdentityProvider) -> Iterator[IdentityProvider]:
    """A provider that makes no mistakes, until a test says so. It knows anna."""
    standard = IdentityProvider("", "")
    for name in ("key", "published", "claims", "sign", "answers", "described", "seconds"):
        setattr(shared_provider, name, getattr(standard, name))
    shared_provider.asked.clear()
    shared_provider.know("anna-1", preferred_username="anna", groups=["archivists", "choir"])
    yield shared_provider
    shared_provider.seconds = 0.0
    shared_provider.answering.set()


Serving = Callable[..., tuple[PlainBrowser, Service]]


@pytest.fixture
def serving(tmp_path: Path, provider: IdentityProvider) -> Iterator[Serving]:
    """Return what opens a service with a setting of the provider, and a browser at it."""
    with ExitStack() as stack:

        def serve(home: Path = tmp_path, rooms: Any = None, **more: Any) -> tuple[PlainBrowser, Service]:
            settings = Settings(home=home, oidc=provider.settings(**more), rooms=rooms or {})  # type: ignore[arg-type]
            service = stack.enter_context(open_pressmark(settings))
            return PlainBrowser(stack.enter_context(served(service))), service

        yield serve
