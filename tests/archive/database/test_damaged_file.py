"""A damaged SQLite file is recognized, and set aside without losing a byte."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from services.databases import database_file

from archive.database.damaged_file import OpenedFile, aside_of, clear, damage, is_suspect, set_aside
from archive.database.database_name import file_of
from archive.database.engine import open_database
from archive.database.marks import Marks
from archive.values.errors import DatabaseDamaged

NOW = datetime(2026, 11, 28, 4, tzinfo=UTC)
PAGE = 4096

_WRITE = "import sqlite3, sys; sqlite3.connect(sys.argv[1], timeout=0).execute('BEGIN IMMEDIATE')"
Harm = Callable[[Path], object]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return database_file(tmp_path / "pressmark.db")


def garbage(file: Path) -> None:
    with file.open("r+b") as opened:
        for page in range(1, file.stat().st_size // PAGE):
            opened.seek(page * PAGE)
            opened.write(os.urandom(PAGE))


def cut(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2 + 17)


def overwritten(file: Path) -> None:
    file.write_bytes(b"no database" * 1000)


HARMS = pytest.mark.parametrize("harm", [garbage, cut, overwritten])


@pytest.mark.parametrize("within", [None, 2.0])
def test_an_intact_an_empty_and_a_missing_file_are_not_damaged(file: Path, within: float | None) -> None:
    empty = file.with_name("empty.db")
    empty.touch()

    assert [damage(one, within=within) for one in (file, empty, file.with_name("none.db"))] == [None] * 3


@HARMS
@pytest.mark.parametrize("within", [None, 2.0])
def test_damage_is_found(file: Path, harm: Harm, within: float | None) -> None:
    harm(file)

    assert damage(file, within=within)


def test_a_check_without_time_finds_nothing(file: Path) -> None:
    assert damage(file, within=-1.0) is None


@HARMS
def test_finding_damage_raises_an_error_and_marks_the_file(file: Path, harm: Harm) -> None:
    harm(file)
    with (
        pytest.raises(DatabaseDamaged, match=r"^the database .*/pressmark\.db is damaged: "),
        closing(open_database(f"sqlite:///{file}")) as database,
    ):
        Marks(database, "").get("name-1")

    assert is_suspect(file)


def test_a_file_set_aside_keeps_its_bytes_and_its_log(file: Path) -> None:
    overwritten(file)
    log = Path(f"{file}-wal")
    log.write_bytes(b"log")
    was = file.read_bytes()
    aside = set_aside(file, NOW)

    assert aside.name == "pressmark.db.damaged-20261128T0400Z"
    assert (aside.read_bytes(), Path(f"{aside}-wal").read_bytes()) == (was, b"log")
    assert not file.exists() and not log.exists() and not is_suspect(file)


def test_no_file_set_aside_is_overwritten(file: Path) -> None:
    first = set_aside(file, NOW)
    file.write_bytes(b"another")
    second = set_aside(file, NOW)

    assert second.read_bytes() == b"another" != first.read_bytes()
    assert aside_of(file) == [first, second]


def test_a_removed_replaced_emptied_or_marked_file_is_noticed(file: Path) -> None:
    opened = OpenedFile(file)
    assert opened.trouble() is None
    kept = file.rename(file.with_name("kept"))
    gone = opened.trouble()
    file.write_bytes(b"another")
    another = opened.trouble()
    kept.replace(file)
    file.with_name("pressmark.db.suspect").touch()
    suspected = opened.trouble()
    clear(file)
    well = opened.trouble()
    os.truncate(file, 0)

    assert [gone, another, suspected, well, opened.trouble()] == [
        f"the database file {file} is missing",
        f"the database file {file} was replaced",
        f"damage was found in the database {file}",
        None,
        f"the database file {file} was emptied",
    ]


def test_the_log_of_the_previous_file_is_not_used_for_the_new_one(file: Path) -> None:
    log = Path(f"{file}-wal")
    log.write_bytes(b"log of the old one")
    opened = OpenedFile(file)
    copy = file.with_name("copy.db")
    copy.write_bytes(b"a copy")
    copy.replace(file)
    opened.trouble()
    left = log.exists()
    log.write_bytes(b"log of the new one")
    opened.trouble()

    assert not left
    assert log.read_bytes() == b"log of the new one"


def test_only_sqlite_has_a_file() -> None:
    assert file_of("sqlite:////a/b.db") == Path("/a/b.db")
    assert file_of("postgresql://host/name") is None
    assert file_of("sqlite://") is None


def test_an_older_copy_in_the_same_file_is_distinguished_from_a_growing_database(file: Path) -> None:
    copy = file.read_bytes()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE more (value)")
        connection.commit()
    opened = OpenedFile(file)
    first = opened.trouble()
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript("CREATE TABLE most (value); DROP TABLE more; VACUUM;")
    well = opened.trouble()
    with file.open("r+b") as written:
        written.write(copy)
        written.truncate()

    assert (first, well) == (None, None)
    assert opened.trouble() == f"an older copy was written over the database file {file}"
    assert is_suspect(file)


def test_checking_an_opened_file_does_not_drop_the_locks_of_sqlite(file: Path) -> None:
    opened = OpenedFile(file)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("BEGIN IMMEDIATE")
        opened.trouble()
        opened.trouble()
        other = subprocess.run([sys.executable, "-c", _WRITE, str(file)], capture_output=True, text=True, check=False)

    assert "database is locked" in other.stderr
