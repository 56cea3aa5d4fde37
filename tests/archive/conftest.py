"""An index, and a reading process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from specimens.indexes import LATER, SEGMENT, opened

from archive.database.engine import Database, open_database
from archive.index import Index
from archive.reader import Reader


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = open_database(f"sqlite:///{tmp_path / 'a.db'}")
    yield database
    database.close()


@pytest.fixture
def index(database: Database) -> Index:
    """It has one segment, which is open."""
    index = Index(database, now=lambda: LATER)
    opened(index, SEGMENT)
    return index


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader() as reader:
        yield reader
