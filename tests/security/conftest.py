from __future__ import annotations

from pathlib import Path

import pytest
from journeys.household import Household


@pytest.fixture
def household(tmp_path: Path) -> Household:
    return Household(tmp_path / "home")
