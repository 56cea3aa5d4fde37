"""Webhooks of a running service: new captures are reported, also after kill -9."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from crawling.site import Reply, Site, serving
from journeys.household import Household, gazette
from services.waiting import eventually
from web_of_tests.newspaper import Newspaper

from pressmark.notify.webhooks.signing import new_secret

ARTICLE = "forum-instrument-market"


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as site:
        site.otherwise = Reply(204)
        yield site


@pytest.fixture
def listening(household: Household, site: Site) -> str:
    """Write the webhook into the household's settings; return its secret."""
    return write_team(household, site)


def write_team(household: Household, site: Site) -> str:
    household.home.mkdir(parents=True, exist_ok=True)
    secret = new_secret()
    (household.home / "team.secret").write_text(f"{secret}\n")
    (household.home / "pressmark.yaml").write_text(
        f"webhooks:\n  team:\n    url: {site.url}/hook/secret-path\n    secret_file: {household.home}/team.secret\n"
        "    addresses: [127.0.0.0/8]\n"
    )
    return secret


def told(site: Site) -> list[tuple[str, str]]:
    """Return the type and the id of each message."""
    return [(json.loads(asked.body)["type"], asked.headers["webhook-id"]) for asked in site.asked]


@pytest.mark.slow
@pytest.mark.costly
def test_new_captures_are_reported_and_nothing_is_lost_by_kill_9(
    household: Household, paper: Newspaper, site: Site, listening: str
) -> None:
    household.source("gazette", gazette(paper.url_of(ARTICLE), walk="page"))
    with household.serving() as service:
        eventually(lambda: household.look("webhooks", "list", "--json").json["items"][0]["host"])
        household.run("run", "gazette")
        eventually(lambda: {kind for kind, _ in told(site)} >= {"page.new", "run.over"})
        before = len(site.asked)
        site.otherwise = Reply(204, after=600)
        paper.edit(ARTICLE, ["A kettle is a kettle, and this is another text about the queue. " * 9])
        household.run("run", "gazette")
        eventually(lambda: len(site.asked) > before)
        held = told(site)[before]
        log = service.log.read_text()
        service.process.kill()
    site.otherwise = Reply(204)
    with household.serving():
        eventually(lambda: {kind for kind, _ in told(site)[before + 1 :]} >= {"page.changed", "run.over"})
        eventually(lambda: household.look("webhooks", "list", "--json").json["items"][0]["waiting"] == 0)

    assert held in told(site)[before + 1 :]
    again = [kind for kind, _ in dict.fromkeys(told(site))]
    assert (again.count("page.new"), again.count("page.changed"), again.count("run.over")) == (1, 1, 2)
    assert "secret-path" not in log and listening not in log


def test_a_webhook_is_added_and_notified_without_a_restart(household: Household, paper: Newspaper, site: Site) -> None:
    household.source("gazette", gazette(paper.url_of(ARTICLE), walk="page"))
    with household.serving() as service:
        assert service.get("/api/v1/webhooks").json["items"] == []
        write_team(household, site)
        eventually(lambda: service.get("/api/v1/webhooks").json["items"])
        shown = service.get("/settings").text
        # It gets the events from the moment on at which the service has read it.
        eventually(lambda: household.run("run", "gazette") and told(site))
        eventually(lambda: service.get("/api/v1/webhooks/team").json["delivered_at"])
        item = household.look("webhooks", "list", "--json").json["items"][0]

    assert "webhooks.team.events" in shown
    assert item["delivered_at"] and item["answer"] == "127.0.0.1 answered 204"


def test_every_door_shows_tests_and_enables_webhooks(household: Household, site: Site, listening: str) -> None:
    empty = replace(household, home=household.home.parent / "empty")
    with household.serving() as service:
        shape = service.get("/api/v1/webhooks").json["items"][0]
        tried = service.ask("POST", "/api/v1/webhooks/team/test").json
        page = service.get("/webhooks").text
        one = service.ask("POST", "/webhooks/team/test", form="").text
        site.otherwise = Reply(410)
        refused = service.ask("POST", "/api/v1/webhooks/team/test").json
        enabled = service.ask("POST", "/webhooks/team/enable", form="")
        unknown = service.get("/api/v1/webhooks/nobody")
        messages = service.get("/api/v1/webhooks/team/messages").json["items"]
        settings = service.get("/settings").text
    failed = household.look("webhooks", "test", "team", code=1)
    site.otherwise = Reply(204)
    passed = household.look("webhooks", "test", "team")
    household.look("webhooks", "enable", "team")
    household.look("webhooks", "messages", "team")
    household.look("webhooks", "enable", "nobody", code=5)

    assert (shape["name"], shape["host"], shape["disabled_at"]) == ("team", "127.0.0.1", None)
    assert (tried["taken"], tried["status"], refused["taken"], refused["status"]) == (True, 204, False, 410)
    assert "team" in page and "127.0.0.1 answered 204" in one
    assert (enabled.status, enabled.headers["Location"], unknown.status, messages) == (303, "/webhooks/team", 404, [])
    assert "127.0.0.1 answered 410" in failed.err and "answered 204" in passed.out
    assert {kind for kind, _ in told(site)} == {"webhook.test"}
    for shown in (page, one, settings, passed.out, household.look("config", "show").out):
        assert listening not in shown and "secret-path" not in shown
    assert household.look("webhooks", "secret").out.startswith("whsec_")
    assert "there are no webhooks (receivers of messages about events)" in empty.look("webhooks", "list").err
