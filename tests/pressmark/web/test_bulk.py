"""Actions on several sources at once, and their tags, as a browser without scripts sends them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from sqlite3 import connect
from urllib.parse import urlencode

import pytest
from lxml import html
from services.retrieving import Retrieving
from services.source_forms import FORM, archive_with, fields_of
from sqlalchemy import text

from archive.database import sqlite
from pressmark.service.service import Service
from pressmark.web.many.results import Acted, all_done

HARBOUR = (
    "# The harbour news.\nsource: harbour\nseeds: [http://news.example/]\ntags: [ships, 海事]\nnote: Ask Anna first.\n"
)
TIDES = "source: tides\nseeds: [http://tides.example/]\nkeep: {requisites: true}  # with pictures\ntags: ships\n"
SECRET = "source: members\nseeds: [http://members.example/]\ncookies: {session: abcdef}\n"


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Retrieving]:
    with archive_with(tmp_path, harbour=HARBOUR, tides=TIDES, members=SECRET) as made:
        yield made


def send(archive: Retrieving, action: str, *names: str, **fields: str) -> tuple[int, str]:
    body = urlencode([*(("source", name) for name in names), *fields.items()]).encode()
    status, answer = archive.send_body("POST", f"/sources/{action}", body, FORM, Accept="text/html")
    return status, answer.decode()


def results(page: str) -> dict[str, str]:
    rows = html.fromstring(page).xpath("//tbody/tr")
    return {row[0].text_content(): " ".join(row[1].text_content().split()) for row in rows}


def shown(page: str) -> list[str]:
    return [box.get("value") for box in html.fromstring(page).xpath("//tbody//input[@name='source']")]


def test_selected_sources_are_run_paused_and_resumed_and_the_others_are_left_alone(archive: Retrieving) -> None:
    ran = send(archive, "run", "harbour", "tides")
    paused = send(archive, "pause", "harbour", "tides")
    while_paused = set(archive.service.pauses.all())
    resumed = send(archive, "resume", "harbour")

    assert [status for status, _ in (ran, paused, resumed)] == [200, 200, 200]
    assert {run.source for run in archive.service.runs.unfinished()} == {"harbour", "tides"}
    assert set(results(ran[1])) == {"harbour", "tides"} and "the run" in ran[1]
    assert while_paused == {"harbour", "tides"}
    assert set(archive.service.pauses.all()) == {"tides"}


def test_a_collection_is_written_into_the_files_and_comments_stay(archive: Retrieving) -> None:
    status, page = send(archive, "collection", "harbour", "tides", collection="coast")
    files = archive.service.settings.sources

    assert (status, results(page)) == (200, {"harbour": "done", "tides": "done"})
    assert archive.service.sources.get("harbour").keep.collection == "coast"
    assert "# The harbour news." in (files / "harbour.yaml").read_text()
    assert "collection: coast" in (files / "tides.yaml").read_text()
    assert "# with pictures" in (files / "tides.yaml").read_text()


def test_each_refused_source_is_named_with_the_reason_and_the_others_are_changed(archive: Retrieving) -> None:
    _, page = send(archive, "tags", "harbour", "nobody", tags="-ships, 港口")
    told = results(page)
    none, nobody = send(archive, "pause", "nobody")

    assert told["harbour"] == "done" and told["nobody"].startswith("failed no source named 'nobody'")
    assert archive.service.sources.get("harbour").tags == ("海事", "港口")
    assert (none, results(nobody)["nobody"][:6]) == (422, "failed")


def test_a_failure_in_the_middle_is_the_result_of_its_source_alone(archive: Retrieving) -> None:
    """The database refuses the row of one source."""
    refuse = (
        "CREATE TRIGGER refuse BEFORE INSERT ON pauses WHEN NEW.source = 'members' BEGIN SELECT RAISE(ABORT, 'x'); END"
    )
    with archive.service.database.writing() as connection:
        connection.execute(text(refuse))
    status, page = send(archive, "pause", "harbour", "members", "tides")
    told = results(page)

    assert (status, told["harbour"], told["tides"]) == (200, "done", "done")
    assert told["members"].startswith("failed an internal error happened")
    assert set(archive.service.pauses.all()) == {"harbour", "tides"}


def test_a_busy_database_is_waited_for_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "_BUSY_SECONDS", 0)
    tried = []

    def pause(service: Service, name: str) -> Acted:
        tried.append(name)
        service.pauses.pause(name)
        return Acted()

    with (
        archive_with(tmp_path, harbour=HARBOUR, tides=TIDES) as archive,
        closing(connect(tmp_path / "pressmark.db", isolation_level=None)) as other,
    ):
        other.execute("BEGIN IMMEDIATE")
        done = all_done(archive.service, ["harbour", "tides", "members"], pause, "/sources/pause")

    assert tried == ["harbour"]
    assert [one.name for one in done] == ["harbour", "tides", "members"]
    assert len({one.why for one in done}) == 1 and "can't be used" in (done[0].why or "")


@pytest.mark.parametrize(
    ("action", "fields", "told"),
    [
        ("collection", {"collection": "Not Valid"}, "invalid name"),
        ("collection", {"collection": "search"}, "the service uses that path itself"),
        ("tags", {"tags": "a/b"}, "invalid tag"),
        ("collection", {}, "give the name of a collection"),
        ("tags", {"tags": " , "}, "give at least one tag"),
    ],
)
def test_an_invalid_value_changes_nothing(archive: Retrieving, action: str, fields: dict[str, str], told: str) -> None:
    status, page = send(archive, action, "tides", **fields)

    assert (status, told in page) == (422, True)
    assert (archive.service.settings.sources / "tides.yaml").read_text() == TIDES


def test_too_many_selected_is_said(archive: Retrieving) -> None:
    status, page = send(archive, "run", *(f"s{number}" for number in range(201)))

    assert (status, "select at most 200 sources" in page) == (422, True)


def test_nothing_selected_is_said(archive: Retrieving) -> None:
    status, page = send(archive, "run")

    assert (status, "select at least one source" in page) == (422, True)


def test_the_list_is_filtered_by_tag_and_shows_the_tags(archive: Retrieving) -> None:
    both = archive.text("/sources?tag=ships")
    one = archive.text("/sources?tag=%E6%B5%B7%E4%BA%8B")
    none = archive.text("/sources?tag=nothing")

    assert shown(archive.text("/sources")) == ["harbour", "members", "tides"]
    assert (shown(both), shown(one), shown(none)) == (["harbour", "tides"], ["harbour"], [])
    assert "No source has the tag nothing." in none
    assert "ships, 海事" in both


def test_tags_and_the_note_are_on_the_page_of_a_source_and_change_there(archive: Retrieving) -> None:
    page = archive.text("/sources/harbour")
    fields = fields_of(archive.text("/sources/harbour/edit"))
    wanted = fields | {"tags": "ships， port", "note": "Ask Bo.\r\nOr nobody."}
    body = urlencode(wanted).encode()
    written = fields_of(archive.send_body("POST", "/sources/harbour/fields", body, FORM)[1].decode())

    assert "Ask Anna first." in page and "/sources?tag=ships" in page
    assert (fields["tags"], fields["note"]) == ("ships, 海事", "Ask Anna first.")
    assert "tags: [ships, port]" in written["text"] and "Bo" in written["text"]
    assert "# The harbour news.\n" in written["text"]


def test_a_changed_tag_does_not_change_the_hash_of_the_configuration(archive: Retrieving) -> None:
    before = archive.service.sources.get("tides").config_hash
    send(archive, "tags", "tides", tags="late")

    assert archive.service.sources.get("tides").tags == ("ships", "late")
    assert archive.service.sources.get("tides").config_hash == before
