"""A service with pages and API keeps nothing on its disk: killed, it is replaced by one with an empty home."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from crawling.site import Site, html, serving
from journeys.household import QUICK, Household, Served
from services.buckets import store_in
from services.postgresql import EMPTY, PostgresServer
from services.waiting import eventually

from archive.store.s3 import S3Settings

pytestmark = [pytest.mark.postgresql, pytest.mark.s3, pytest.mark.costly, pytest.mark.timeout(900)]
PATIENCE = 300
TOKEN = "the-reading-room-has-a-kettle"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
ONCE = {**BEARER, "Idempotency-Key": "one"}
FOLLOWS = "sources/"
"""Copies of what the database has."""


@pytest.fixture
def site() -> Iterator[Site]:
    with serving({"/news": html("The kettle of the reading room sings.")}) as site:
        yield site


def files(home: Path) -> set[str]:
    return {str(path.relative_to(home)) for path in home.rglob("*") if path.is_file()}


def everything(served: Served, url: str, cookie: str) -> dict[str, object]:
    """Return what pages and API answer a person who has logged in."""
    session = {"Cookie": cookie}
    pages = ["/", "/sources", "/sources/news", "/runs", "/search?q=kettle", f"/view/text/2026/{url}", "/watches"]
    assert {served.ask("GET", page, headers=session).status for page in pages} == {200}
    return {
        "run": served.ask("POST", "/api/v1/sources/news/runs", headers=ONCE).json["id"],
        "source": served.ask("GET", "/api/v1/sources/news/text", headers=BEARER).body,
        "found": served.ask("GET", "/api/v1/search?q=kettle", headers=BEARER).json["items"],
        "export": served.ask("GET", "/api/v1/exports/jsonl", headers=BEARER).body,
        "watches": served.ask("GET", "/api/v1/watches", headers=BEARER).json["items"],
    }


def test_an_api_service_is_replaced_by_one_with_an_empty_home_and_no_session_or_key_is_lost(
    tmp_path: Path, postgresql: PostgresServer, bucket: S3Settings, site: Site
) -> None:
    with postgresql.database(EMPTY) as url, ExitStack() as stack:
        shared = {**QUICK, **store_in(bucket), "PRESSMARK_DATABASE": url, "PRESSMARK_TOKEN": TOKEN}
        first, second, works = (
            Household(tmp_path / name / "home", {**shared, "PRESSMARK_WORKER__NAME": name})
            for name in ("first", "second", "works")
        )
        for one in (first, second, works):
            one.home.mkdir(0o700, parents=True)
        with first.serving("--role", "api", kill=True) as served:
            before = files(first.home)
            with works.serving("--role", "clock,work"):
                text = {"source": "news", "seeds": [f"{site.url}/news"], "walk": "page", "addresses": ["127.0.0.0/8"]}
                added = served.ask("POST", "/api/v1/sources", {"description": text}, headers=BEARER)
                assert added.status == 201
                run = served.ask("POST", "/api/v1/sources/news/runs", headers=ONCE).json["id"]
                path = f"/api/v1/runs/{run}"
                eventually(lambda: served.ask("GET", path, headers=BEARER).json["outcome"], within=PATIENCE)
                found = "/api/v1/search?q=kettle"
                eventually(lambda: served.ask("GET", found, headers=BEARER).json["items"], within=PATIENCE)
            watch = served.ask("PUT", "/api/v1/watches/kettles", {"phrases": ["kettle"]}, headers=BEARER)
            assert watch.status in (200, 201), watch.text
            cookie = served.ask("POST", "/login", form=f"token={TOKEN}").headers["Set-Cookie"].split(";")[0]
            answers = everything(served, f"{site.url}/news", cookie)
            assert answers["run"] == run
            left = {name for name in files(first.home) - before if not name.startswith(FOLLOWS)}
        served = stack.enter_context(second.serving("--role", "api"))
        eventually(lambda: served.ask("GET", "/api/v1/sources/news", headers=BEARER).status == 200, within=PATIENCE)
        again = everything(served, f"{site.url}/news", cookie)
        stranger = served.ask("GET", "/runs", headers={"Cookie": f"{cookie}x", "Accept": "text/html"}).status

    assert left == set()
    assert again == answers
    assert stranger == 303
