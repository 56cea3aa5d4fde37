"""The service with its rows in PostgreSQL: from a tick to the snapshot, searched, rebuilt, copied by pg_dump."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from journeys.household import Household, gazette
from services.postgresql import EMPTY, PostgresServer, running_server
from services.waiting import eventually
from web_of_tests.newspaper import Newspaper

pytestmark = pytest.mark.postgresql
ARTICLE = "forum-instrument-market"
CANARY = "canary-of-a-password"


def with_password(url: str) -> str:
    """A password, which must not be shown."""
    return url.replace("@", f":{CANARY}@", 1)


def use(household: Household, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Use it for commands in processes of their own, and in this one."""
    household.environment["PRESSMARK_DATABASE"] = url
    monkeypatch.setenv("PRESSMARK_DATABASE", url)


@pytest.fixture
def household(tmp_path: Path, postgresql: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Household]:
    with postgresql.database(EMPTY) as url:
        made = Household(tmp_path / "home")
        use(made, with_password(url), monkeypatch)
        yield made


def test_a_tick_of_the_timetable_leads_to_pages_that_are_searched_and_rebuilt(
    household: Household, paper: Newspaper, postgresql: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = paper.url_of(ARTICLE)
    household.source("gazette", gazette(f"{paper.url}/feed.xml", walk="feed", more="timetable: {every: 2s}\n"))
    with household.serving() as served:
        found = eventually(lambda: served.get("/api/v1/search?q=%22second+number+first%22").json["items"])
        [*_, run] = served.get("/api/v1/runs").json["items"]
        shape = served.get(f"/api/v1/snapshots/latest/json/{url}").json
        log = served.log
    told = [household.look(*command) for command in (("doctor",), ("config", "show", "--origin"), ("verify", "--all"))]
    with postgresql.database(EMPTY) as another:
        use(household, with_password(another), monkeypatch)
        told.append(household.look("rebuild"))
        again = household.look("search", '"second number first"', "--json").json["items"]
        text = household.look("snapshot", "get", url, "--text").out

    assert run["tick"] is not None
    assert [one["url"] for one in found] == [one["url"] for one in again] == [shape["url"]] == [url]
    assert text.rstrip().endswith("Visitors have learned to read the second number first.")
    assert not (household.home / "pressmark.db").exists()
    assert CANARY not in "".join([log.read_text(), *(ended.out + ended.err for ended in told)])


def test_a_pg_dump_copy_restores_the_rows(
    household: Household,
    paper: Newspaper,
    postgresql: PostgresServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    household.source("gazette", gazette(paper.url_of(ARTICLE), walk="page"))
    household.run("run", "gazette")
    kept, dump = household.environment["PRESSMARK_DATABASE"], tmp_path / "copy.dump"
    subprocess.run([postgresql.programs / "pg_dump", "--format=custom", f"--file={dump}", kept], check=True)
    with postgresql.database(EMPTY) as another:
        subprocess.run([postgresql.programs / "pg_restore", f"--dbname={another}", dump], check=True)
        use(household, another, monkeypatch)
        runs = household.look("runs", "list", "--json").json["items"]
        found = household.look("search", '"second number first"', "--json").json["items"]

    assert [run["outcome"] for run in runs] == ["done"]
    assert [one["url"] for one in found] == [paper.url_of(ARTICLE)]


def test_an_unreachable_server_ends_a_command_with_8(household: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    use(household, f"postgresql://me:{CANARY}@127.0.0.1:1/pressmark", monkeypatch)
    told = household.look("runs", "list", code=8).err

    assert "error: the database postgresql://" in told
    assert "can't be used: connection" in told
    assert (
        "hint: check the database server; the pages archived so far are safe, as their files do not need the database"
        in told
    )
    assert CANARY not in told


@pytest.mark.costly
def test_a_run_survives_an_outage_of_the_server_and_has_all_pages(tmp_path: Path, postgresql: PostgresServer) -> None:
    household = Household(tmp_path / "home")
    with running_server(postgresql.programs) as server, Newspaper(slow=0.0, latency=0.15) as paper:
        household.environment["PRESSMARK_DATABASE"] = server.url("migrated")
        household.source("gazette", gazette(f"{paper.url}/"))
        with household.serving() as served:
            run = served.ask("POST", "/api/v1/sources/gazette/runs").json["id"]
            eventually(lambda: len(paper.asked) >= 5)
            server.stop()
            away = served.get("/readyz"), served.get("/api/v1/runs")
            time.sleep(3)
            server.start()
            over = eventually(lambda: (shape := served.get(f"/api/v1/runs/{run}").json)["status"] == "over" and shape)
            items = household.run("captures", paper.url, "--match", "host", "--json", "--limit", "1000").json["items"]
        articles = {paper.url + article.path for article in paper.articles}

    assert [answer.status for answer in away] == [503, 503]
    assert "can't be used: connection" in away[1].json["detail"]
    assert (over["outcome"], over["queued"]) == ("done", 0)
    assert articles <= {one["url"] for one in items if one["status"] == 200}


@pytest.mark.costly
def test_a_crawling_command_survives_an_outage_too(
    tmp_path: Path, postgresql: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with crawling(tmp_path, postgresql, monkeypatch) as (household, server, command):
        server.stop()
        time.sleep(3)
        server.start()
        assert command.wait(60) == 0
        [run] = household.look("runs", "list", "--json").json["items"]

    assert (run["outcome"], run["queued"], run["attempt"]) == ("done", 0, 1)


@pytest.mark.costly
def test_a_command_interrupted_while_the_server_is_away_ends_and_the_next_resumes(
    tmp_path: Path, postgresql: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with crawling(tmp_path, postgresql, monkeypatch) as (household, server, command):
        server.stop()
        command.send_signal(signal.SIGINT)
        assert command.wait(60) == 8
        server.start()
        household.run("run", "gazette")
        [run] = household.look("runs", "list", "--json").json["items"]

    assert (run["outcome"], run["queued"], run["attempt"]) == ("done", 0, 2)


@contextmanager
def crawling(
    tmp_path: Path, postgresql: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Household, PostgresServer, subprocess.Popen[bytes]]]:
    """A command in the middle of crawling the gazette, without a service, and the server of its rows."""
    household = Household(tmp_path / "home")
    with running_server(postgresql.programs) as server, Newspaper(slow=0.0, latency=0.15) as paper:
        use(household, server.url("migrated"), monkeypatch)
        household.source("gazette", gazette(f"{paper.url}/"))
        command = household.command("run", "gazette")
        with subprocess.Popen(command, env=household.env(), cwd=household.home.parent) as process:
            try:
                eventually(lambda: len(paper.asked) >= 5)
                yield household, server, process
            finally:
                process.kill()
