"""`pressmark purge` shows what it would delete, asks for the id, deletes, and is in the audit trail."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from services.reading_house import CLOSED, OPEN, REASON, STAMP, command, furnished, house

from archive.database.schema import segments
from config.settings import Settings
from pressmark.cli import main
from pressmark.service.access.purges import carry_on_purges, unfinished
from pressmark.service.assembly import open_pressmark
from pressmark.service.exits import Exit
from pressmark.upkeep.audit import audit
from pressmark.upkeep.conditions import conditions
from pressmark.upkeep.doctor import examine


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


def captures(home: Path, url: str) -> int:
    with open_pressmark(Settings(home=home)) as service:
        return len(list(service.index.captures(url)))


def holds_secret(home: Path) -> bool:
    return any(b"Zanzibarite" in gzip.decompress(path.read_bytes()) for path in (home / "store").rglob("*.gz"))


def test_a_dry_run_and_a_wrong_answer_change_nothing(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    id_ = take_down(home)
    dry = run(home, id_, "--dry-run", "--json")
    told = json.loads(capsys.readouterr().out)
    monkeypatch.setattr("typer.prompt", lambda *_, **__: "no")
    refused = run(home, id_)

    assert (dry, refused) == (0, Exit.ERROR)
    assert (told["done"], told["records"], told["texts"], told["pictures"]) == (False, 2, 1, 1)
    assert holds_secret(home)
    assert captures(home, CLOSED) == 1


def test_a_purge_leaves_the_rest_and_its_address_still_says_why(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    id_ = take_down(home)
    asked: list[Any] = []
    monkeypatch.setattr("typer.prompt", lambda *words, **_: asked.append(words) or id_)
    code = run(home, id_)
    out = capsys.readouterr()

    assert (code, len(asked)) == (0, 1)
    assert "deleted for good: 2 records" in out.err
    assert not holds_secret(home)
    assert (captures(home, CLOSED), captures(home, OPEN)) == (0, 1)
    with open_pressmark(Settings(home=home)) as service:
        assert [finding for checked in audit(service) for finding in checked.findings] == []
        [row] = [row.entry for row in service.access.trail.newest(limit=9) if row.entry.action == "pressmark purge"]
        assert (row.target, json.loads(row.after or "{}")["records"]) == (id_, 2)
        assert any(f"{id_}: 2" in one.sentence for one in examine(service) if one.part == "purges")
        assert unfinished(service) == {}
    with house(home, {}) as (client, tokens):
        address = f"/snapshot/{STAMP}/{CLOSED}"
        told = client.get(address, Authorization=tokens["read"])[0]
        client.service.take_downs.lift(id_, by="ada")
        after = client.get(address, Authorization=tokens["read"])[0]
    assert (told, after) == (451, 404)


def test_only_what_is_taken_down_can_be_purged(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    id_ = take_down(home)
    command(home, "takedown", "lift", id_)
    lifted, unknown = run(home, id_, "--yes"), run(home, "abc", "--yes")

    assert (lifted, unknown) == (Exit.USAGE, Exit.NOT_FOUND)
    assert f"the take-down {id_} is over or was lifted" in capsys.readouterr().err
    assert captures(home, CLOSED) == 1


def test_what_waits_for_a_spool_is_purged_by_the_service_later(home: Path, tmp_path: Path) -> None:
    id_ = take_down(home)
    with open_pressmark(Settings(home=home)) as service:
        [capture] = service.index.captures(CLOSED)
        here = segments.c.name == capture.location.segment
        with service.database.writing() as connection:
            connection.execute(segments.update().where(here).values(path=str(tmp_path / "warc")))
    run(home, id_, "--yes")
    held = captures(home, CLOSED)
    with open_pressmark(Settings(home=home)) as service:
        [state] = [one.sentence for one in conditions(service) if one.state == "purge-unfinished"]
        with service.database.writing() as connection:
            connection.execute(segments.update().where(here).values(path=None))
        carry_on_purges(service)
        left = unfinished(service)

    assert held == 1
    assert "waiting: 1" in state
    assert left == {}
    assert captures(home, CLOSED) == 0


def test_the_api_and_the_page_purge_what_an_admin_confirms(home: Path) -> None:
    id_ = take_down(home)
    with house(home, {}) as (client, tokens):

        def api(role: str, confirm: str) -> tuple[int, dict[str, Any]]:
            path, body = f"/api/v1/takedowns/{id_}/purge", json.dumps({"confirm": confirm}).encode()
            status, answer = client.send_body("POST", path, body, "application/json", Authorization=tokens[role])[:2]
            return status, json.loads(answer)

        path = f"/collections/takedowns/{id_}/purge"
        planned = json.loads(
            client.get(f"/api/v1{path.removeprefix('/collections')}", Authorization=tokens["admin"])[2]
        )
        forbidden, wrong = api("curate", id_)[0], api("admin", "another")[0]
        shown = client.get(path, Authorization=tokens["admin"])
        form = "application/x-www-form-urlencoded"
        mistyped = client.send_body("POST", path, b"confirm=another", form, Authorization=tokens["admin"])
        held = captures(home, CLOSED)
        typed = client.send_body("POST", path, f"confirm={id_}".encode(), form, Authorization=tokens["admin"])
        again = api("admin", id_)

    assert (planned["records"], planned["texts"], planned["done"]) == (2, 1, False)
    assert (forbidden, wrong, shown[0], mistyped[0], held, typed[0]) == (403, 422, 200, 422, 1, 200)
    assert b"Delete for good" in shown[2]
    assert b"the id that was typed is another one" in mistyped[1]
    assert b"deleted for good" in typed[1]
    assert (again[0], again[1]["records"]) == (200, 0)
    assert captures(home, CLOSED) == 0
    assert not holds_secret(home)
