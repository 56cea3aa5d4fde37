"""What an action on several sources changed is undone from the page with its results, as a browser without scripts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from lxml import html
from services.retrieving import Retrieving
from services.source_forms import FORM, archive_with

from pressmark.service.access.roles import Role

HARBOUR = "# The harbour news.\nsource: harbour\nseeds: [http://news.example/]\ntags: [ships, 海事]\n"
TIDES = (
    "sources:\n- source: tides\n  seeds: [http://tides.example/]  # of the port\n  timetable: {every: 6h}\n"
    "- source: moon\n  seeds: [http://moon.example/]\n  timetable: {cron: 30 2 * * *, timezone: Asia/Shanghai}\n"
)
SECRET = "source: members\nseeds: [http://members.example/]\ncookies: {session: abcdef}\n"
NAMES = ("harbour", "tides", "moon")


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Retrieving]:
    with archive_with(tmp_path, harbour=HARBOUR, tides=TIDES, members=SECRET) as made:
        yield made


def send(archive: Retrieving, action: str, *fields: tuple[str, str], **headers: str) -> tuple[int, str]:
    body = urlencode(fields).encode()
    status, answer = archive.send_body("POST", f"/sources/{action}", body, FORM, Accept="text/html", **headers)
    return status, answer.decode()


def named(*names: str) -> list[tuple[str, str]]:
    return [("source", name) for name in names]


def undone(archive: Retrieving, page: str, **headers: str) -> tuple[int, str]:
    """Press the button that undoes what a page shows."""
    [form] = [form for form in html.fromstring(page).forms if "back" in form.fields]
    return send(archive, form.action.removeprefix("/sources/"), *form.form_values(), **headers)


def results(page: str) -> dict[str, str]:
    rows = html.fromstring(page).xpath("//tbody/tr")
    return {row[0].text_content(): " ".join(row[1].text_content().split()) for row in rows}


def files(archive: Retrieving) -> dict[str, str]:
    return {file.name: file.read_text() for file in archive.service.settings.sources.glob("*.yaml")}


@pytest.mark.parametrize(
    ("action", "fields"),
    [
        ("collection", [("collection", "coast")]),
        ("tags", [("tags", "-ships, port")]),
        ("timetable", [("rhythm", "at"), ("when", "06:30, 18:30")]),
        ("timetable", [("rhythm", ""), ("when", "")]),
    ],
)
def test_a_changed_setting_is_changed_back_and_comments_stay(
    archive: Retrieving, action: str, fields: list[tuple[str, str]]
) -> None:
    before = {name: archive.service.sources.get(name) for name in NAMES}
    status, page = send(archive, action, *named(*NAMES), *fields)
    between = {name: archive.service.sources.get(name) for name in NAMES}
    again = undone(archive, page)
    after = {name: archive.service.sources.get(name) for name in NAMES}

    assert (status, again[0], after) == (200, 200, before)
    assert any(between[name] != before[name] for name in NAMES)
    assert "Undone for" in again[1] and set(results(again[1]).values()) == {"done"}
    assert "# The harbour news." in files(archive)["harbour.yaml"] and "# of the port" in files(archive)["tides.yaml"]


def test_a_timetable_keeps_the_time_zone_of_its_source(archive: Retrieving) -> None:
    send(archive, "timetable", *named("moon", "tides"), ("rhythm", "cron"), ("when", "0 5 * * *"))

    moon, tides = (archive.service.sources.get(name).timetable for name in ("moon", "tides"))
    assert moon and (moon.cron, moon.timezone) == ("0 5 * * *", "Asia/Shanghai")
    assert tides and (tides.cron, tides.timezone) == ("0 5 * * *", None)


@pytest.mark.parametrize(("rhythm", "when"), [("cron", "often"), ("every", ""), ("moon", "6h")])
def test_an_invalid_timetable_changes_nothing(archive: Retrieving, rhythm: str, when: str) -> None:
    before = files(archive)
    status, _ = send(archive, "timetable", *named(*NAMES), ("rhythm", rhythm), ("when", when))

    assert (status, files(archive)) == (422, before)


def test_what_was_changed_since_is_left_as_it_is_and_named(archive: Retrieving) -> None:
    _, page = send(archive, "collection", *named("harbour", "tides"), ("collection", "coast"))
    send(archive, "collection", *named("harbour"), ("collection", "river"))
    status, told = undone(archive, page)

    assert status == 200
    assert results(told)["harbour"].startswith("failed the source was changed since, so this is not undone")
    assert archive.service.sources.get("harbour").keep.collection == "river"
    assert archive.service.sources.get("tides").keep.collection == "default"


def test_only_what_an_action_paused_is_resumed(archive: Retrieving) -> None:
    archive.service.pauses.pause("tides", "the site asks for it")
    _, page = send(archive, "pause", *named("harbour", "tides"))
    undone(archive, page)
    left = archive.service.pauses.all()
    _, page = send(archive, "resume", *named("tides"))
    resumed = archive.service.pauses.all()
    undone(archive, page)
    again = archive.service.pauses.all()

    assert set(left) == {"tides"} and not resumed
    assert again["tides"].reason == "the site asks for it"


def test_requested_runs_are_cancelled(archive: Retrieving) -> None:
    waiting = archive.service.request("tides").id
    _, page = send(archive, "run", *named("harbour", "tides"))
    status, _ = undone(archive, page)

    assert (status, "Cancel these runs" in page) == (200, True)
    assert [run.id for run in archive.service.runs.unfinished()] == [waiting], "it was requested before"


def test_removing_is_asked_first_and_undone_with_the_pause(archive: Retrieving) -> None:
    before = {name: archive.service.sources.get(name) for name in NAMES}
    archive.service.pauses.pause("harbour", "for a while")
    _, question = send(archive, "remove", *named(*NAMES))
    asked = set(archive.service.sources.names)
    [form] = [form for form in html.fromstring(question).forms if "sure" in form.fields]
    status, page = send(archive, "remove", *form.form_values())
    gone = set(archive.service.sources.names)
    again, told = undone(archive, page)

    assert (asked, gone) == ({*NAMES, "members"}, {"members"})
    assert (status, again, set(results(told).values())) == (200, 200, {"done"})
    assert {name: archive.service.sources.get(name) for name in NAMES} == before
    assert "# The harbour news." in files(archive)["harbour.yaml"]
    assert archive.service.pauses.all()["harbour"].reason == "for a while"


def test_a_source_that_was_added_meanwhile_is_not_replaced(archive: Retrieving) -> None:
    _, page = send(archive, "remove", *named("harbour"), ("sure", "yes"))
    other = HARBOUR.replace("ships", "boats")
    (archive.service.settings.sources / "harbour.yaml").write_text(other)
    status, told = undone(archive, page)

    assert (status, results(told)["harbour"][:6]) == (422, "failed")
    assert files(archive)["harbour.yaml"] == other


def test_the_text_of_a_source_with_secrets_goes_to_admins_alone(archive: Retrieving) -> None:
    curate, admin = (
        {"Authorization": f"Bearer {archive.service.access.add_token(role.value, role)[1]}"}
        for role in (Role.CURATE, Role.ADMIN)
    )
    _, page = send(archive, "remove", *named("members"), ("sure", "yes"), **curate)
    (archive.service.settings.sources / "members.yaml").write_text(SECRET)
    archive.service.sources.reload()
    _, of_admin = send(archive, "remove", *named("members"), ("sure", "yes"), **admin)

    assert "abcdef" not in page and "can&#39;t undo it" in page
    assert "abcdef" in of_admin
    assert undone(archive, of_admin, **admin)[0] == 200


@pytest.mark.parametrize(
    "back",
    [
        "",
        "[]",
        "{",
        json.dumps({"source": "harbour", "key": "cookies", "now": {}, "before": {"a": "b"}}),
        json.dumps({"source": 7, "key": "tags", "now": [], "before": []}),
        json.dumps({"source": "harbour", "key": "run", "now": "1", "before": None}),
        json.dumps({"source": "harbour", "key": "tags", "now": []}),
        "[" * 100_000,
        '{"source": "\\ud800", "key": "tags", "now": [], "before": []}',
    ],
)
def test_a_form_that_no_page_has_changes_nothing(archive: Retrieving, back: str) -> None:
    before = files(archive)

    assert send(archive, "undo", ("back", back))[0] == 422
    assert send(archive, "undo")[0] == 422
    assert files(archive) == before


@pytest.mark.parametrize("before", [None, {}, {"text": "source: other\nseeds: ['http://a.example/']"}, {"text": "{"}])
def test_a_text_of_another_source_is_not_added(archive: Retrieving, before: object) -> None:
    back = json.dumps({"source": "new", "key": "removed", "now": True, "before": before})
    status, _ = send(archive, "undo", ("back", back))

    assert status == 422
    assert set(archive.service.sources.names) == {*NAMES, "members"}


def test_a_role_that_may_only_start_runs_undoes_nothing_else(archive: Retrieving) -> None:
    token = {"Authorization": f"Bearer {archive.service.access.add_token('t', Role.TRIGGER)[1]}"}
    back = json.dumps({"source": "harbour", "key": "tags", "now": ["ships", "海事"], "before": []})

    assert send(archive, "undo", ("back", back), **token)[0] == 403
    assert send(archive, "cancel", ("back", back), **token)[0] == 422
    _, page = send(archive, "run", *named("harbour"), **token)
    assert undone(archive, page, **token)[0] == 200
