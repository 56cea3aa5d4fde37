"""Each state that needs a person is really produced, and the doctor, /readyz and the pages report the same."""

from __future__ import annotations

import html
import json
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from conftest import figure
from services.broken_homes import (
    House,
    clock_behind,
    damaged_database,
    damaged_items,
    damaged_objects,
    database_read_only,
    denied,
    failing_model,
    failing_watch,
    first_warc,
    full,
    full_home,
    healing,
    held_purge,
    immutable,
    inhabited,
    lagging_replica,
    ledger_unread,
    lost,
    messages_without_server,
    no_change,
    opened,
    out_of_reach,
    overdue_audit,
    paused,
    read_only,
    refused,
    replica_unmounted,
    silent,
    spent_budget,
    spiders_without_landlock,
    spool_filling,
    stopped_disk,
    store_missing,
    store_unmounted,
    unfinished_purge,
    unusable_database,
    without_browser,
    without_inodes,
    without_media_tool,
    wrong_copy,
)
from services.disks import no_descriptors
from services.retrieving import Retrieving, served
from services.role_homes import (
    with_failing_jobs,
    with_jobs_and_no_reader,
    with_unread_texts,
    without_clock,
    without_news,
    without_read,
    without_work,
)
from sqlalchemy import text

from config.groups.rooms import Room
from config.settings import Settings
from pressmark.cli import main
from pressmark.notify.webhooks.signing import new_secret
from pressmark.service.access.roles import Role
from pressmark.service.assembly import open_pressmark
from pressmark.service.exits import Exit
from pressmark.service.health import Health
from pressmark.service.states import KINDS
from pressmark.upkeep.audit import audit
from pressmark.upkeep.conditions import conditions


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path / "home")
    with made.mounts:
        yield made


STATES: list[tuple[str, Callable[[House], None]]] = [
    ("disk-full", full("spool")),
    ("disk-full", full("store")),
    ("disk-full", full("frontiers")),
    ("disk-full", full("logs")),
    ("disk-full", full_home),
    ("disk-without-inodes", without_inodes),
    *(("disk-read-only", read_only(place)) for place in ["logs", "store", "frontiers", "spool"][: figure(2, 4, 4)]),
    *(("directory-denied", denied(place)) for place in ["frontiers", "store", "logs", "spool/main"][: figure(1, 4, 4)]),
    ("disk-refuses", stopped_disk),
    ("database-read-only", database_read_only),
    ("clock-behind", clock_behind),
    ("spool-filling", spool_filling),
    ("crawling-paused", paused),
    ("captures-lost", lost),
    ("captures-out-of-reach", out_of_reach),
    ("items-damaged", damaged_items),
    ("index-incomplete", healing),
    ("decisions-unread", ledger_unread),
    ("purge-unfinished", unfinished_purge),
    ("purge-held-by-month", held_purge),
    ("store-silent", silent),
    ("store-missing", store_missing),
    ("store-missing", store_unmounted),
    ("store-refuses", refused),
    ("objects-damaged", damaged_objects),
    ("copies-wrong", wrong_copy),
    ("audit-overdue", overdue_audit),
    ("replica-behind", lagging_replica),
    ("replica-missing", replica_unmounted),
    ("spiders-not-confined", spiders_without_landlock),
    ("browser-missing", without_browser),
    ("media-tool-missing", without_media_tool),
    ("watch-failing", failing_watch),
    ("watch-messages-failing", messages_without_server),
    ("assistant-missing", no_change),
    ("assistant-failing", failing_model),
    ("assistant-spent", spent_budget),
    ("rooms-without-collection", no_change),
    ("rooms-without-person", no_change),
    ("webhook-without-room", no_change),
    ("webhook-without-watch", no_change),
    ("services-without-clock", without_clock),
    ("sources-silent", without_news),
    ("services-without-work", without_work),
    ("services-without-read", without_read),
    ("texts-unread", with_unread_texts),
    ("jobs-without-read", with_jobs_and_no_reader),
    ("jobs-failing", with_failing_jobs),
    ("database-damaged", damaged_database),
    ("database-unusable", unusable_database),
]


OF_PROCESSES = {"too-many-files", "sources-unreadable", "answering-incomplete"}
"""Produced in test_states_of_processes.py."""

OF_MACHINES = {"captures-elsewhere", "runs-without-source"}
"""Produced in test_states_of_machines.py."""

OF_LOGINS = {"login-provider-unusable"}
"""Produced in openid/test_provider_states.py."""

OF_FILES_BACK = {"file-back-unpurged", "file-back-hidden", "file-back-unusable"}
"""Produced in access/test_files_back.py and, the last one, in cli/care/test_spool_give_up.py."""

