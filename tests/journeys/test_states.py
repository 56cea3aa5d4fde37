"""A running service reports its states, and stops when they are over."""

from __future__ import annotations

import html
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from crawling.site import Asked, Reply, Site, serving
from journeys.household import Household, Served, gazette
from services.waiting import eventually

FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
PATIENCE = 600
"""Seconds after which something is wrong."""
pytestmark = pytest.mark.timeout(PATIENCE * 5)


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as made:
        made.routes["/robots.txt"] = Reply(404)
        yield made


def endless(asked: Asked) -> Reply:
    """A page with links to more, none of them soon."""
    path = asked.path.rstrip("/")
    return Reply(body="".join(f"<a href='{path}/{number}'>{number}</a>" for number in range(3)), after=0.3)


def problems(served: Served) -> dict[str, str]:
    found: dict[str, str] = served.get("/readyz").json["problems"]
    return found


def test_a_worker_that_pauses_on_a_full_disk_says_so_everywhere_and_so_does_its_run(
    household: Household, site: Site
) -> None:
    household.environment["PRESSMARK_SPOOL__BUDGET"] = "16MiB"
    filling = household.home / "spool" / "main" / "quarantine" / "left-by-a-broken-disk"
    household.source("gazette", gazette(f"{site.url}/"))
    site.otherwise = endless
    with household.serving() as served:
        filling.write_bytes(bytes(15 << 20))
        eventually(lambda: "spool" in problems(served), within=PATIENCE)
        filling.unlink()
        eventually(lambda: not problems(served), within=PATIENCE)
        run = served.ask("POST", "/api/v1/sources/gazette/runs").json["id"]
        eventually(lambda: served.get(f"/api/v1/runs/{run}").json["status"] != "queued", within=PATIENCE)
        filling.write_bytes(bytes(15 << 20))
        told = eventually(lambda: problems(served).get("crawling"), within=PATIENCE)
        reason = served.get(f"/api/v1/runs/{run}").json["reason"]
        items = household.look("doctor", "--json", code=7).json["items"]
        front, page = html.unescape(served.get("/").text), html.unescape(served.get(f"/runs/{run}").text)
        listed = household.look("runs", "list", "--json").json["items"][0]["reason"]
        filling.unlink()
        eventually(lambda: not problems(served), within=PATIENCE)
        resumed = served.get(f"/api/v1/runs/{run}").json

    assert reason is not None and reason.startswith("back-pressure: the spool is 9")
    assert reason in told
    assert listed == reason
    assert reason in page
    assert told in front
    assert told in [item["sentence"] for item in items if item["state"] == "crawling-paused"]
    assert (resumed["status"], resumed["reason"]) == ("running", None)


@pytest.mark.system
@pytest.mark.skipif(FAKETIME is None, reason="libfaketime is not installed")
@pytest.mark.costly
def test_a_service_whose_clock_is_five_days_ahead_for_a_moment_keeps_its_timetable(
    household: Household, site: Site
) -> None:
    site.otherwise = Reply(body="<p>news</p>")
    household.source("gazette", gazette(f"{site.url}/", walk="page", more="timetable: {every: 2s}\n"))
    clock = household.home.parent / "faketime"
    household.environment |= {
        "LD_PRELOAD": str(FAKETIME),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "NO_FAKE_STAT": "1",
    }
    _show(clock, "+0")
    with household.serving() as served:
        eventually(lambda: _ticks(served), within=PATIENCE)
        _show(clock, "+5d")
        ahead = datetime.now(UTC) + timedelta(days=4)
        eventually(lambda: any(at > ahead for at in _ticks(served)), within=PATIENCE)
        _show(clock, "+0")
        back = datetime.now(UTC)
        eventually(lambda: sum(back < at < ahead for at in _ticks(served)) > 2, within=PATIENCE)
        front = html.unescape(served.get("/").text)
        ticks = _ticks(served)

    assert len(set(ticks)) == len(ticks)
    assert "Sources that Pressmark crawls again only once the clock has reached its former time: 1." in front


def _show(clock: Path, what: str) -> None:
    new = clock.with_suffix(".new")
    new.write_text(what + "\n")
    new.replace(clock)


def _ticks(served: Served) -> list[datetime]:
    items = served.get("/api/v1/runs?source=gazette&limit=100").json["items"]
    return [datetime.fromisoformat(item["tick"]) for item in items if item["tick"]]
