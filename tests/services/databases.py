"""Databases for tests of other things: migrated once in a process, and copied from then on."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import fields, is_dataclass, replace
from functools import cache
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from services.postgresql import EMPTY, PostgresServer, programs, running_server

from archive.database.engine import Database, open_database
from archive.database.marks import Marks
from archive.values.capture import Capture

CHOSEN = os.environ.get("PRESSMARK_TESTS_DATABASE", "")
"""The database of all tests that can have either: sqlite or postgresql; empty: both, and SQLite for homes."""
_POSTGRESQL = pytest.param("postgresql", marks=pytest.mark.postgresql)
BOTH = {"sqlite": ("sqlite",), "postgresql": (_POSTGRESQL,)}.get(CHOSEN, ("sqlite", _POSTGRESQL))
"""The parameters of a fixture whose tests run on either database."""
POSTGRESQL_COSTLY = pytest.mark.parametrize(
    "either",
    [*BOTH[:-1], pytest.param("postgresql", marks=(pytest.mark.postgresql, pytest.mark.costly))]
    if _POSTGRESQL in BOTH
    else BOTH,
    indirect=True,
)
"""For a test of both that `make test` runs on SQLite alone."""
SQLITE_ONLY = pytest.mark.parametrize("either", ["sqlite"], indirect=True)
"""For a test of SQLite's own behaviour."""


def database_at(file: Path) -> Database:
    """Return the database there, at the newest revision; a new one if there is none."""
    if not file.exists():
        file.write_bytes(_empty())
    return open_database(f"sqlite:///{file}")


def database_file(file: Path, *, rows: int = 50) -> Path:
    """Make a closed SQLite database there, of many pages."""
    with closing(database_at(file)) as database:
        for number in range(rows):
            Marks(database, "").set(f"name-{number}", "x" * 500)
    return file


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresServer]:
    """One server for all tests of a process: it takes a second to start."""
    pytest.importorskip("psycopg", reason="psycopg is not installed: make setup-dev does that", exc_type=ImportError)
    there = programs()
    if there is None:
        pytest.skip("PostgreSQL is not installed: as root, make test installs Debian's package")
    with running_server(there) as server:
        yield server


@pytest.fixture(params=BOTH)
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database at the newest revision, of each kind."""
    with database_of(request.param, request, tmp_path / "a.db") as database:
        yield database


@pytest.fixture
def another(request: pytest.FixtureRequest, either: Database, tmp_path: Path) -> Iterator[Callable[[], Database]]:
    """Make more empty databases, of the kind of `either`."""
    files = (tmp_path / f"another-{number}.db" for number in count())
    with ExitStack() as opened:
        yield lambda: opened.enter_context(database_of(either.engine.dialect.name, request, next(files)))


@contextmanager
def database_of(kind: str, request: pytest.FixtureRequest, file: Path) -> Iterator[Database]:
    """Return an empty database, at the newest revision; SQLite's is in `file`."""
    if kind == "sqlite":
        with closing(database_at(file)) as database:
            yield database
    else:
        server: PostgresServer = request.getfixturevalue("postgresql")
        with server.database() as url, closing(open_database(url)) as database:
            yield database


def is_of_sqlite(node: pytest.Item | pytest.Collector) -> bool:
    """Return whether this test, or this module, is about the file of SQLite."""
    return node.get_closest_marker("sqlite") is not None


@contextmanager
def chosen_database(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """Yield the setting of an empty PostgreSQL, which this process has too; none if it isn't chosen."""
    if CHOSEN != "postgresql" or is_of_sqlite(request.node):
        yield {}
        return
    server: PostgresServer = request.getfixturevalue("postgresql")
    with server.database(EMPTY) as url, pytest.MonkeyPatch.context() as patch:
        patch.setenv("PRESSMARK_DATABASE", url)
        yield {"PRESSMARK_DATABASE": url}


def kept_by(database: Database, value: Any) -> Any:
    """Return what a stored text, or a value with texts, reads back as: PostgreSQL stores no NUL."""
    if database.engine.dialect.name == "sqlite":
        return value
    if isinstance(value, str):
        return value.replace("\0", "\ufffd")
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{one.name: kept_by(database, getattr(value, one.name)) for one in fields(value)})
    return Capture(*(kept_by(database, each) for each in value)) if isinstance(value, Capture) else value


@cache
def _empty() -> bytes:
    with TemporaryDirectory() as directory:
        file = Path(directory) / "empty.db"
        open_database(f"sqlite:///{file}").close()
        return file.read_bytes()