ROOMS = {
    "rooms-without-collection": {"parlament": {}},
    "rooms-without-person": {"default": {"people": ["berta"]}},
}
"""The setting that each of these states is about: the home has neither."""

FOLLOWS: dict[str, set[str | None]] = {
    "disk-full": {None},
    "disk-read-only": {None},
    "objects-damaged": {"captures-out-of-reach", None},
    "store-missing": {None},
    "store-refuses": {None},
    "store-silent": {None},
}
"""Other errors at that time: captures of a damaged object, and segments in the index that the store lacks."""


@pytest.mark.parametrize(("state", "produce"), STATES)
def test_every_door_reports_the_same_state(
    house: House,
    state: str,
    produce: Callable[[House], None],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("PRESSMARK_SPOOL__BUDGET", "16MiB")
    if produce in (lagging_replica, replica_unmounted):
        monkeypatch.setenv("PRESSMARK_REPLICAS", json.dumps({"second": str(house.home / "second")}))
    if produce is without_browser:
        monkeypatch.setenv("PRESSMARK_BROWSER__EXECUTABLE", "no-such-browser")
    if produce is without_media_tool:
        monkeypatch.setitem(sys.modules, "yt_dlp", None)  # as where it is not installed
    if produce is failing_watch:
        monkeypatch.setenv("PRESSMARK_WATCHES", json.dumps({"ministry": {"phrases": ["Ministry of Science"]}}))
    if state.startswith("assistant"):
        monkeypatch.setenv("PRESSMARK_WATCHES", json.dumps({"ministry": {"phrases": ["Ministry"], "summary": True}}))
    if produce in (failing_model, spent_budget):
        monkeypatch.setenv("PRESSMARK_ASSISTANT__URL", "http://127.0.0.1:9/v1")
        monkeypatch.setenv("PRESSMARK_ASSISTANT__MODEL", "small")
    if state in {"webhook-without-room", "webhook-without-watch"}:
        named = {"rooms" if state == "webhook-without-room" else "watches": ["parlament"]}
        team = {"url": "http://127.0.0.1:9/", "secret": new_secret(), **named}
        monkeypatch.setenv("PRESSMARK_WEBHOOKS", json.dumps({"team": team}))
    if state in ROOMS:
        monkeypatch.setenv("PRESSMARK_ROOMS", json.dumps(ROOMS[state]))
    if produce is full_home:
        house.mount(house.home, "size=32m,mode=0700")
    inhabited(house)
    with serving(house) as pages:
        produce(house)
        code, items = doctor(house, capsys)
        ready, problems, front = answers(pages)

    [told] = {item["sentence"] for item in items if item["state"] == state}
    kind = KINDS[state]
    assert code == kind.code
    assert {item["state"] for item in items if item["code"]} - FOLLOWS.get(state, set()) == {state}
    assert ready == (503 if kind.blocks else 200)
    assert problems == ({kind.part: told} if kind.blocks else {})
    assert told in html.unescape(front)
    assert "All parts of Pressmark are working" not in front


def test_a_service_that_can_not_read_what_was_taken_down_shows_no_page_and_says_why(house: House) -> None:
    inhabited(house)
    with serving(house) as pages:
        with opened(house) as service, service.database.writing() as connection:
            connection.execute(text("ALTER TABLE marks RENAME COLUMN value TO said"))
        shown, _, _ = pages.get("/snapshot/latest/http://example.org/")
        ready, _, body = pages.get("/readyz")

    assert (shown, ready) == (503, 503)
    assert json.loads(body)["problems"]


def test_a_directory_of_sources_that_refuses_files_is_named_to_who_writes_there(house: House) -> None:
    sources = house.home / "sources"
    sources.mkdir(parents=True)
    text = "source: gazette\nseeds: [http://example.org/]\n"
    (sources / "gazette.yaml").write_text(text)
    with serving(house) as pages:
        immutable(house, sources)
        status, _, body = pages.ask("DELETE", "/api/v1/sources/gazette")

    told = json.loads(body)["detail"]
    assert status == 500
    assert str(sources) in told and "Operation not permitted" in told
    assert (sources / "gazette.yaml").read_text() == text


def test_rooms_of_what_exists_are_no_state(house: House) -> None:
    inhabited(house)
    (house.home / "sources").mkdir()
    (house.home / "sources" / "gazette.yaml").write_text(
        "source: gazette\nkeep: {collection: parliament}\nseeds: [http://example.org/]\n"
    )
    rooms = {"default": Room(people=("anna",)), "parliament": Room()}
    webhooks = {"team": {"url": "http://127.0.0.1:9/", "secret": new_secret(), "rooms": ["parliament"]}}
    with open_pressmark(Settings(home=house.home, rooms=rooms, webhooks=webhooks)) as service:  # type: ignore[arg-type]
        before = [one.sentence for one in conditions(service)]
        service.access.people.add("anna", Role.READ, "a password of this test")
        after = list(conditions(service))

    assert len(before) == 1 and "people who do not exist: anna;" in before[0]
    assert after == []


def test_a_process_that_may_open_no_more_files_is_reported_as_such(house: House) -> None:
    inhabited(house)
    with opened(house) as service:
        well = list(conditions(service))
        with no_descriptors():
            told = list(conditions(service))

    assert well == []
    assert [condition.state for condition in told] == ["too-many-files"]
    assert "limit of open files: Too many open files; raise this limit" in told[0].sentence


def test_no_door_reports_a_healthy_service(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    inhabited(house)
    quarantine = house.home / "spool" / "main" / "quarantine"
    quarantine.mkdir(parents=True)
    (quarantine / "x-17.tail").write_bytes(b"bytes after the last whole record, which nobody acknowledged")
    code, items = doctor(house, capsys)

    assert (code, [item for item in items if item["code"]]) == (0, [])
    with serving(house) as pages:
        ready, problems, front = answers(pages)
    assert (ready, problems) == (200, {})
    assert "note error" not in front


def test_all_states_are_produced_here() -> None:
    assert {state for state, _ in STATES} | OF_PROCESSES | OF_MACHINES | OF_LOGINS | OF_FILES_BACK == set(KINDS)


def test_a_repaired_damage_is_no_longer_reported(house: House) -> None:
    inhabited(house)
    warc = first_warc(house)
    damaged_objects(house)
    with opened(house) as service:
        assert {one.state for one in conditions(service)} == {"objects-damaged", "captures-out-of-reach"}
        (house.home / "copy").rename(warc)
        list(audit(service))
        assert list(conditions(service)) == []


def test_doctor_reports_a_damaged_database_once(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    inhabited(house)
    file = house.home / "pressmark.db"
    with closing(sqlite3.connect(file)) as connection:
        [root] = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'owed'").fetchone()
    with file.open("r+b") as opened_file:  # no part that opens the database reads it
        opened_file.seek((root - 1) * 4096)
        opened_file.write(b"\x07" * 4096)
    code, items = doctor(house, capsys)
    wrong = [item["state"] for item in items if item["part"] == "database" and item["code"]]

    assert code == Exit.DATABASE
    assert wrong == ["database-damaged"]


def doctor(house: House, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[dict[str, object]]]:
    capsys.readouterr()
    try:
        main(["--home", str(house.home), "doctor", "--json"])
    except SystemExit as ended:
        code = int(ended.code or 0)
    return code, json.loads(capsys.readouterr().out)["items"]


@contextmanager
def serving(house: House) -> Iterator[Retrieving]:
    with opened(house) as service, served(service) as url:
        yield Retrieving(url, service, [])


def answers(pages: Retrieving) -> tuple[int, dict[str, str], str]:
    """Return the status and problems of /readyz, and the front page."""
    status, _, body = pages.get("/readyz")
    return status, json.loads(body)["problems"], pages.text("/")


def test_a_caller_without_a_token_gets_the_names_of_states_and_no_paths_or_keys(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = "a token of these tests, and no other"
    monkeypatch.setenv("PRESSMARK_TOKEN", token)
    inhabited(house)
    damaged_objects(house)
    with serving(house) as pages:
        strangers = {"none": {}, "wrong": {"Authorization": f"Bearer {token}x"}, "page": {"Host": "rebound.example"}}
        told = {who: pages.get("/readyz", **headers) for who, headers in strangers.items()}
        _, _, known = pages.get("/readyz", Authorization=f"Bearer {token}")

    for status, _, body in told.values():
        assert status == 503
        assert json.loads(body)["problems"] == {"store": "objects-damaged"}
        assert json.loads(body)["notices"] == {"captures": "captures-out-of-reach"}
    assert "warc/v1/" in json.loads(known)["problems"]["store"]


def test_a_part_without_a_state_is_named_without_its_reason() -> None:
    health = Health({"clock": lambda: None, "worker": lambda: "/srv/a/pressmark.db is gone"})

    assert Health.problems(health.found(), named=True) == {"worker": "worker-not-working"}
    assert Health.problems(health.found()) == {"worker": "/srv/a/pressmark.db is gone"}
