"""Homes whose databases an earlier version wrote are opened by this one, and nothing of them is lost."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from conftest import figure
from specimens.dumps import dump
from specimens.older import REVISIONS, as_of
from specimens.segments import CONTEXT, SegmentFile, answered

from archive.database.engine import open_database
from archive.database.migrate import newest, revision
from config.settings import load_settings
from pressmark.service.assembly import open_pressmark
from pressmark.upkeep.importing import take_in

EARLIER = REVISIONS[-11:-1]
"""The ten before the newest."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("today")
    segment = SegmentFile(directory)
    for page in range(8):
        body = f"<title>Page {page}</title><p>The kettle whistles for the {page}th time this year, and nobody hears it."
        segment.write(answered(f"https://example.org/{page}", body.encode(), minute=page), context=CONTEXT)
    with open_pressmark(load_settings({"home": str(directory / "home")})) as service:
        list(take_in(service, [segment.path], "default"))
    return directory / "home"


def dumped(database: Path, *, migrate: bool = True) -> dict[str, list[Any]]:
    with closing(open_database(f"sqlite:///{database}", migrate=migrate)) as opened:
        return dump(opened)


def lost(old: Path, today: dict[str, list[Any]]) -> set[str]:
    """The tables that say something else once the database is opened."""
    now = dumped(old)
    return {table for table, rows in today.items() if now[table] != rows}


@pytest.mark.parametrize("earlier", figure([*EARLIER[:1], *EARLIER[-2:]], EARLIER, EARLIER))
def test_a_home_of_an_earlier_version_keeps_its_captures_texts_and_words(
    home: Path, tmp_path: Path, earlier: str
) -> None:
    old = tmp_path / "home"
    shutil.copytree(home, old)
    before = dumped(home / "pressmark.db")
    database = old / "pressmark.db"
    database.unlink()
    as_of(earlier, home / "pressmark.db", database)

    assert lost(database, before) == set()
    with closing(open_database(f"sqlite:///{database}", migrate=False)) as opened, opened.reading() as connection:
        assert revision(connection) == newest()
    with open_pressmark(load_settings({"home": str(old)})) as service:
        for capture in service.index.captures("https://example.org/", match="prefix"):
            with service.archive.open(capture) as snapshot, snapshot.raw() as raw:
                assert b"kettle" in raw.read()


@pytest.mark.parametrize("table", ["captures", "texts", "worded"])
def test_a_row_that_is_lost_on_the_way_is_seen(home: Path, tmp_path: Path, table: str) -> None:
    database = tmp_path / "old.db"
    before = dumped(home / "pressmark.db")
    as_of(EARLIER[-1], home / "pressmark.db", database)
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute(f"DELETE FROM {table} WHERE record_id = (SELECT max(record_id) FROM {table})")

    assert table in lost(database, before)
