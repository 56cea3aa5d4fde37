"""The service: timetable, API, pages, stopping and dying."""

from __future__ import annotations

import signal
import time
from contextlib import closing
from typing import Any

import psutil
import pytest
from conftest import figure
from journeys.household import Household, Served, gazette
from services.waiting import eventually
from web_of_tests.newspaper import Newspaper

from archive.database.engine import open_database
from scheduler.timetables.slots import Slot, Slots

ARTICLE = "forum-instrument-market"
WAITED = 10.0
"""Seconds that a worker that is stopped waits until all is shipped."""
UNSHIPPED = "nothing was shipped"
STILL_SHIPPING = "a segment could not be shipped in time"
"""What the worker logs if it is at work on a segment when this time is over: it waits, sealed, for the next start."""


def run_over(served: Served, run: str) -> dict[str, Any]:
    def over() -> dict[str, Any] | None:
        shape: dict[str, Any] = served.get(f"/api/v1/runs/{run}").json
        return shape if shape["status"] == "over" else None

    return eventually(over)


def test_from_a_tick_of_the_timetable_to_the_snapshot(household: Household, paper: Newspaper) -> None:
    url = paper.url_of(ARTICLE)
    household.source("gazette", gazette(f"{paper.url}/feed.xml", walk="feed", more="timetable: {every: 2s}\n"))
    with household.serving() as served:
        snapshot = f"/api/v1/snapshots/latest/json/{url}"
        shape = eventually(lambda: (answer := served.get(snapshot)).status == 200 and answer.json)
        text = eventually(
            lambda: answer if (answer := served.get(snapshot.replace("json", "text", 1))).status == 200 else None
        )
        by_command = household.run("snapshot", "get", url, "--json").json
        [*_, run] = served.get("/api/v1/runs").json["items"]

    assert run["tick"] is not None
    assert shape["url"] == by_command["url"] == url
    assert text.text.rstrip().endswith("Visitors have learned to read the second number first.")


def test_a_run_resumes_after_everything_was_killed(household: Household) -> None:
    with Newspaper(slow=0.0, latency=0.25) as paper:
        household.source("gazette", gazette(f"{paper.url}/", more="keep: {requisites: true}\n"))
        with household.serving(kill=True) as served:
            run = served.ask("POST", "/api/v1/sources/gazette/runs").json["id"]
            eventually(lambda: served.get(f"/api/v1/runs/{run}").json["pages"] >= 5)
            acknowledged = served.get(f"/api/v1/captures?url={paper.url}&match=host").json["items"]
        asked_before = [asked.path for asked in paper.asked]
        with household.serving() as served:
            over = run_over(served, run)
            kept = household.run("captures", paper.url, "--match", "host", "--json", "--limit", "1000").json["items"]
        articles = {paper.url + article.path for article in paper.articles}

    assert over["outcome"] == "done"
    assert over["attempt"] == 2
    assert acknowledged
    assert {one["record_id"] for one in acknowledged} <= {one["record_id"] for one in kept}
    assert articles <= {one["url"] for one in kept if one["status"] == 200}
    assert len(asked_before) < len(paper.asked)


def test_no_worker_outlives_its_service(household: Household) -> None:
    with household.serving(kill=True) as served:
        [worker] = psutil.Process(served.process.pid).children()
        served.process.kill()
        worker.wait(60)


@pytest.mark.parametrize("_round", range(figure(1, 20, 20)))
def test_sigterm_seals_ships_and_ends_with_zero(household: Household, paper: Newspaper, _round: int) -> None:
    household.environment["PRESSMARK_SPOOL__SEAL_AFTER"] = "1h"
    household.source("gazette", gazette(f"{paper.url}/feed.xml", walk="feed", more="timetable: {every: 1h}\n"))
    with household.serving() as served:
        served.ask("POST", "/api/v1/sources/gazette/runs")
        eventually(lambda: served.get(f"/api/v1/captures?url={paper.url_of(ARTICLE)}").json["items"])
        began = time.monotonic()
        served.process.send_signal(signal.SIGTERM)
        code = served.process.wait(40)
    took = time.monotonic() - began
    left = left_behind(household)
    if took > WAITED and left == [UNSHIPPED] and STILL_SHIPPING in served.log.read_text():  # a busy machine
        with household.serving():
            eventually(lambda: not left_behind(household))
        left = []

    assert (code, left) == (0, [])
    assert took < 30


def left_behind(household: Household) -> list[str]:
    """Return what a service left unfinished when it ended."""
    found = [file.name for file in (household.home / "spool").glob("*/open/*.open")]
    return found if list((household.home / "store").rglob("*.warc.gz")) else [*found, UNSHIPPED]


