"""Two machines, which share nothing but a database of PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from services.postgresql import EMPTY, PostgresServer

from config.settings import load_settings
from pressmark.service.assembly import open_pressmark
from pressmark.service.service import Service


@contextmanager
def two_machines(
    directory: Path,
    postgresql: PostgresServer,
    environment: pytest.MonkeyPatch,
    *,
    names: tuple[str, str] = ("one", "two"),
) -> Iterator[tuple[Service, Service]]:
    """Yield the services of two homes, so named, on one new database."""
    with postgresql.database(EMPTY) as url, ExitStack() as stack:
        environment.setenv("PRESSMARK_DATABASE", url)
        one, two = (stack.enter_context(open_pressmark(load_settings({"home": directory / name}))) for name in names)
        yield one, two
