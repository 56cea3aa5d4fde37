"""The database is lost, old, emptied or damaged under a service: it heals by itself, from the store and the spool."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from http.client import HTTPException
from pathlib import Path
from typing import Any

import pytest
from conftest import figure
from journeys.household import Household, Served, gazette
from services.postgresql import EMPTY, PostgresServer
from services.waiting import eventually
from specimens.dumps import dump
from specimens.segments import CONTEXT, SegmentFile, answered
from web_of_tests.newspaper import Newspaper

from archive.database.engine import open_database
from config.settings import load_settings
from pressmark.service.assembly import open_pressmark
from pressmark.upkeep.imports import import_files

ARTICLE = "forum-instrument-market"
SEGMENTS = figure(4, 10, 100)
CAPTURES = figure(48, 20_000, 1_000_000) // SEGMENTS
HEALED_WITHIN = figure(600, 1_800, 18_000)
pytestmark = pytest.mark.slow

Loss = Callable[["Lost"], object]


@dataclass(frozen=True)
class Lost:
    """A home whose database will be harmed, and its contents before."""

    household: Household
    before: dict[str, list[Any]]
    old: Path
    """A copy of the database that was made before the last segments came."""

    @property
    def database(self) -> Path:
        return self.household.home / "pressmark.db"

    def healed(self) -> bool:
        return dumped(self.household.home) == self.before

    def aside(self) -> list[str]:
        return sorted(path.name for path in self.household.home.glob("pressmark.db.damaged-*"))


def dumped(home: Path) -> dict[str, list[Any]]:
    """Dump the database, without touching a file that is not one."""
    with closing(open_database(f"sqlite:///{home}/pressmark.db", migrate=False)) as database:
        try:
            return dump(database)
        except Exception:  # it is being created
            return {}


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Lost:
    """What was ingested and, still in the spool, what was crawled."""
    directory = tmp_path_factory.mktemp("kept")
    household = Household(directory / "home")
    files = [written(directory, number) for number in range(SEGMENTS)]
    with open_pressmark(load_settings({"home": str(household.home)})) as service:
        list(import_files(service, files[:1], "default"))
        old = directory / "old.db"
        copied(household.home / "pressmark.db", old)
        list(import_files(service, files[1:], "default"))
    with Newspaper(slow=0.0) as paper:
        household.source("gazette", gazette(f"{paper.url}/atom.xml", walk="feed"))
        household.run("run", "gazette")
    return Lost(household, dumped(household.home), old)


def written(directory: Path, number: int) -> Path:
    segment = SegmentFile(directory, f"2026013{number % 2}T12{number:02}00Z-1-{number}-abcd")
    for page in range(CAPTURES):
        url = f"https://example.org/{number}/{page}"
        body = f"<title>Page {page}</title><p>The kettle of {number} whistles for the {page}th time this year.</p>"
        segment.write(answered(url, body.encode(), minute=number + page / CAPTURES), context=replace_run(number))
    return segment.path


def replace_run(number: int) -> Any:
    return replace(CONTEXT, run=f"run-{number}")


def copied(database: Path, to: Path) -> None:
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(to)) as copy:
        source.backup(copy)


@pytest.fixture
def lost(kept: Lost, tmp_path: Path) -> Lost:
    home = tmp_path / "home"
    shutil.copytree(kept.household.home, home)
    return Lost(Household(home), kept.before, kept.old)


def deleted(lost: Lost) -> None:
    lost.database.unlink()


def emptied(lost: Lost) -> None:
    lost.database.write_bytes(b"")


def a_day_old(lost: Lost) -> None:
    copy = lost.database.with_name("copy.db")
    shutil.copy(lost.old, copy)
    copy.replace(lost.database)


def no_database(lost: Lost) -> None:
    lost.database.write_bytes(b"no database" * 1000)


def a_garbage_page(lost: Lost) -> None:
    """Damage the middle of a table or an index that must be read."""
    size = lost.database.stat().st_size
    with lost.database.open("r+b") as file:
        for page in range(size // 4096 // 2, size // 4096):
            file.seek(page * 4096)
            file.write(os.urandom(4096))


def cut(lost: Lost) -> None:
    os.truncate(lost.database, lost.database.stat().st_size // 2 + 17)


def an_old_copy_in_its_file(lost: Lost) -> None:
    with lost.database.open("r+b") as file:
        file.write(lost.old.read_bytes())
        file.truncate()


def no_captures(lost: Lost) -> None:
    with closing(sqlite3.connect(lost.database)) as connection:
        connection.executescript("DELETE FROM captures; DELETE FROM texts;")


def no_tables(lost: Lost) -> None:
    with closing(sqlite3.connect(lost.database)) as connection:
        connection.executescript("DROP TABLE captures; DROP TABLE wordings; DROP TABLE slots;")


UNDAMAGED = (deleted, emptied, a_day_old)
DAMAGED = (no_database, a_garbage_page, cut)
IN_THE_FILE = (an_old_copy_in_its_file, no_captures, no_tables)
WHILE_STOPPED = figure((a_day_old,), UNDAMAGED + DAMAGED, UNDAMAGED + DAMAGED)
EVERYTHING = UNDAMAGED + DAMAGED + IN_THE_FILE
WHILE_SERVING = figure((a_garbage_page,), EVERYTHING, EVERYTHING)


@pytest.mark.parametrize("loss", WHILE_STOPPED)
def test_what_a_database_lost_while_the_service_was_stopped_is_restored_by_itself(lost: Lost, loss: Loss) -> None:
    loss(lost)
    with lost.household.serving() as served:
        eventually(lost.healed, within=HEALED_WITHIN)
        eventually(lambda: served.get("/readyz").status == 200)
        found = served.get("/api/v1/captures?url=example.org&match=host").json["items"]
    assert found
    assert len(lost.aside()) == (loss in DAMAGED)
    assert lost.household.run("verify", "--all", "--json").json["findings"] == []
    assert "WRONG" not in lost.household.run("doctor").out


@pytest.mark.parametrize("loss", WHILE_SERVING)
def test_what_a_database_loses_while_the_service_runs_is_restored_by_itself(lost: Lost, loss: Loss) -> None:
    with lost.household.serving() as served:
        loss(lost)
        healed(lost, served)
    assert "Traceback" not in served.log.read_text()
    assert lost.household.run("verify", "--all", "--json").json["findings"] == []


def healed(lost: Lost, served: Served) -> None:
    """Wait until it is healed, with requests meanwhile, so that the damage is found."""

    def done() -> bool:
        with suppress(OSError, HTTPException):  # the service restarts: current requests must be repeated
            served.get("/api/v1/captures?url=example.org&match=host")
            return served.get("/readyz").status == 200 and lost.healed()
        return False

    eventually(done, within=HEALED_WITHIN)


@pytest.mark.costly
def test_with_one_manifest_withheld_the_comparison_fails(lost: Lost) -> None:
    deleted(lost)
    withheld = next((lost.household.home / "store" / "manifest").rglob("*ingest-*/**/*.json"))
    withheld.unlink()
    rest = len(lost.before["captures"]) - CAPTURES
    with lost.household.serving():
        eventually(lambda: len(dumped(lost.household.home).get("captures", ())) == rest, within=HEALED_WITHIN)
        healed = lost.healed()
    assert not healed


def test_a_service_crawls_and_answers_while_it_heals(lost: Lost, paper: Newspaper) -> None:
    deleted(lost)
    lost.household.source("second", gazette(f"{paper.url}/feed.xml", walk="feed").replace("gazette", "second"))
    with lost.household.serving() as served:
        run = served.ask("POST", "/api/v1/sources/second/runs").json["id"]
        over = eventually(lambda: (one := served.get(f"/api/v1/runs/{run}").json)["status"] == "over" and one)
        url = paper.url_of(ARTICLE)
        eventually(lambda: served.get(f"/api/v1/captures?url={url}").json["items"])
        eventually(lambda: set(lost.before["captures"]) <= set(dumped(lost.household.home).get("captures", ())))
    rows = dumped(lost.household.home)["captures"]

    assert over["outcome"] in ("done", "unchanged")
    assert len(rows) == len(set(rows)) > len(lost.before["captures"])


@pytest.fixture
def on_postgresql(
    tmp_path: Path, kept: Lost, postgresql: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Household]:
    """The same store and spool, and an empty schema."""
    shutil.copytree(kept.household.home, tmp_path / "home")
    (tmp_path / "home" / "pressmark.db").unlink()
    with postgresql.database(EMPTY) as url:
        household = Household(tmp_path / "home")
        household.environment["PRESSMARK_DATABASE"] = url
        monkeypatch.setenv("PRESSMARK_DATABASE", url)
        yield household


@pytest.mark.postgresql
@pytest.mark.costly
def test_a_postgresql_emptied_while_the_service_runs_is_filled_again(kept: Lost, on_postgresql: Household) -> None:
    url = on_postgresql.environment["PRESSMARK_DATABASE"]

    def captured() -> list[str]:
        with closing(open_database(url, migrate=False)) as database:
            try:
                return dump(database)["captures"]
            except Exception:  # the tables are being created
                return []

    with on_postgresql.serving() as served:
        eventually(lambda: served.get("/readyz").status == 200 and captured() == kept.before["captures"])
        with closing(open_database(url)) as database, database.writing() as connection:
            connection.exec_driver_sql("DROP SCHEMA public CASCADE")
            connection.exec_driver_sql("CREATE SCHEMA public")
        eventually(lambda: captured() == kept.before["captures"], within=HEALED_WITHIN)
    assert on_postgresql.run("verify", "--all", "--json").json["findings"] == []


@pytest.mark.postgresql
def test_an_empty_schema_of_postgresql_is_filled_by_itself(kept: Lost, on_postgresql: Household) -> None:
    def captured() -> list[str]:
        with closing(open_database(on_postgresql.environment["PRESSMARK_DATABASE"])) as database:
            return dump(database)["captures"]

    with on_postgresql.serving():
        eventually(lambda: captured() == kept.before["captures"], within=HEALED_WITHIN)
    assert on_postgresql.run("verify", "--all", "--json").json["findings"] == []
