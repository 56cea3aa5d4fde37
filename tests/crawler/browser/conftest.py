"""Runs with a browser; where there is none, these tests say so."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from crawling.crawls import archiving
from crawling.memory import MemoryArchive


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if shutil.which("chromium") is None:
        skip = pytest.mark.skip(reason="chromium is not installed (apt-get install chromium): no page is drawn")
        for item in items:
            if Path(__file__).parent in item.path.parents:
                item.add_marker(skip)


@pytest.fixture
def archive() -> Iterator[MemoryArchive]:
    with archiving() as archive:
        yield archive
