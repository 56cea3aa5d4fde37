"""A site and an archive for crawls in this process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from crawling.crawls import Run, archiving
from crawling.site import Site, serving


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as site:
        yield site


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    with archiving() as archive:
        yield Run(tmp_path, archive)
