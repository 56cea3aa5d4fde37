"""`pressmark purge` shows what it would delete, deletes what is confirmed, and is in the audit trail."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from services.reading_house import BESIDE, CLOSED, OPEN, REASON, STAMP, command, furnished, house

from archive.database.schema import segments
from config.settings import Settings
from pressmark.cli import main
from pressmark.service.access.purges import unfinished
from pressmark.service.assembly import open_pressmark
from pressmark.service.exits import Exit
from pressmark.upkeep.audit import audit
from pressmark.upkeep.doctor import examine

RECORDS = 2 + len(BESIDE)
"""Those of a page: it, what was recorded beside it, and a clip."""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    made = furnished(tmp_path)
    for file in (made / "items").rglob("*.jsonl"):
        file.unlink()  # a capture with items is kept back
    return made


def take_down(home: Path, url: str = CLOSED) -> str:
    with open_pressmark(Settings(home=home)) as service:
        return service.take_downs.add(url, REASON, by="ada").id


def run(home: Path, *arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["--home", str(home), "purge", *arguments])
    return int(ended.value.code or 0)


def planned(home: Path, id_: str, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    capsys.readouterr()
    assert run(home, id_, "--json") == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def captures(home: Path, url: str) -> int:
    with open_pressmark(Settings(home=home)) as service:
        return len(list(service.index.captures(url)))


def holds_secret(home: Path) -> bool:
    return any(b"Zanzibarite" in gzip.decompress(path.read_bytes()) for path in (home / "store").rglob("*.gz"))


def trail(home: Path) -> list[tuple[str, str]]:
    with open_pressmark(Settings(home=home)) as service:
        rows = [row.entry for row in service.access.trail.newest(limit=20)]
    return [(row.action, row.outcome) for row in rows if "purge" in row.action]


@pytest.mark.costly
def test_without_a_confirmation_of_this_plan_nothing_changes(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    id_ = take_down(home)
    told = planned(home, id_, capsys)
    shown = run(home, id_)
    out = capsys.readouterr()
    wrong = [
        run(home, id_, "--confirm", token) for token in (f"{RECORDS}", f"{RECORDS}-00000000", "9" + told["token"][1:])
    ]
    with open_pressmark(Settings(home=home)) as service:
        left = unfinished(service)

    assert (told["done"], told["records"], told["texts"], told["pictures"]) == (False, RECORDS, 1, RECORDS - 1)
    assert told["token"].startswith(f"{RECORDS}-")
    assert (shown, wrong) == (0, [Exit.USAGE] * 3)
    assert f"--confirm {told['token']}" in out.err
    assert holds_secret(home)
    assert captures(home, CLOSED) == 1
    assert (left, trail(home)) == ({}, [])  # a refusal leaves no order, and no row of a purge that began


@pytest.mark.costly
def test_a_purge_leaves_the_rest_and_its_address_still_says_why(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    id_ = take_down(home)
    code = run(home, id_, "--confirm", planned(home, id_, capsys)["token"])
    out = capsys.readouterr()

    assert code == 0
    assert f"deleted for good: {RECORDS} records" in out.err
    assert not holds_secret(home)
    assert (captures(home, CLOSED), captures(home, OPEN)) == (0, 1)
    assert trail(home) == [("pressmark purge", "done"), ("purge", "done"), ("purge", "begun")]
    with open_pressmark(Settings(home=home)) as service:
        assert [finding for checked in audit(service) for finding in checked.findings] == []
        [row] = [row.entry for row in service.access.trail.newest(limit=9) if row.entry.action == "pressmark purge"]
        assert (row.target, json.loads(row.after or "{}")["records"]) == (id_, RECORDS)
        assert any(f"{id_}: {RECORDS} (user " in one.sentence for one in examine(service) if one.part == "purges")
        assert unfinished(service) == {}
    with house(home, {}) as (client, tokens):
        address = f"/snapshot/{STAMP}/{CLOSED}"
        told = client.get(address, Authorization=tokens["read"])[0]
        client.service.take_downs.lift(id_, by="ada")
        after = client.get(address, Authorization=tokens["read"])[0]
    assert (told, after) == (451, 404)


@pytest.mark.costly
def test_only_what_is_taken_down_can_be_purged(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    id_ = take_down(home)
    token = planned(home, id_, capsys)["token"]
    command(home, "takedown", "lift", id_)
    lifted, unknown, none = run(home, id_, "--confirm", token), run(home, "abc"), run(home, "--confirm", token)

    assert (lifted, unknown, none) == (Exit.USAGE, Exit.NOT_FOUND, Exit.USAGE)
    assert f"the take-down {id_} is over or was lifted" in capsys.readouterr().err
    assert captures(home, CLOSED) == 1


@pytest.mark.costly
def test_what_is_in_a_spool_is_kept_back_and_nothing_waits_for_it(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    id_ = take_down(home)
    with open_pressmark(Settings(home=home)) as service:
        [capture] = service.index.captures(CLOSED)
        here = segments.c.name == capture.location.segment
        with service.database.writing() as connection:
            connection.execute(segments.update().where(here).values(path=str(tmp_path / "warc")))
    told = planned(home, id_, capsys)
    run(home, id_, "--confirm", told["token"])
    held = captures(home, CLOSED)
    with open_pressmark(Settings(home=home)) as service:
        left = unfinished(service)
        with service.database.writing() as connection:
            connection.execute(segments.update().where(here).values(path=None))
    run(home, id_, "--confirm", planned(home, id_, capsys)["token"])

    assert [one["why"] for one in told["kept_back"]] == [
        "spool",
        *["needed"] * (RECORDS - 1),
    ]  # what was made of it stays with it
    assert (held, left) == (1, {})
    assert captures(home, CLOSED) == 0


def test_the_api_and_the_page_purge_what_an_admin_confirms(home: Path) -> None:
    id_ = take_down(home)
    with house(home, {}) as (client, tokens):

        def api(role: str, confirm: str) -> tuple[int, dict[str, Any]]:
            path, body = f"/api/v1/takedowns/{id_}/purge", json.dumps({"confirm": confirm}).encode()
            status, answer = client.send_body("POST", path, body, "application/json", Authorization=tokens[role])[:2]
            return status, json.loads(answer)

        path, form = f"/collections/takedowns/{id_}/purge", "application/x-www-form-urlencoded"

        def typed(confirm: str, token: str) -> tuple[int, bytes]:
            body = urlencode({"confirm": confirm, "token": token}).encode()
            return client.send_body("POST", path, body, form, Authorization=tokens["admin"])[:2]

        planned = json.loads(client.get(f"/api/v1/takedowns/{id_}/purge", Authorization=tokens["admin"])[2])
        forbidden, wrong = api("curate", planned["token"])[0], api("admin", f"{RECORDS}")[0]
        shown = client.get(path, Authorization=tokens["admin"])
        mistyped, stale = typed("2", planned["token"]), typed(f"{RECORDS}", f"{RECORDS}-00000000")
        held = captures(home, CLOSED)
        done = typed(f"{RECORDS}", planned["token"])
        again = api("admin", planned["token"])

    assert (planned["records"], planned["texts"], planned["done"]) == (RECORDS, 1, False)
    assert (forbidden, wrong, shown[0], mistyped[0], stale[0]) == (403, 409, 200, 422, 409)
    assert (held, done[0], again[0]) == (1, 200, 409)
    assert b"Delete for good" in shown[2]
    assert planned["token"].encode() in shown[2]
    assert b"another number was typed" in mistyped[1]
    assert b"deleted for good" in done[1]
    assert captures(home, CLOSED) == 0
    assert not holds_secret(home)
