"""Captures are purged by commands and the API: a dry run first, by admins alone, with a row in the trail."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from services.reading_house import CLOSED, OPEN, REASON, STAMP, command, furnished, house

from config.settings import Settings
from pressmark.service.assembly import open_pressmark
from pressmark.upkeep.audit import audit
from pressmark.upkeep.purges import purge

SECRET = b"Zanzibarite"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return furnished(tmp_path)


def record_of(home: Path, url: str) -> str:
    with open_pressmark(Settings(home=home)) as service:
        [capture] = service.index.captures(url)
    return capture.record_id.strip("<>").removeprefix("urn:uuid:")


def without_items(home: Path) -> None:
    """Delete the items of runs, which would keep their captures from being purged."""
    for file in (home / "items").rglob("*.jsonl"):
        file.unlink()


def test_a_dry_run_changes_nothing_and_a_purge_leaves_an_archive_without_findings(home: Path) -> None:
    without_items(home)
    record = record_of(home, CLOSED)
    command(home, "purge", record, "--reason", REASON)
    dry = record_of(home, CLOSED)
    command(home, "purge", record, "--reason", REASON, "--really")

    assert dry == record
    with open_pressmark(Settings(home=home)) as service:
        assert list(service.index.captures(CLOSED)) == []
        assert len(list(service.index.captures(OPEN))) == 1
        assert [finding for checked in audit(service) for finding in checked.findings] == []
        [row] = [row.entry for row in service.access.trail.newest(limit=9) if "purge" in row.entry.action]
        assert (row.target, REASON in (row.after or ""), record in (row.before or "")) == (record, True, True)
        assert purge(service, reason=REASON, really=True).captures == []


def test_what_was_taken_down_is_purged_by_admins_and_its_address_still_says_why(home: Path) -> None:
    without_items(home)
    with house(home, {}) as (asked, tokens):

        def sent(role: str, **more: object) -> tuple[int, bytes]:
            body = json.dumps({"takedown": one.id, "reason": REASON, **more}).encode()
            path = "/api/v1/purges"
            return asked.send_body("POST", path, body, "application/json", Authorization=tokens[role])

        one = asked.service.take_downs.add(CLOSED, REASON, by="ada")
        refused = sent("curate")[0]
        dry, done = (json.loads(sent("admin", really=really)[1]) for really in (False, True))
        told = asked.get(f"/snapshot/{STAMP}/{CLOSED}", Authorization=tokens["read"])
        asked.service.take_downs.lift(one.id, by="ada")
        after = asked.get(f"/snapshot/{STAMP}/{CLOSED}", Authorization=tokens["read"])[0]

    assert refused == 403
    assert (dry["purged"], done["purged"]) == (False, True)
    assert [each["url"] for each in dry["captures"]] == [each["url"] for each in done["captures"]]
    assert {each["url"] for each in done["captures"]} == {CLOSED, f"urn:view:{CLOSED}"}  # its picture goes with it
    assert (told[0], after) == (451, 404)


def test_captures_older_than_the_retention_of_their_collection_are_purged(home: Path) -> None:
    without_items(home)
    kept = Settings(home=home, retention={"open": timedelta(days=36500), "closed": timedelta(days=1)})
    with open_pressmark(kept) as service:
        dry = purge(service, reason=REASON, retention=True)
        purge(service, reason=REASON, retention=True, really=True)
        left = {url: len(list(service.index.captures(url))) for url in (OPEN, CLOSED)}

    assert {each.collection for each in dry.captures} == {"closed"}
    assert left == {OPEN: 1, CLOSED: 0}


def test_a_retention_of_less_than_a_day_is_refused(home: Path) -> None:
    with pytest.raises(ValueError, match="shorter than a day"):
        Settings(home=home, retention={"open": timedelta(minutes=1)})
