"""An index, a library, and a reading process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from specimens.indexes import LATER, SEGMENT, opened
from specimens.library import Library

from archive.database.engine import Database
from archive.index.index import Index
from archive.texts.reader import Reader


@pytest.fixture
def database(either: Database) -> Database:
    return either


@pytest.fixture
def index(database: Database) -> Index:
    """Provide an index with one open segment."""
    index = Index(database, now=lambda: LATER)
    opened(index, SEGMENT)
    return index


@pytest.fixture
def shelf(database: Database) -> Library:
    return Library(database)


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader() as reader:
        yield reader
