"""Commands that write are killed at any instant: repeated, they end as if undisturbed."""

from __future__ import annotations

import json
import random
import shutil
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from conftest import figure
from faults import doomed_command
from faults.nursery import Nursery
from specimens.dumps import dump
from specimens.older import as_of
from specimens.segments import CONTEXT, SegmentFile, answered

from archive.database.engine import open_database

KILLS = figure(3, 50, 1250)
"""Kills of each command."""
ENDINGS = {"warc": ".warc.gz", "wacz": ".wacz"}
pytestmark = [pytest.mark.slow, pytest.mark.timeout(figure(300, 3_600, 36_000))]


@dataclass
class Kept:
    """A home that imported two files, and the files."""

    directory: Path
    files: list[Path]
    nursery: Nursery
    before: dict[str, list[Any]]

    @property
    def home(self) -> Path:
        return self.directory / "home"

    def copy(self, at: Path) -> Kept:
        shutil.copytree(self.home, at / "home")
        return Kept(at, self.files, self.nursery, self.before)

    def run(self, *arguments: str, cpu: float = 0.0) -> int:
        """Return the exit code of a command, negative when it was killed."""
        told = str(self.directory / "told")
        order = {"arguments": ["--home", str(self.home), *arguments], "told": told, "cpu": cpu}
        self.nursery.start(json.dumps(order))
        return self.nursery.end()

    def cost(self) -> float:
        """The CPU seconds of the last command that ran to its end."""
        return float((self.directory / "told").read_text())

    def said(self) -> str:
        return (self.directory / "told.said").read_text()

    def dumped(self) -> dict[str, list[Any]]:
        with closing(open_database(f"sqlite:///{self.home}/pressmark.db", migrate=False)) as database:
            return dump(database)


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    with closing(Nursery(doomed_command.__file__)) as nursery:
        yield nursery


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory, nursery: Nursery) -> Kept:
    directory = tmp_path_factory.mktemp("kept")
    kept = Kept(directory, [written(directory, number) for number in range(2)], nursery, {})
    assert kept.run("ingest", *map(str, kept.files)) == 0, kept.said()
    kept.before = kept.dumped()
    return kept


def written(directory: Path, number: int) -> Path:
    segment = SegmentFile(directory, f"20260130T12{number:02}00Z-1-{number}-abcd")
    for page in range(60):
        body = f"<title>Page {page}</title><p>The kettle of {number} whistles for the {page}th time this year."
        url = f"https://example.org/{number}/{page}"
        segment.write(answered(url, body.encode(), minute=number + page / 60), context=CONTEXT)
    return segment.path


def killed(kept: Kept, *arguments: str, cost: float, again: Callable[[], None] = lambda: None) -> None:
    """Run a command repeatedly, and kill it each time, at some point of its CPU time; then let it end."""
    seed = random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}")
    chance, deaths = random.Random(seed), 0
    for _ in range(20 * KILLS):  # some end before they are killed: a repeated command has less to do
        if deaths == KILLS:
            break
        code = kept.run(*arguments, cpu=chance.uniform(0.001, cost))
        assert code in (0, -signal.SIGPROF), kept.said()
        deaths += code != 0
        again()
    assert deaths == KILLS
    assert kept.run(*arguments) == 0, kept.said()


def problems(kept: Kept) -> list[str]:
    """Return the differences between the home and an undisturbed one."""
    now = kept.dumped()
    return [table for table, rows in kept.before.items() if now[table] != rows]


def test_a_killed_ingest_imports_everything_once(kept: Kept, tmp_path: Path) -> None:
    files = list(map(str, kept.files))
    whole = Kept(tmp_path / "whole", kept.files, kept.nursery, kept.before)
    whole.directory.mkdir()
    assert whole.run("ingest", *files) == 0
    fresh = Kept(tmp_path, kept.files, kept.nursery, kept.before)

    killed(fresh, "ingest", *files, cost=whole.cost())

    assert problems(fresh) == []
    assert fresh.run("verify", "--all") == 0, fresh.said()


def test_a_killed_rebuild_ends_with_the_same_index(kept: Kept, tmp_path: Path) -> None:
    copy = kept.copy(tmp_path)
    (copy.home / "pressmark.db").unlink()
    assert copy.run("rebuild") == 0, copy.said()
    cost = copy.cost()
    for file in copy.home.glob("pressmark.db*"):
        file.unlink()

    killed(copy, "rebuild", cost=cost)

    assert problems(copy) == []


@pytest.mark.parametrize("form", ENDINGS)
def test_a_killed_export_leaves_no_partial_file_under_its_name(kept: Kept, tmp_path: Path, form: str) -> None:
    out, whole = tmp_path / f"out{ENDINGS[form]}", tmp_path / f"whole{ENDINGS[form]}"
    copy = kept.copy(tmp_path)
    assert copy.run("export", form, "-o", str(whole)) == 0, copy.said()
    seen: list[bool] = []

    def look() -> None:
        seen.append(half(copy, out))
        out.unlink(missing_ok=True)

    killed(copy, "export", form, "-o", str(out), cost=copy.cost(), again=look)

    assert not any(seen)
    assert not half(copy, out)
    assert abs(out.stat().st_size - whole.stat().st_size) < whole.stat().st_size // 10


def half(kept: Kept, file: Path) -> bool:
    """Return whether there is an incomplete file under that name."""
    return file.exists() and kept.run("verify", str(file)) != 0


def test_a_killed_migration_loses_nothing(kept: Kept, tmp_path: Path) -> None:
    copy = kept.copy(tmp_path)
    database = copy.home / "pressmark.db"
    old = tmp_path / "old.db"
    as_of("0016", database, old)
    shutil.copy(old, database)
    assert copy.run("captures", "https://example.org/0/1") == 0, copy.said()
    shutil.copy(old, database)

    killed(copy, "captures", "https://example.org/0/1", cost=copy.cost())

    assert problems(copy) == []


# Controls: partial results are detected


def test_an_ingest_that_omits_a_file_is_caught(kept: Kept, tmp_path: Path) -> None:
    fresh = Kept(tmp_path, kept.files, kept.nursery, kept.before)
    assert fresh.run("ingest", str(kept.files[0])) == 0

    assert "captures" in problems(fresh)


@pytest.mark.parametrize("form", ENDINGS)
def test_a_partial_export_is_caught(kept: Kept, tmp_path: Path, form: str) -> None:
    out = tmp_path / f"out{ENDINGS[form]}"
    copy = kept.copy(tmp_path)
    assert copy.run("export", form, "-o", str(out)) == 0, copy.said()
    out.write_bytes(out.read_bytes()[: out.stat().st_size // 2])

    assert half(copy, out)


def test_a_migration_that_loses_a_row_is_caught(kept: Kept, tmp_path: Path) -> None:
    copy = kept.copy(tmp_path)
    with closing(sqlite3.connect(copy.home / "pressmark.db")) as connection, connection:
        connection.execute("DELETE FROM captures WHERE record_id = (SELECT min(record_id) FROM captures)")

    assert "captures" in problems(copy)
