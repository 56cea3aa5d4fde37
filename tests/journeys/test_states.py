"""What a running service says of a state, and that it says it no more when that is over."""

from __future__ import annotations

import html
from collections.abc import Iterator

import pytest
from crawling.site import Asked, Reply, Site, serving
from journeys.household import Household, Served, gazette
from services.waiting import eventually

PATIENCE = 240


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


def test_a_worker_that_pauses_for_want_of_room_says_so_everywhere_and_so_does_its_run(
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
