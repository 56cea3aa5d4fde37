"""Wishes that no site can fulfil are reported before the site is requested."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from crawling.site import html, serving
from journeys.household import Household, gazette

LOOPBACK = ("--allow-address", "127.0.0.0/8")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--name", "Ü!"), "source: invalid name 'Ü!'"),
        (("--name", "gazette"), "a source named 'gazette' already exists; choose another name"),
        (("--every", "soon"), "timetable.every: invalid duration 'soon': use a number and a unit"),
        (("--cron", "0 0 */6 * * *"), "timetable.cron: the cron expression '0 0 */6 * * *' has 6 fields"),
        (("--delay", "slow"), "politeness.delay: invalid duration 'slow'"),
        (("--allow-address", "nonsense"), "addresses.1: invalid network 'nonsense': write it as 127.0.0.0/8"),
    ],
)
def test_an_impossible_wish_is_reported_with_its_key(tmp_path: Path, options: tuple[str, ...], told: str) -> None:
    household = Household(tmp_path / "home")
    with serving() as site:
        household.source("gazette", gazette(f"{site.url}/"))
        ended = household.look("add", f"{site.url}/", *LOOPBACK, *options, code=4)

        assert ended.err.startswith(f"error: {told}")
        assert site.asked == []


def test_a_password_in_a_url_is_sent_to_nobody(tmp_path: Path) -> None:
    with serving() as site:
        site.otherwise = html()
        url = site.url.replace("//", "//me:hunter2@")
        told = Household(tmp_path / "home").look("add", url, *LOOPBACK, code=4).err

        assert "user name or password in it; use headers or login" in told
        assert "hunter2" not in told
        assert site.asked == []


def test_errors_of_a_description_over_http_name_its_keys_and_no_key_smuggles_another_in(tmp_path: Path) -> None:
    household = Household(tmp_path / "home")
    facts = {"source": "a", "seeds": ["https://a.example/"]}
    with household.serving() as served:
        for wrong, told in (
            ({"source": "../x"}, "source: invalid name '../x'"),
            ({"walk: feed\nproxy": "http://p.example"}, "unknown key"),
            ({"scope": {"include": json.loads("[" * 200 + "]" * 200)}}, "scope.include.0: this should be text"),
        ):
            answer = served.ask("POST", "/api/v1/sources", {"description": {**facts, **wrong}})
            assert answer.status == 422
            assert told in answer.json["detail"]
    assert not list(household.home.rglob("*.yaml"))
