"""A database that refuses ends a run, and is its reason; a refused write only costs requests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from crawling.crawls import Run, archiving, now, source
from crawling.site import Asked, Reply, Site, html
from services.postgresql import PostgresServer
from sqlalchemy import text

from archive.database.engine import Database, open_database
from archive.index.index import Index
from archive.index.pages import Pages
from config.source import Source

pytestmark = pytest.mark.postgresql
ARTICLES = [f"/news/what-became-of-instrument-{number}" for number in range(8)]
Say = Callable[[str], None]


@pytest.fixture
def owner(postgresql: PostgresServer) -> Iterator[Database]:
    with postgresql.database() as url, closing(open_database(url)) as database:
        yield database


@pytest.fixture
def revoke(owner: Database) -> Iterator[Say]:
    """Revoke a right from the crawl's user, who has all rights."""

    def say(statement: str) -> None:
        with owner.engine.begin() as connection:
            connection.execute(text(statement))

    role = role_of(owner)
    say(f"CREATE ROLE {role}")
    say(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}")
    yield lambda right: say(f"REVOKE {right} FROM {role}")
    say(f"DROP OWNED BY {role}")
    say(f"DROP ROLE {role}")


def role_of(owner: Database) -> str:
    return f"crawl_of_{owner.engine.url.database}"


@pytest.fixture
def run(tmp_path: Path, owner: Database, revoke: Say, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    monkeypatch.setattr("crawler.engine.active_run._ACKNOWLEDGE_SECONDS", 0.1)
    url = owner.engine.url.update_query_dict({"options": f"-crole={role_of(owner)}"}).render_as_string()
    with archiving() as archive, closing(open_database(url, migrate=False)) as database:
        yield Run(tmp_path, archive, memory=Pages(database), index=Index(database, now=now))


def section(site: Site, first: Reply | Callable[[Asked], Reply] | None = None, **facts: object) -> Source:
    site.routes["/"] = first or html(*ARTICLES)
    site.otherwise = html()
    return source(f"{site.url}/", walk="listing", **facts)


@pytest.mark.parametrize("table", ["owed", "pages", "captures"])
def test_a_run_that_is_refused_a_required_query_is_interrupted_with_that_reason(
    site: Site, run: Run, revoke: Say, table: str
) -> None:
    revoke(f"SELECT ON {table}")

    outcome = run(section(site))

    assert outcome.outcome == "interrupted"
    assert outcome.reason.startswith("the database postgresql://")
    assert outcome.reason.endswith(f"can't be used: permission denied for table {table}")


def test_the_links_of_a_list_are_not_lost_silently(site: Site, run: Run, revoke: Say) -> None:
    def first(asked: Asked) -> Reply:
        revoke("SELECT ON captures")
        return html(*ARTICLES)

    outcome = run(section(site, first))

    assert outcome.outcome == "interrupted"
    assert outcome.reason.endswith("can't be used: permission denied for table captures")


@pytest.mark.parametrize("right", ["INSERT ON pages", "INSERT ON owed"])
def test_a_refused_write_only_costs_requests_of_the_next_run(
    site: Site, run: Run, revoke: Say, caplog: pytest.LogCaptureFixture, right: str
) -> None:
    revoke(right)

    outcome = run(section(site, limits={"pages": 3}))

    assert (outcome.outcome, outcome.pages) == ("limited", 3)
    assert "could not be written" in caplog.text


def test_what_a_limit_left_is_not_judged_if_the_query_is_refused(site: Site, run: Run, revoke: Say) -> None:
    def last(asked: Asked) -> Reply:
        revoke("SELECT ON captures")
        return html()

    asked = section(site, limits={"pages": 2})
    site.otherwise = last

    outcome = run(asked)

    assert (outcome.outcome, outcome.pages) == ("limited", 2)