@pytest.mark.costly
def test_a_service_that_ends_immediately_leaves_something_unfinished(household: Household) -> None:
    household.environment["PRESSMARK_SPOOL__SEAL_AFTER"] = "1h"
    with Newspaper(slow=0.0, latency=0.25) as paper:
        household.source("gazette", gazette(f"{paper.url}/", more="keep: {requisites: true}\n"))
        with household.serving(kill=True) as served:
            served.ask("POST", "/api/v1/sources/gazette/runs")
            eventually(lambda: served.get(f"/api/v1/captures?url={paper.url}/").json["items"])

    assert left_behind(household)


def test_health_needs_no_token_and_everything_else_does(household: Household) -> None:
    household.environment["PRESSMARK_TOKEN"] = "canary-of-a-token-0123456789"
    bearer = {"Authorization": "Bearer canary-of-a-token-0123456789"}
    with household.serving() as served:
        eventually(lambda: served.get("/readyz").status == 200)  # once the new index was compared with the store
        assert served.get("/healthz").status == 200
        schema = served.ask("GET", "/openapi.json", headers=bearer).json
        for caller in ({}, {"Authorization": "Bearer wrong"}, {"Cookie": "pressmark=wrong"}):
            assert unguarded(served, schema["paths"], caller) == [], caller
        assert served.ask("GET", "/api/v1/sources", headers=bearer).status == 200
        assert served.ask("GET", "/api/v1/sources", headers={"Authorization": "Bearer wrong"}).status == 429
        assert served.ask("GET", "/", headers={"Accept": "text/html"}).headers["Location"] == "/login?next=/"
        wanted = served.ask("GET", "/view/text/2026/http://e.org/%2525?a=%26&b", headers={"Accept": "text/html"})
        assert wanted.headers["Location"] == "/login?next=/view/text/2026/http%3A//e.org/%252525%3Fa%3D%2526%26b"
        wrong = served.ask("POST", "/login", form="token=wrong")
        right = served.ask("POST", "/login", form="token=canary-of-a-token-0123456789&next=/runs")
        cookie = right.headers["Set-Cookie"]
        assert (wrong.status, right.status, right.headers["Location"]) == (429, 303, "/runs")
        assert "HttpOnly" in cookie and "SameSite=strict" in cookie and "canary" not in cookie
        assert served.ask("GET", "/runs", headers={"Cookie": cookie.split(";")[0]}).status == 200
        assert "canary" not in served.log.read_text()


PAGES = {path: {"get": None} for path in ("/", "/docs", "/openapi.json", "/runs", "/metrics")}


def unguarded(served: Served, paths: dict[str, Any], caller: dict[str, str]) -> list[str]:
    """Return what answers this caller with something else than 401 or, after many tries, 429: of any route."""
    every = [(method.upper(), path) for path, methods in {**paths, **PAGES}.items() for method in methods]
    asked = [(method, path.replace("{", "").replace("}", "")) for method, path in every if path not in OPEN]
    assert len(asked) > 30
    return [f"{how} {where}" for how, where in asked if served.ask(how, where, headers=caller).status not in (401, 429)]


OPEN = ("/healthz", "/readyz")


@pytest.mark.costly
def test_a_route_that_needs_no_token_is_detected(household: Household) -> None:
    with household.serving() as served:
        paths = served.get("/openapi.json").json["paths"]
        found = unguarded(served, {path: {"get": None} for path, methods in paths.items() if "get" in methods}, {})

    assert "GET /api/v1/sources" in found


def test_a_tick_that_meets_a_full_spool_is_skipped_and_says_why(household: Household, paper: Newspaper) -> None:
    household.environment["PRESSMARK_SPOOL__BUDGET"] = "16MiB"
    filling = household.home / "spool" / "main" / "quarantine" / "left-by-a-broken-disk"
    filling.parent.mkdir(parents=True)
    filling.write_bytes(bytes(12 << 20))
    household.source("gazette", gazette(f"{paper.url}/feed.xml", walk="feed", more="timetable: {every: 1s}\n"))
    with household.serving() as served:
        slot = eventually(lambda: next(iter(slots_of(household)), None))
        runs = served.get("/api/v1/runs").json["items"]
        filling.unlink()
        eventually(lambda: served.get("/api/v1/runs").json["items"])

    assert runs == []
    assert (slot.state, slot.reason) == ("skipped", "back-pressure: the spool is 75% full")


def slots_of(household: Household) -> list[Slot]:
    with closing(open_database(household.database_url)) as database:
        return Slots(database).list("gazette", limit=1)
