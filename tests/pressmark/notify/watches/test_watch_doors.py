"""Watches that are added, changed, removed and restored over the API, the client and the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from services.retrieving import Retrieving, served
from specimens.versions import Version, keep

from archive.database.marks import Marks
from config.settings import Settings
from pressmark.cli import main
from pressmark.client import Pressmark
from pressmark.notify.watches.following import Following
from pressmark.notify.watches.watch_shapes import hit_shapes, watches_of
from pressmark.service.access.roles import Role
from pressmark.service.assembly import open_pressmark
from scheduler.notices.page_watches import PageWatches
from scheduler.notices.watch_subscriptions import Schedule, WatchSubscriptions

SOURCE = "source: example\nseeds: [https://example.org/]\n"
HARBOUR: dict[str, Any] = {"phrases": ["harbour", "海港"], "sources": ["example"], "languages": ["en", "zh"]}


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Retrieving]:
    home = tmp_path / "home"
    (tmp_path / "warcs").mkdir()
    (home / "sources").mkdir(parents=True)
    (home / "sources" / "example.yaml").write_text(SOURCE)
    (home / "pressmark.yaml").write_text(json.dumps({"watches": {"ministry": {"phrases": ["Ministry"]}}}))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PRESSMARK_HOME", str(home))
    with open_pressmark(Settings(home=home, watches={"ministry": {"phrases": ["Ministry"]}})) as service:  # type: ignore[arg-type]
        keep(service, tmp_path / "warcs", Version("The harbour was quiet.", "https://example.org/1", 1, "One"))
        Following(service).follow()
        with served(service) as url:
            yield Retrieving(url, service, [])


def ask(archive: Retrieving, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
    text = b"" if body is None else json.dumps(body).encode()
    status, answer = archive.send_body(method, f"/api/v1/watches{path}", text, "application/json", **headers)
    return status, json.loads(answer) if answer else None


def of(version: str) -> dict[str, str]:
    return {"If-Match": f'"{version}"'}


def trail(archive: Retrieving) -> list[str]:
    rows = (row.entry for row in archive.service.access.trail.newest(limit=20))
    return [one.action.partition(" ")[2] for one in rows if one.target in ("harbour", "/harbour")][::-1]


def test_the_api_adds_replaces_pauses_removes_and_undoes_only_what_its_caller_has_read(archive: Retrieving) -> None:
    added, shape = ask(archive, "PUT", "/harbour", HARBOUR)
    blind, _ = ask(archive, "PUT", "/harbour", HARBOUR)
    any_version = ask(archive, "PUT", "/harbour", HARBOUR, **{"If-Match": "*"})[0]
    changed, now = ask(archive, "PUT", "/harbour", {"phrases": ["port"]}, **of(shape["version"]))
    stale, _ = ask(archive, "PUT", "/harbour", HARBOUR, **of(shape["version"]))
    unknown, _ = ask(archive, "PUT", "/dock", HARBOUR, **of(shape["version"]))
    undone = ask(archive, "POST", "/harbour/undo")[1]
    paused, resumed = (ask(archive, "POST", f"/harbour/{each}")[1]["paused"] for each in ("pause", "resume"))
    removed, gone = ask(archive, "DELETE", "/harbour")[0], ask(archive, "GET", "/harbour")[0]
    back, again = ask(archive, "POST", "/harbour/undo")[1], ask(archive, "POST", "/harbour/undo")[0]

    assert (added, blind, changed, stale, unknown, removed, gone, again) == (201, 428, 200, 412, 412, 204, 404, 409)
    assert any_version == 200
    assert [one["phrases"] for one in (shape, now, undone, back)] == [["harbour", "海港"], ["port"]] + [
        ["harbour", "海港"]
    ] * 2
    assert (paused, resumed, back["languages"], now["sources"]) == (True, False, ["en", "zh"], [])
    actions = ("", "", "", "/undo", "/pause", "/resume", "", "/undo")
    assert trail(archive) == [f"/api/v1/watches/{{name}}{action}" for action in actions]


def test_a_watch_of_the_api_finds_what_is_archived_from_then_on_and_ends_with_its_messages(
    archive: Retrieving, tmp_path: Path
) -> None:
    ask(archive, "PUT", "/harbour", {"phrases": ["harbour"]})
    keep(archive.service, tmp_path / "warcs", Version("The harbour was loud.", "https://example.org/2", 2, "Two"))
    Following(archive.service).follow()
    known = WatchSubscriptions(archive.service.database)
    schedule, now = Schedule("once", 8, 0, "UTC"), archive.service.now()
    known.add("harbour", "apprise", "", schedule, language="en", by="anna", cursor=0, now=now)
    found = [hit.sentence for hit in hit_shapes(archive.service, "harbour")]
    ask(archive, "DELETE", "/harbour")

    assert (found, known.all()) == (["The harbour was loud."], {})


def test_a_watch_that_was_paused_or_removed_finds_nothing_of_meanwhile_though_no_service_looked(
    archive: Retrieving, tmp_path: Path
) -> None:
    ask(archive, "PUT", "/harbour", {"phrases": ["harbour"]})
    for number, (away, back) in enumerate([("/harbour/pause", "/harbour/resume"), ("/harbour", "/harbour/undo")], 2):
        ask(archive, "POST" if away.endswith("pause") else "DELETE", away)
        meanwhile = Version(f"The harbour, meanwhile {number}.", f"https://example.org/{number}", number, "Two")
        keep(archive.service, tmp_path / "warcs", meanwhile)
        ask(archive, "POST", back)
    Following(archive.service).follow()
    keep(archive.service, tmp_path / "warcs", Version("The harbour again.", "https://example.org/9", 9, "Nine"))
    Following(archive.service).follow()

    assert [hit.sentence for hit in hit_shapes(archive.service, "harbour")] == ["The harbour again."]


def test_every_door_says_of_an_unreadable_watch_that_it_is_to_be_removed(archive: Retrieving) -> None:
    Marks(archive.service.database, "watch/").set("later", '{"watch": {"phrases": ["x"], "later": 1}}')
    said = [ask(archive, *call) for call in (("PUT", "/later", HARBOUR), ("POST", "/later/undo"))]
    said.append(ask(archive, "POST", "/later/pause"))
    removed, undone = ask(archive, "DELETE", "/later")[0], ask(archive, "POST", "/later/undo")

    assert [status for status, _ in (*said, undone)] == [422] * 4
    assert all("remove it, then add it again" in json.dumps(answer) for _, answer in (*said, undone))
    assert removed == 204


def test_a_trial_over_the_api_writes_nothing(archive: Retrieving) -> None:
    status, found = ask(archive, "POST", "/trial", {"phrases": ["harbour"]})
    noise = ask(archive, "POST", "/trial", {"phrases": ["harbour"], "without": ["quiet"]})[1]

    assert (status, [one["sentence"] for one in found["items"]]) == (200, ["The harbour was quiet."])
    assert (noise["items"], list(watches_of(archive.service))) == ([], ["ministry"])


@pytest.mark.parametrize(
    ("name", "wrong", "said"),
    [
        ("Harbour", {}, "use lowercase letters"),
        ("ministry", {}, "is in the settings file"),
        ("harbour", {"phrases": []}, "give at least one phrase"),
        ("harbour", {"phrases": ["..."]}, "a phrase needs at least one letter or digit"),
        ("harbour", {"sources": ["nobody"]}, "no source named"),
        ("harbour", {"summary": True}, "the settings name no language model"),
        ("harbour", {"language": ["en"]}, "language"),
    ],
)
def test_a_wrong_watch_is_refused_with_its_reason_and_not_written(
    archive: Retrieving, name: str, wrong: dict[str, Any], said: str
) -> None:
    status, answer = ask(archive, "PUT", f"/{name}", HARBOUR | wrong)

    assert (status, said in json.dumps(answer)) == (422, True), answer
    assert PageWatches(archive.service.database).all() == {}


def test_a_reader_changes_no_watch_over_the_api(archive: Retrieving) -> None:
    ask(archive, "PUT", "/harbour", HARBOUR)
    archive.service.access.add_person("anna", Role.READ, "a password of these tests")
    caller = archive.service.access.people.caller("anna")
    assert caller is not None
    cookie = {"Cookie": f"pressmark_session={archive.service.access.begin_session(caller, '127.0.0.1')}"}
    calls = ("PUT", "/harbour"), ("DELETE", "/harbour"), ("POST", "/trial"), ("POST", "/harbour/undo")

    assert [ask(archive, *call, HARBOUR, **cookie)[0] for call in calls] == [403] * 4
    assert ask(archive, "GET", "/harbour", **cookie)[0] == 200


def test_the_client_writes_reads_removes_and_restores_a_watch(archive: Retrieving, tmp_path: Path) -> None:
    with Pressmark(archive.url) as client:
        made = client.write_watch("harbour", ["harbour"], sources=["example"])
        keep(archive.service, tmp_path / "warcs", Version("The harbour is loud.", "https://example.org/2", 2, "Two"))
        Following(archive.service).follow()
        changed = client.write_watch("harbour", ["port"], version=made.version, paused=True)
        hits = [hit.sentence for hit in client.watch_hits("harbour")]
        client.remove_watch("harbour")
        gone = [one.name for one in client.watches()]
        back = client.undo_watch("harbour")

    assert (made.sources, changed.phrases, changed.paused, changed.sources) == (["example"], ["port"], True, [])
    assert (hits, gone, back.phrases) == (["The harbour is loud."], ["ministry"], ["port"])


def command(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as ended:
        main(["watches", *words])
    written = capsys.readouterr()
    return int(ended.value.code or 0), written.out + written.err


def test_the_command_line_adds_changes_pauses_removes_and_undoes(
    archive: Retrieving, capsys: pytest.CaptureFixture[str]
) -> None:
    tried = command(capsys, "add", "harbour", "--phrase", "harbour", "--dry-run")
    none = list(watches_of(archive.service))
    added = command(capsys, "add", "harbour", "--phrase", "harbour", "--source", "example", "--language", "en")
    twice = command(capsys, "add", "harbour", "--phrase", "harbour")
    untried = command(capsys, "add", "harbour", "--phrase", "harbour", "--dry-run")
    same = command(capsys, "change", "harbour")
    changed = command(capsys, "change", "harbour", "--without", "vacancy", "--source", "", "--json")
    paused = [command(capsys, each, "harbour", "--json")[1] for each in ("pause", "resume")]
    removed, gone = command(capsys, "remove", "harbour"), list(watches_of(archive.service))
    back = command(capsys, "undo", "harbour")
    of_file = command(capsys, "remove", "ministry")

    assert (tried[0], "The harbour was quiet." in tried[1], none) == (0, True, ["ministry"])
    assert (added[0], twice[0], "already exists" in twice[1]) == (0, 4, True)
    assert (untried[0], "already exists" in untried[1]) == (4, True)
    assert (same[0], "nothing changed" in same[1]) == (0, True)
    shape = json.loads(changed[1])
    assert [shape[each] for each in ("phrases", "without", "sources", "languages")] == [
        *(["harbour"], ["vacancy"]),
        *([], ["en"]),
    ]
    assert [json.loads(each)["paused"] for each in paused] == [True, False]
    assert (removed[0], "pressmark watches undo harbour" in removed[1], gone) == (0, True, ["ministry"])
    assert (back[0], list(watches_of(archive.service))) == (0, ["ministry", "harbour"])
    assert (of_file[0], "the watch ministry is in the settings file" in of_file[1]) == (4, True)
    assert trail(archive)[:2] == ["watches add", "watches change"]


def test_a_test_message_that_no_server_accepts_says_so(archive: Retrieving, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = command(capsys, "test", "nobody")

    assert (code, "there are no messages with this id" in said) == (5, True)
