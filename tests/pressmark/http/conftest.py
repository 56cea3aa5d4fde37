from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from services.databases import database_at
from specimens.gates import TOKEN, House

from archive.database.engine import Database


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with closing(database_at(tmp_path / "pressmark.db")) as opened:
        yield opened


@pytest.fixture
def house(tmp_path: Path, database: Database) -> House:
    return House(tmp_path, database, TOKEN)


@pytest.fixture
def open_house(tmp_path: Path, database: Database) -> House:
    return House(tmp_path, database, None)
