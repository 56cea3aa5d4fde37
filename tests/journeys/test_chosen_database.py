"""What counts as a test with PostgreSQL is one: its household has a database of that server."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from journeys.household import Household
from services.databases import CHOSEN

TESTS = Path(__file__).parents[1]
COLLECT = [
    *(sys.executable, "-m", "pytest", "-q", "--collect-only", "-p", "no:cacheprovider", "-m", "postgresql"),
    *("--import-mode=importlib", "-c", os.devnull, "-o", f"pythonpath={TESTS.parent} {TESTS}"),
]
MODULES = {
    "inherited": """
import pytest

@pytest.mark.sqlite
def test_of_the_file(household): ...

def test_of_the_chosen_database(household): ...
""",
    "of_module": """
import pytest

@pytest.fixture(scope="module")
def household(database_of_module): ...

def test_of_the_chosen_database(household): ...
""",
    "own": """
import pytest

@pytest.fixture
def household(tmp_path): ...

def test_of_a_file_of_its_own(household): ...
""",
}


def test_only_tests_whose_household_has_a_database_of_postgresql_count_as_such(tmp_path: Path) -> None:
    room = tmp_path / "room"
    room.mkdir()
    (room / "conftest.py").write_text("from journeys.conftest import *\n")
    for name, text in MODULES.items():
        (room / f"test_{name}.py").write_text(text)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    told = subprocess.run(
        [*COLLECT, f"--rootdir={tmp_path}", str(room)],
        env=environment | {"PRESSMARK_TESTS_DATABASE": "postgresql"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )

    found = {line for line in told.stdout.splitlines() if "::" in line}
    chosen = {f"room/test_{name}.py::test_of_the_chosen_database" for name in ("inherited", "of_module")}
    assert found == chosen, told


def test_a_household_has_a_database_of_the_chosen_kind(household: Household) -> None:
    assert household.database_url.partition(":")[0] == (CHOSEN or "sqlite")


def test_a_second_household_of_a_test_does_not_read_the_database_of_the_first(
    household: Household, tmp_path: Path
) -> None:
    household.source("gazette", "source: gazette\nseeds: [https://example.org/]\nwalk: page\n")
    household.run("source", "list")
    second = Household(tmp_path / "second" / "home")
    second.home.parent.mkdir()

    second.look("runs", "list")

    assert (second.home / "pressmark.db").exists()
