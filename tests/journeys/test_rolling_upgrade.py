"""Services are replaced by those of a newer version, over two schemas, while others of them work."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from crawling.site import Site, html, serving
from journeys.household import QUICK, Ended, Household, Served
from services.buckets import store_in
from services.killed_workers import Machines, machines
from services.newer_versions import EXPAND, newer_version
from services.postgresql import EMPTY, PostgresServer
from services.waiting import eventually
from services.world import Rows
from sqlalchemy import select, text

from archive.database.migrate import newest
from archive.database.schema import captures, runs
from archive.store.s3 import S3Settings

pytestmark = [pytest.mark.postgresql, pytest.mark.s3, pytest.mark.costly, pytest.mark.timeout(1_800)]
PATIENCE = 300
CONTRACT = 'op.drop_table("shelves"); op.drop_column("runs", "shelf"); op.drop_column("captures", "shelf")'
CHANGE = 'op.alter_column("runs", "tick", new_column_name="due")'


@pytest.fixture
def site() -> Iterator[Site]:
    with serving({"/news": html("The kettle of the reading room sings.")}) as site:
        yield site


class Fleet:
    """Services of one version or two, and a visitor who reads their pages all the time."""

    def __init__(self, made: Machines, rows: Rows) -> None:
        self.made, self._rows = made, rows
        self._desks = dict[str, Served]()
        self.runs = 0
        self.answers = list[int]()
        self._over = threading.Event()
        self._visitor = threading.Thread(target=self._read)

    def _read(self) -> None:
        while not self._over.wait(0.3):
            for served in [*self._desks.values()]:
                self.answers.append(served.get("/api/v1/runs").status)

    def __enter__(self) -> Fleet:
        self._visitor.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._visitor.join()

    def begin(self, version: str, code: Path | None) -> None:
        """Start services with pages, a worker and a reader, and wait until the pages answer."""
        own = {} if code is None else {"PYTHONPATH": str(code)}
        desk = self.made.add(f"{version}-desk", "api,clock", settings=own)
        for role in ("work", "read"):
            self.made.add(f"{version}-{role}", role, settings=own)
        self._desks[version] = desk.served(PATIENCE)

    def end(self, version: str) -> None:
        """Stop the services of a version, after the visitor has gone to others."""
        del self._desks[version]
        time.sleep(1)
        names = [f"{version}-{role}" for role in ("desk", "work", "read")]
        assert [self.made.all.pop(name).stop() for name in names] == [0, 0, 0]

    def restart(self, version: str) -> None:
        """Kill the worker and the reader, as a node does that dies, and start them again."""
        for role in ("work", "read"):
            self.made.all[f"{version}-{role}"].kill()
            self.made.all[f"{version}-{role}"].start()

    def run(self, version: str, *arguments: str, code: int = 0) -> Ended:
        return self.made.all[f"{version}-desk"].household.run(*arguments, code=code)

    def crawl(self, version: str) -> None:
        """Request a run from a version; it is archived, and its page is read."""
        served = self._desks[version]
        run = eventually(lambda: served.ask("POST", "/api/v1/sources/news/runs").json.get("id"), within=PATIENCE)
        eventually(lambda: served.get(f"/api/v1/runs/{run}").json["status"] == "over", within=PATIENCE)
        self.runs += 1
        eventually(self._rows.is_quiet, within=PATIENCE)

    def schema(self) -> int:
        with self._rows.database.reading() as connection:
            return int(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one())


def test_each_version_works_beside_the_next_one_and_is_then_replaced_without_a_pause(
    tmp_path: Path, postgresql: PostgresServer, bucket: S3Settings, site: Site
) -> None:
    schema = int(newest())
    second = newer_version(tmp_path / "second", (EXPAND, 1))
    third = newer_version(tmp_path / "third", (EXPAND, 1), (CONTRACT, 1))
    with postgresql.database(EMPTY) as url, ExitStack() as stack:
        shared = {
            **store_in(bucket),
            "PRESSMARK_DATABASE": url,
            "PRESSMARK_WORKER__READS_TEXTS": "false",
            "PRESSMARK_WORKER__LEASE": "6s",
        }
        made = stack.enter_context(machines(tmp_path, shared))
        rows = stack.enter_context(closing(Rows(url)))
        fleet = stack.enter_context(Fleet(made, rows))
        fleet.begin("first", None)
        first = made.all["first-desk"].household
        first.source("news", f"source: news\nseeds: [{site.url}/news]\nwalk: page\naddresses: [127.0.0.0/8]\n")
        fleet.run("first", "source", "apply", str(first.home / "sources"))
        fleet.crawl("first")
        for number, (former, version, code) in enumerate((("first", "second", second), ("second", "third", third)), 1):
            newer = Household(first.home, {**first.environment, "PYTHONPATH": str(code)})
            assert newer.run("upgrade", "--json").json["schema"] == f"{schema + number:04}"
            fleet.crawl(former)
            fleet.restart(former)
            fleet.crawl(former)
            assert fleet.schema() == schema + number
            fleet.begin(version, code)
            fleet.crawl(former)
            fleet.crawl(version)
            fleet.end(former)
            fleet.crawl(version)

        refused = first.run("runs", "list", code=8).err
        assert f"a newer Pressmark wrote it: this version knows schema {schema:04}, not {schema + 2:04}" in refused
        fleet.run("third", "verify", "--all")
        assert fleet.runs == 11
        assert [row.outcome for row in rows.of(select(runs.c.outcome).order_by(runs.c.requested_at))] == [
            "done",
            *["unchanged"] * (fleet.runs - 1),
        ]
        assert len([asked for asked in site.asked if asked.path == "/news"]) == fleet.runs
        kept = rows.of(select(captures.c.record_id).where(captures.c.url == f"{site.url}/news"))
        assert len(kept) == fleet.runs
        assert len(fleet.answers) > fleet.runs
        assert {*fleet.answers} == {200}


def test_services_are_refused_where_a_revision_changes_what_they_use(
    tmp_path: Path, postgresql: PostgresServer
) -> None:
    changed = newer_version(tmp_path / "changed", (CHANGE, 0))
    with postgresql.database(EMPTY) as url:
        former = Household(tmp_path / "home", {**QUICK, "PRESSMARK_DATABASE": url})
        former.home.mkdir(0o700)
        former.run("runs", "list")
        Household(former.home, {**former.environment, "PYTHONPATH": str(changed)}).run("upgrade")
        assert "a newer Pressmark wrote it" in former.run("runs", "list", code=8).err
