"""The text of the file of a source by the API: it is replaced only by who has read it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from services.postgresql import EMPTY, PostgresServer
from services.retrieving import Retrieving, served
from services.source_forms import archive_with

from config.settings import load_settings
from pressmark.service.access.roles import Role
from pressmark.service.assembly import open_pressmark
from pressmark.service.source_editing import add_source, change_source, source_text

TEXT = "# The harbour news.\nsource: harbour\nseeds: [http://news.example/]\n"
PATH = "/api/v1/sources/harbour/text"


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Retrieving]:
    with archive_with(tmp_path, harbour=TEXT) as made:
        yield made


def put(archive: Retrieving, text: str, **headers: str) -> tuple[int, str]:
    status, answer = archive.send_body("PUT", PATH, json.dumps({"text": text}).encode(), "application/json", **headers)
    return status, answer.decode()


def test_a_text_is_replaced_by_who_has_read_it_and_by_nobody_else(archive: Retrieving) -> None:
    _, headers, body = archive.get(PATH)
    read = json.loads(body)
    assert (read["text"], read["names"], headers["ETag"]) == (TEXT, ["harbour"], f'"{read["version"]}"')

    status, answer = put(archive, TEXT + "walk: page\n", **{"If-Match": headers["ETag"]})
    assert (status, json.loads(answer)["text"]) == (200, TEXT + "walk: page\n")
    assert archive.service.sources.get("harbour").walk == "page"

    for etag, refused in (
        (headers["ETag"], 412),
        ("*", 412),
        (f'W/"{json.loads(answer)["version"]}"', 412),
        (None, 428),
    ):
        status, told = put(archive, TEXT, **({"If-Match": etag} if etag else {}))
        assert status == refused, told
    assert source_text(archive.service, "harbour").text == TEXT + "walk: page\n"


def test_an_invalid_text_and_an_unknown_source_are_refused(archive: Retrieving) -> None:
    etag = archive.get(PATH)[1]["ETag"]
    assert put(archive, TEXT + "walk: moon\n", **{"If-Match": etag})[0] == 422
    assert put(archive, TEXT.replace("harbour\n", "port\n"), **{"If-Match": etag})[0] == 422
    assert archive.get("/api/v1/sources/port/text")[0] == 404
    assert source_text(archive.service, "harbour").text == TEXT


def test_a_curator_neither_reads_nor_replaces_values_that_may_be_secret(archive: Retrieving) -> None:
    etag = archive.get(PATH)[1]["ETag"]
    curator, admin = (
        {"Authorization": f"Bearer {archive.service.access.add_token(role.value, role)[1]}"}
        for role in (Role.CURATE, Role.ADMIN)
    )
    assert put(archive, TEXT + "cookies: {session: S3CRETVALUE}\n", **{"If-Match": etag}, **admin)[0] == 200

    assert archive.get(PATH, **admin)[0] == 200
    status, _, told = archive.get(PATH, **curator)
    assert (status, b"S3CRETVALUE" in told) == (403, False)
    assert put(archive, TEXT, **{"If-Match": etag}, **curator)[0] == 403


def test_a_curator_writes_no_values_that_may_be_secret_and_an_invalid_text_is_still_named_as_that(
    archive: Retrieving,
) -> None:
    etag = {"If-Match": archive.get(PATH)[1]["ETag"]}
    curator = {"Authorization": f"Bearer {archive.service.access.add_token('curator', Role.CURATE)[1]}"}
    assert put(archive, TEXT + "cookies: {session: S3CRETVALUE}\n", **etag, **curator)[0] == 403
    assert source_text(archive.service, "harbour").text == TEXT
    assert put(archive, TEXT + "walk: moon\n", **etag, **curator)[0] == 422
    assert put(archive, TEXT + "walk: page\n", **etag, **curator)[0] == 200


def test_a_new_text_is_refused_as_too_late_before_it_is_refused_as_invalid(archive: Retrieving) -> None:
    for text in (TEXT.replace("harbour\n", "port\n"), TEXT + "walk: moon\n"):
        assert put(archive, text, **{"If-Match": '"0"'})[0] == 412


def test_the_answer_to_a_change_has_the_text_that_was_written_and_its_version(archive: Retrieving) -> None:
    sent = (TEXT + "walk: page\n").replace("\n", "\r\n")
    body = json.dumps({"text": sent}).encode()
    etag = archive.get(PATH)[1]["ETag"]
    status, answer = archive.send_body("PUT", PATH, body, "application/json", **{"If-Match": etag})
    assert (status, json.loads(answer)) == (200, json.loads(archive.get(PATH)[2]))
    assert json.loads(answer)["text"] == TEXT + "walk: page\n"
    assert (archive.service.sources.directory / "harbour.yaml").read_bytes().count(b"\r") == 0


@pytest.mark.postgresql
def test_a_text_that_another_machine_replaced_is_named_with_who_and_when(
    tmp_path: Path, postgresql: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with postgresql.database(EMPTY) as url:
        monkeypatch.setenv("PRESSMARK_DATABASE", url)
        with open_pressmark(load_settings({"home": tmp_path / "home"})) as service, served(service) as at:
            archive = Retrieving(at, service, [])
            add_source(service, TEXT, "user ann")
            etag = archive.get(PATH)[1]["ETag"]
            change_source(service, "harbour", TEXT + "walk: page\n", etag.strip('"'), "user ann")
            status, told = put(archive, TEXT, **{"If-Match": etag})
    assert status == 412
    assert "version 2, written by user ann at 20" in told
