"""The drill of docs/operations/backup.md: the machine is gone, and only a copy is left."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from journeys.household import QUICK, Household, gazette
from services.databases import chosen_database
from web_of_tests.newspaper import Newspaper

ARTICLE = "forum-instrument-market"
KETTLE = ["The kettle is gone. Somebody has bought it and will not say who they are, or why."] * 3


@pytest.fixture
def lost(household: Household, paper: Newspaper) -> Household:
    """A home with two versions of an article, about to be lost."""
    household.source("gazette", gazette(f"{paper.url}/atom.xml", walk="feed"))
    household.run("run", "gazette")
    paper.edit(ARTICLE, KETTLE)
    household.run("run", "gazette")
    return household


@pytest.fixture
def new(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Household]:
    """The home of another machine, with an empty database of the same kind."""
    with chosen_database(request) as setting:
        yield Household(tmp_path / "new" / "home", QUICK | setting)


def test_everything_is_restored_from_a_copy_of_store_and_sources(
    lost: Household, new: Household, paper: Newspaper
) -> None:
    for part in ("store", "sources"):
        shutil.copytree(lost.home / part, new.home / part)
    before = _all_that_is_kept(lost, paper)
    shutil.rmtree(lost.home)

    assert new.run("rebuild", "--json").json["findings"] == []
    assert _all_that_is_kept(new, paper) == before
    assert new.look("verify", "--all", "--json").json["findings"] == []
    assert new.look("source", "list", "--json").json["items"][0]["name"] == "gazette"


@pytest.mark.costly
def test_the_next_run_after_a_restore_archives_nothing_again(lost: Household, new: Household, paper: Newspaper) -> None:
    for part in ("store", "sources"):
        shutil.copytree(lost.home / part, new.home / part)
    new.run("rebuild")
    new.run("run", "gazette")

    items = new.look("captures", paper.url, "--match", "host", "--json").json["items"]
    digests = [one["sha256"] for one in items if one["kind"] == "response" and one["status"] == 200]
    assert len(digests) == len(set(digests))


@pytest.mark.sqlite
@pytest.mark.costly
def test_a_copy_of_the_database_restores_the_runs_and_a_rebuild_adds_what_came_after_it(
    lost: Household, new: Household, paper: Newspaper
) -> None:
    new.home.mkdir(parents=True)
    database = new.home / "pressmark.db"
    with closing(sqlite3.connect(lost.home / "pressmark.db")) as old, closing(sqlite3.connect(database)) as copy:
        old.backup(copy)
    paper.edit(ARTICLE, ["The kettle is back, with a dent."] * 3)
    lost.run("run", "gazette")
    for part in ("store", "sources"):
        shutil.copytree(lost.home / part, new.home / part)
    new.run("rebuild")

    assert len(new.look("runs", "list", "--json").json["items"]) == 3
    assert "with a dent" in new.look("snapshot", "get", paper.url_of(ARTICLE), "--text").out


@pytest.mark.costly
def test_a_moved_home_reads_its_spool_in_its_new_place(lost: Household, paper: Newspaper, tmp_path: Path) -> None:
    url = paper.url_of(ARTICLE)
    before = lost.look("snapshot", "get", url, "--headers").out
    moved = Household(lost.home.rename(tmp_path / "新 home"), lost.environment)
    moved.run("run", "gazette")
    shutil.rmtree(moved.home / "store")

    assert moved.look("snapshot", "get", url, "--headers").out == before


def _all_that_is_kept(household: Household, paper: Newspaper) -> dict[str, object]:
    """Return everything that a reader can request, in one comparable value."""
    captures = household.look("captures", paper.url, "--match", "host", "--json").json["items"]
    at = captures[0]["at"]
    url = paper.url_of(ARTICLE)
    return {
        "captures": captures,
        "text": household.look("snapshot", "get", url, "--text").out,
        "headers": household.look("snapshot", "get", url, "--headers").out,
        "then": household.look("snapshot", "get", url, "--at", at, "--text").out,
        "search": household.look("search", "kettle", "--json").json,
        "diff": household.look("diff", url, "--json").json,
    }
