from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from journeys.household import Household
from services.databases import CHOSEN
from services.postgresql import EMPTY, PostgresServer
from web_of_tests.newspaper import Newspaper


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if CHOSEN == "postgresql" and "household" in getattr(item, "fixturenames", ()) and not _is_of_sqlite(item):
            item.add_marker(pytest.mark.postgresql)


@pytest.fixture
def household(tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Household]:
    """A household whose working directory has a foreign module: no process of ours may import it.

    With PRESSMARK_TESTS_DATABASE=postgresql, its database is one of PostgreSQL.
    """
    (tmp_path / "config.py").write_text("raise SystemExit('a module of the working directory was imported')\n")
    made = Household(tmp_path / "home")
    with ExitStack() as stack:
        if CHOSEN == "postgresql" and not _is_of_sqlite(request.node):
            server: PostgresServer = request.getfixturevalue("postgresql")
            url = stack.enter_context(server.database(EMPTY))
            made.environment["PRESSMARK_DATABASE"] = url
            monkeypatch.setenv("PRESSMARK_DATABASE", url)
        yield made


def _is_of_sqlite(item: pytest.Item) -> bool:
    return item.get_closest_marker("sqlite") is not None


@pytest.fixture
def paper() -> Iterator[Newspaper]:
    with Newspaper(slow=0.1) as newspaper:
        yield newspaper
