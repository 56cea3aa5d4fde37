from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from journeys.household import QUICK, Household
from services.databases import CHOSEN, chosen_database, is_of_sqlite
from web_of_tests.newspaper import Newspaper

CHOSEN_BY = {"database_of_household", "database_of_module"}
"""The fixtures through which a test gets the chosen database."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that run on PostgreSQL if it is chosen: not those whose module makes a household without it."""
    for item in items:
        if CHOSEN == "postgresql" and CHOSEN_BY & {*getattr(item, "fixturenames", ())} and not is_of_sqlite(item):
            item.add_marker(pytest.mark.postgresql)


@pytest.fixture
def database_of_household(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """The setting of the database of a household; none for SQLite, which has a file in the home."""
    with chosen_database(request) as setting:
        yield setting


@pytest.fixture(scope="module")
def database_of_module(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """The same, for a household that all tests of a module share."""
    with chosen_database(request) as setting:
        yield setting


@pytest.fixture
def household(tmp_path: Path, database_of_household: dict[str, str]) -> Household:
    """A household whose working directory has a foreign module: no process of ours may import it.

    With PRESSMARK_TESTS_DATABASE=postgresql, its database is one of PostgreSQL, unless the test is marked `sqlite`.
    """
    (tmp_path / "config.py").write_text("raise SystemExit('a module of the working directory was imported')\n")
    return Household(tmp_path / "home", QUICK | database_of_household)


@pytest.fixture
def paper() -> Iterator[Newspaper]:
    with Newspaper(slow=0.1) as newspaper:
        yield newspaper
