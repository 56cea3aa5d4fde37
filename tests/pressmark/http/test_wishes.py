"""Wishes that no site can fulfil are reported before the site is requested."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from crawling.site import html, serving
from journeys.household import Household, gazette

from config.load import load_file
from config.schema import key_schemas

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


def test_over_http_every_key_of_a_file_goes_beside_a_url_or_seeds_with_the_errors_of_files(tmp_path: Path) -> None:
    household = Household(tmp_path / "home")
    with serving() as site, household.serving() as served:
        site.otherwise = html()
        wished = {"addresses": ["127.0.0.0/8"], "ports": [9000], "keep": {"collection": "news"}, "limits": {"pages": 3}}
        found = served.ask("POST", "/api/v1/sources", {"url": f"{site.url}/", "name": "found", **wished})
        asked = len(site.asked)
        given = served.ask("POST", "/api/v1/sources", {"source": "given", "seeds": [f"{site.url}/"], "every": "6h"})
        refused = {
            told: served.ask("POST", "/api/v1/sources", body).json["detail"]
            for told, body in {
                "unknown key 'adresses'": {"url": f"{site.url}/", "adresses": ["127.0.0.0/8"]},
                "addresses.0: invalid network 'x'": {"url": f"{site.url}/", "addresses": ["x"]},
                "walk: ": {"url": f"{site.url}/", "walk": "moon", "addresses": ["127.0.0.0/8"]},
                "limits.pages": {"source": "given", "seeds": [f"{site.url}/"], "limits": {"pages": 0}},
                "give either a url to inspect, or seeds, a spider or a mailbox (imap)": {
                    "url": f"{site.url}/",
                    "seeds": [f"{site.url}/"],
                },
            }.items()
        }
        shown = served.get("/openapi.json").json["components"]["schemas"]["NewSource"]["properties"]

    assert (found.status, given.status) == (201, 201)
    [source] = load_file(household.home / "sources" / "found.yaml")
    assert (str(source.addresses[0]), source.ports, source.limits.pages) == ("127.0.0.0/8", (9000,), 3)
    assert (source.keep.collection, source.keep.requisites) == ("news", True)
    assert asked == len(site.asked)
    assert [told for told, detail in refused.items() if told not in detail] == []
    assert set(key_schemas()) <= set(shown)
    assert "requisites" in shown["keep"]["properties"]
