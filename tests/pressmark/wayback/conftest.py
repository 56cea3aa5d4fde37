from __future__ import annotations

from collections.abc import Iterator

import pytest
from services.retrieving import Retrieving, retrieving

ORIGIN = "http://replay.example:8601"


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Retrieving]:
    with retrieving(tmp_path_factory.mktemp("retrieving"), warc_origin=f"{ORIGIN}/") as made:
        yield made
