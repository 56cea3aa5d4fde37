"""What was taken down has no other way out: other addresses, record ids, copies of its bytes and logs of runs."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import quote

import pytest
from security.test_take_downs import CONTENT, MIRROR, MIRRORED, mirrored
from services.reading_house import CLOSED, OPEN, PARAMETERS, REASON, STAMP, furnished, house, served_house, taken_down

from archive.index.aliases import Alias, Aliases
from config.settings import Settings
from pressmark.service.assembly import open_pressmark

OTHER = "http://secretive.example/node/7"
"""Another address of the page: only the page itself was archived."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = furnished(tmp_path_factory.mktemp("taken"))
    with open_pressmark(Settings(home=home)) as service:
        Aliases(service.database).note([Alias(OTHER, CLOSED, "canonical")])
    return home


@pytest.mark.parametrize("at", [None, STAMP], ids=["page", "capture"])
@pytest.mark.parametrize("url", [OTHER, CLOSED, f"{CLOSED}?utm_source=mail"])
def test_a_page_is_taken_down_under_all_its_addresses(home: Path, url: str, at: str | None) -> None:
    addresses = [f"/snapshot/{STAMP}/{CLOSED}", f"/snapshot/{STAMP}/{OTHER}", f"/api/v1/snapshots/{STAMP}/raw/{OTHER}"]
    with house(home, {}) as (asked, tokens):

        def told() -> list[int]:
            return [asked.get(address, Authorization=tokens["read"])[0] for address in addresses]

        def found() -> bool:
            return CONTENT in asked.get("/api/v1/search?q=harbour", Authorization=tokens["read"])[2].lower()

        before = [*told(), found()]
        with taken_down(asked, url, at=at):
            during = [*told(), found()]
            [shape] = [
                one
                for one in json.loads(asked.get("/api/v1/takedowns", Authorization=tokens["curate"])[2])["items"]
                if one["state"] == "in force"
            ]
            other = asked.get(f"/snapshot/{STAMP}/{OPEN}", Authorization=tokens["read"])[0]

    assert before == [200, 200, 200, True]  # the controls
    assert during == [451, 451, 451, False]
    assert set(shape["also"]) >= {OTHER, CLOSED} - {url}
    assert other == 200


def test_an_address_of_another_site_is_not_taken_down_with_a_page(home: Path) -> None:
    foreign = "http://attacker.example/b"
    with house(home, {}) as (asked, tokens):
        Aliases(asked.service.database).note([Alias(foreign, OPEN, "canonical")])
        with taken_down(asked, foreign):
            statuses = [
                asked.get(f"/snapshot/{STAMP}/{url}", Authorization=tokens["read"])[0] for url in (foreign, OPEN)
            ]

    assert statuses == [451, 200]


@pytest.mark.parametrize("at", [None, STAMP], ids=["page", "capture"])
def test_the_link_of_a_record_says_why(home: Path, at: str | None) -> None:
    with house(home, {}) as (asked, tokens):
        links = {}
        for url in (OPEN, CLOSED):
            [capture] = asked.service.index.captures(url)
            links[url] = f"/c/{quote(capture.record_id.strip('<>').removeprefix('urn:uuid:'))}"
        with taken_down(asked, CLOSED, at=at):
            told = {url: asked.get(link, Authorization=tokens["read"]) for url, link in links.items()}
            unknown = asked.get("/c/0b2ff0b6-0000-4000-8000-000000000000", Authorization=tokens["read"])[0]

    assert told[CLOSED][0] == 451
    assert REASON.encode() in told[CLOSED][2]
    assert (told[OPEN][0] // 100, unknown) in {(2, 404), (3, 404)}  # the controls


def test_another_page_with_the_bytes_of_one_capture_that_was_taken_down_is_shown(tmp_path: Path) -> None:
    addresses = (f"/api/v1/snapshots/{MIRRORED}/raw/{MIRROR}", f"/snapshot/{MIRRORED}/{MIRROR}")
    with served_house(mirrored(tmp_path), {}) as (asked, tokens):

        def told() -> list[int]:
            of_page = [f"/api/v1/snapshots/{STAMP}/raw/{CLOSED}"]
            return [asked.get(address, Authorization=tokens["read"])[0] for address in (*addresses, *of_page)]

        before = told()
        with taken_down(asked, CLOSED, at=STAMP):
            during = told()

    assert before == [200, 200, 200]
    assert during == [200, 200, 451]


def test_logs_of_runs_do_not_name_it(home: Path) -> None:
    run_pages = ("/runs/{run}", "/api/v1/runs/{run}/failures", "/api/v1/runs/{run}")
    with house(home, {}) as (asked, tokens):
        run = PARAMETERS["{run}"]
        log = asked.service.settings.home / "logs" / "runs" / f"{run}.jsonl"
        log.parent.mkdir(parents=True, exist_ok=True)
        at = "2026-01-31T12:00:00Z"
        events = [
            {"at": at, "event": "failure", "url": CLOSED, "reason": "timeout"},
            {"at": at, "event": "failure", "url": OPEN, "reason": f"leads to {CLOSED}"},
            {"at": at, "event": "failure", "url": OPEN, "reason": "timeout"},
            {"at": at, "event": "drawn", "url": CLOSED, "reason": "scripts"},
        ]
        log.write_text("".join(json.dumps(event) + "\n" for event in events), "utf-8")

        def told() -> list[bytes]:
            return [asked.get(page.format(run=run), Authorization=tokens["read"])[2] for page in run_pages]

        before = told()
        with taken_down(asked, CLOSED):
            during = told()

    assert [CLOSED.encode() in body for body in before] == [True, True, False]  # the controls
    assert [CLOSED.encode() in body for body in during] == [False, False, False]
    assert [OPEN.encode() in body for body in during] == [True, True, False]
