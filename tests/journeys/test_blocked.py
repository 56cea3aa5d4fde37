"""A site that begins to block us: what is archived, and who is notified."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from crawling.site import Asked, Reply, html, serving
from journeys.household import QUICK, Household, gazette

WALL = Reply(body="<!doctype html><title>Just a moment...</title><p>Checking your browser</p>")


def test_a_site_that_switches_to_captchas_is_reported_once_for_each_change(tmp_path: Path) -> None:
    blocked = False

    def page(asked: Asked) -> Reply:
        return WALL if blocked else html("/a", "/b", "/c", text=asked.path)

    with serving(host="127.0.0.2") as site, serving() as hook:
        site.otherwise, hook.otherwise = page, Reply(204)
        site.routes["/robots.txt"] = Reply(404)
        chat = {"URL": f"{hook.url}/told", "ADDRESSES": '["127.0.0.0/8"]'}
        told_to = {f"PRESSMARK_NOTIFY__WEBHOOK__{name}": value for name, value in chat.items()}
        household = Household(tmp_path / "home", QUICK | told_to)
        household.source("gazette", gazette(f"{site.url}/"))

        household.run("run", "gazette")
        assert hook.asked == []
        blocked = True
        household.run("run", "gazette", code=9)
        household.run("run", "gazette", code=9)
        [source] = household.look("source", "list", "--json").json["items"]
        captures = household.look("captures", f"{site.url}/", "--json").json["items"]
        explained = household.look("why", f"{site.url}/", "--json").json
        household.run("rebuild")
        rebuilt = household.look("captures", f"{site.url}/", "--json").json["items"]
        blocked = False
        household.run("run", "gazette")

        told = [json.loads(asked.body) for asked in hook.asked]
        assert [(one["event"], one["source"]) for one in told] == [
            ("source.blocked", "gazette"),
            ("source.free", "gazette"),
        ]
        assert "captcha" in told[0]["reason"]
        assert (source["state"], source["blocked_reason"]) == ("blocked", told[0]["reason"])
        assert [capture["status"] for capture in captures] == [200, 200, 200]  # answers are archived as received
        assert [capture["verdict"] for capture in captures] == ["captcha", "captcha", None]
        assert rebuilt == captures
        assert explained["verdict"] == "captcha"
        assert household.look("source", "list", "--json").json["items"][0]["blocked_since"] is None


@pytest.mark.costly
def test_an_answer_that_is_not_the_page_is_compared_only_when_it_is_named(household: Household) -> None:
    with serving() as site:
        household.source("gazette", gazette(f"{site.url}/", walk="site"))
        site.routes["/robots.txt"] = Reply(404)
        for answer in (html(text="One text"), WALL, html(text="Another text"), Reply(403), WALL):
            site.routes["/"] = answer
            household.run("run", "gazette", code=0 if answer.status == 200 and answer is not WALL else 9)
        captures = household.look("captures", f"{site.url}/", "--json").json["items"]
        told = household.look("diff", f"{site.url}/", "--json").json
        named = household.look("diff", f"{site.url}/", "previous", captures[0]["timestamp"], "--json").json

    assert [capture["verdict"] for capture in captures] == ["captcha", "blocked", None, "captcha", None]
    assert (told["old"]["timestamp"], told["new"]["timestamp"]) == (captures[4]["timestamp"], captures[2]["timestamp"])
    assert (named["old"]["timestamp"], named["new"]["title"]) == (captures[2]["timestamp"], "Just a moment...")


@pytest.mark.costly
def test_a_comparison_says_what_is_not_a_page_and_not_that_two_extractors_read_it(household: Household) -> None:
    with serving() as site:
        household.source("gazette", gazette(f"{site.url}/", walk="site"))
        site.routes["/robots.txt"] = Reply(404)
        text = html(text="One text of several words")
        for answer, code in ((WALL, 9), (text, 0), (Reply(403, "<p>No"), 9), (Reply(404, "<p>Nothing"), 1)):
            site.routes["/"] = answer
            household.run("run", "gazette", code=code)
        gone, refused, page, wall = (
            one["timestamp"] for one in household.look("captures", f"{site.url}/", "--json").json["items"]
        )
        shown = [household.look("diff", f"{site.url}/", page, each, "--json").json for each in (wall, refused, gone)]
        told = household.look("diff", f"{site.url}/", wall, page).err
        with household.serving() as running:
            seen = running.get(f"/diff/{page}/{gone}/{site.url}/").text

    assert [(one["old"]["instead"], one["new"]["instead"], one["reread"]) for one in shown] == [
        (None, "captcha", False),
        (None, "blocked", False),
        (None, "404", False),
    ]
    assert "the older capture shows this instead of the page: captcha" in told and "extractors" not in told
    assert "The newer capture shows this instead of the page: error (status 404)" in seen and "extractors" not in seen
