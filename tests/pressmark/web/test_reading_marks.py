"""What a reader has read, starred and put aside for later, on the page of new and changed pages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from lxml import html
from services.retrieving import Retrieving, served
from specimens.versions import Version, keep

from config.settings import Settings
from pressmark.service.access.roles import Role
from pressmark.service.assembly import open_pressmark

FORM = "application/x-www-form-urlencoded"
PAGES = [Version(f"The harbour was quiet on day {n}.", f"https://example.org/{n}", n, f"Day {n}") for n in range(3)]


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Retrieving]:
    (tmp_path / "warcs").mkdir()
    with open_pressmark(Settings(home=tmp_path / "home")) as service:
        keep(service, tmp_path / "warcs", *PAGES, Version("Other.", "https://b.example/", 9, "Other", source="other"))
        with served(service) as url:
            yield Retrieving(url, service, [])


def shown(archive: Retrieving, query: str = "", **headers: str) -> dict[str, list[str]]:
    """Return the marks that are set on each page of the list."""
    _, _, page = archive.get(f"/new?{query}", **headers)
    pieces = html.fromstring(page).xpath("//article")
    return {piece.xpath("string(h2)"): piece.xpath(".//button[@aria-pressed='true']/@data-mark") for piece in pieces}


def press(archive: Retrieving, title: str, mark: str, **headers: str) -> int:
    """Press a button of a page in the list, as a browser without scripts does."""
    _, _, page = archive.get("/new", **headers)
    [form] = html.fromstring(page).xpath(f"//article[h2[contains(., '{title}')]]//form")
    fields = {name: value or "" for name, value in form.form_values()}
    return archive.send_body("POST", "/new/marks", urlencode(fields | {"mark": mark}).encode(), FORM, **headers)[0]


def test_marks_are_set_and_cleared_and_choose_what_is_shown(archive: Retrieving) -> None:
    pressed = [press(archive, "Day 1", mark) for mark in ("read", "star")] + [press(archive, "Day 2", "later")]
    marked = shown(archive)
    chosen = {show: list(shown(archive, f"show={show}")) for show in ("unread", "star", "later")}
    press(archive, "Day 1", "no-read")

    assert pressed == [303, 303, 303]
    assert marked == {"Other": [], "Day 2": ["later"], "Day 1": ["read", "star"], "Day 0": []}
    assert chosen == {"unread": ["Other", "Day 2", "Day 0"], "star": ["Day 1"], "later": ["Day 2"]}
    assert "Day 1" in shown(archive, "show=unread")


def test_a_whole_list_is_marked_as_read_and_a_source_and_a_collection_are_chosen(archive: Retrieving) -> None:
    of_source = list(shown(archive, "source=other"))
    of_collection = list(shown(archive, "collection=default")), list(shown(archive, "collection=none"))
    _, _, page = archive.get("/new?source=example")
    form = html.fromstring(page).xpath("//form[button[@value='read']][last()]")[-1]
    fields = {name: value or "" for name, value in form.form_values()} | {"mark": "read"}
    archive.send_body("POST", "/new/marks", urlencode(fields).encode(), FORM)

    assert of_source == ["Other"]
    assert (len(of_collection[0]), of_collection[1]) == (4, [])
    assert list(shown(archive, "show=unread")) == ["Other"]


def test_each_reader_has_marks_of_their_own(archive: Retrieving) -> None:
    access = archive.service.access
    anna, ben = ({"Authorization": f"Bearer {access.add_token(name, Role.READ)[1]}"} for name in ("anna", "ben"))
    press(archive, "Day 0", "star", **anna)

    assert shown(archive, "show=star", **anna) == {"Day 0": ["star"]}
    assert shown(archive, "show=star", **ben) == {}


@pytest.mark.parametrize(
    "fields", [{"records": "x", "mark": "torn"}, {"mark": ""}, {"records": "x " * 31, "mark": "read"}]
)
def test_other_marks_are_refused(archive: Retrieving, fields: dict[str, str]) -> None:
    assert archive.send_body("POST", "/new/marks", urlencode(fields).encode(), FORM)[0] == 422


def test_nothing_unknown_is_marked_and_no_answer_leads_elsewhere(archive: Retrieving) -> None:
    body = urlencode({"records": "<urn:uuid:0>", "mark": "read", "next": "//evil.example/"}).encode()
    status, _ = archive.send_body("POST", "/new/marks", body, FORM)
    with archive.service.database.reading() as connection:
        stored = connection.exec_driver_sql("SELECT count(*) FROM marks WHERE name LIKE 'reading/%'").scalar_one()

    assert (status, stored) == (303, 0)


def test_a_tag_and_a_language_choose_what_is_shown(archive: Retrieving, tmp_path: Path) -> None:
    chinese = Version("港口今天很安静。", "https://c.example/", 12, "港口", facts={"language": "zh"})
    keep(archive.service, tmp_path / "warcs", chinese)
    sources = archive.service.settings.sources
    sources.mkdir(exist_ok=True)
    (sources / "other.yaml").write_text("source: other\nseeds: [https://b.example/]\ntags: [海事]\n")
    archive.service.sources.reload()
    tag = urlencode({"tag": "海事"})

    assert list(shown(archive, tag)) == ["Other"]
    assert shown(archive, "tag=nothing") == {}
    assert list(shown(archive, "language=zh")) == ["港口"]
    assert shown(archive, "language=fr") == {}
    assert "<option selected>海事</option>" in archive.text(f"/new?{tag}")
