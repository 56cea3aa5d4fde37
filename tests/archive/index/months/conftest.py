from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from services.databases import BOTH
from services.postgresql import PostgresServer
from specimens.month_worlds import MonthWorld

from archive.database.engine import Database, open_database

KINDS = [
    one if one == "sqlite" else pytest.param("postgresql", marks=[pytest.mark.postgresql, pytest.mark.costly])
    for one in ("sqlite", "postgresql")
    if one == "postgresql" or one in BOTH
]


@pytest.fixture(scope="module", params=KINDS)
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MonthWorld]:
    """Captures in rows and in months, on either database; PostgreSQL costs more than `make test` has."""
    with ExitStack() as opened:
        make = None
        if request.param == "postgresql":
            server: PostgresServer = request.getfixturevalue("postgresql")

            def make() -> Database:
                return open_database(opened.enter_context(server.database()))

        made = MonthWorld(tmp_path_factory.mktemp("months"), make)
        opened.callback(made.close)
        yield made
