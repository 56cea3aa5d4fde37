from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from crawling.site import Reply, Site, serving
from services.webhook_service import LOOPBACK, SECRET, Clock, Open

from config.settings import Settings
from pressmark.service.assembly import open_pressmark
from pressmark.service.service import Service


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as site:
        site.otherwise = Reply(204)
        yield site


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def opened(tmp_path: Path, site: Site, clock: Clock) -> Iterator[Open]:
    """Make a service with a webhook at the site."""
    contexts = []

    def make(url: str = f"{site.url}/hook/secret-path", **facts: Any) -> Service:
        webhook = {"url": url, "secret": SECRET, **LOOPBACK, **facts}
        context = open_pressmark(Settings(home=tmp_path, webhooks={"team": webhook}))  # type: ignore[arg-type]
        contexts.append(context)
        return replace(context.__enter__(), now=clock)

    yield make
    for context in contexts:
        context.__exit__(None, None, None)
