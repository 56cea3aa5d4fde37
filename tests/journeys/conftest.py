from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from journeys.household import Household
from web_of_tests.newspaper import Newspaper


@pytest.fixture
def household(tmp_path: Path) -> Household:
    """A household whose working directory has a foreign module: no process of ours may import it."""
    (tmp_path / "config.py").write_text("raise SystemExit('a module of the working directory was imported')\n")
    return Household(tmp_path / "home")


@pytest.fixture
def paper() -> Iterator[Newspaper]:
    with Newspaper(slow=0.1) as newspaper:
        yield newspaper
